"""Makes datasets of different configurations and prints how far the forecast was off, as a Markdown table.

    python scripts/forecast.py [--households 20000 100000 300000] [--only WORD]

Each run is a process of its own, forecast by a calibration of this machine: what was run before does not help.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import family

from generation.spec.config import Config
from generation.spec.estimate import Estimate
from generation.spec.files import with_setting
from generation.spec.pace import forecast
from generation.spec.problems import validated

SIZES = (20_000, 100_000, 300_000)
VARIANTS: dict[str, tuple[str, ...]] = {
    "with measurement": (
        "campaigns.measurement.enabled=true", "campaigns.attribution.enabled=true", "campaigns.delivery.enabled=true",
    ),
    "with sources": ("demographics.sources.enabled=true",),
    "with the graph": ("demographics.graph.enabled=true",),
    "with three times the events": ("engagement.events_per_person_month=30",),
}  # fmt: skip
"""Beside the defaults, each at the smallest size."""


@dataclass(frozen=True)
class Made:
    """What a run was expected to make and made; seconds from the command to its end."""

    name: str
    expected: Estimate
    rows: int
    bytes: int
    seconds: float
    peak_bytes: int


def cases(sizes: list[int]) -> Iterator[tuple[str, Config]]:
    """Configurations, by what they are called: the defaults at every size, then the others at the first."""
    for count in sizes:
        yield f"{count:,} households", config_of(count)
    for name, settings in VARIANTS.items():
        yield f"{sizes[0]:,} households {name}", config_of(sizes[0], *settings)


def config_of(households: int, *settings: str) -> Config:
    """The default configuration but for some settings."""
    values: dict[str, object] = {"households": {"count": households}}
    for setting in settings:
        values = with_setting(values, setting)
    return validated(values)


def compared(name: str, config: Config) -> Made:
    """A run beside its forecast. Its dataset is removed."""
    expected = forecast(config, config.output.engine, [])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.json"
        file.write_text(config.model_dump_json())
        words = ["generate", str(file), "--output", str(Path(folder) / "dataset"), "--json"]
        answer, seconds, peak = family.answered([sys.executable, "-m", "generation", *words])
    tables = json.loads(answer)["tables"].values()
    rows, size = sum(table["rows"] for table in tables), sum(table["bytes"] for table in tables)
    return Made(name, expected, rows, size, seconds, peak)


def line(made: Made) -> str:
    """A run as a line of the table: expected, made, and how far off the forecast was."""
    pairs = (
        (made.expected.rows, made.rows, "{:,.0f}"),
        (made.expected.bytes / 1e6, made.bytes / 1e6, "{:,.0f}"),
        (made.expected.seconds, made.seconds, "{:,.1f}"),
        (made.expected.memory / 1e9, made.peak_bytes / 1e9, "{:,.2f}"),
    )
    cells = [f"{show.format(told)} → {show.format(was)} ({told / was - 1:+.1%})" for told, was, show in pairs]
    return f"| {made.name} | {' | '.join(cells)} |"


HEAD = "| forecast → made (forecast off by) | rows | MB | seconds | GB of memory |\n|---|---|---|---|---|"


def main() -> None:
    """Prints the table, line by line as runs end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--households", nargs="+", type=int, default=list(SIZES), metavar="N", help="sizes of the defaults"
    )
    parser.add_argument("--only", default="", metavar="WORD", help="cases whose name has it")
    options = parser.parse_args()
    print(HEAD, flush=True)
    basis = ""
    for name, config in cases(options.households):
        if options.only in name:
            made = compared(name, config)
            print(line(made), flush=True)
            basis = made.expected.basis
    print(f"\nTime {basis}.")


if __name__ == "__main__":
    main()
