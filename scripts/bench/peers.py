"""Values a second beside generators of others, in turn on one machine, as medians of ratios.

A value is one column of one row. TPC-H is written with our codec, ZSTD(1), and with its own default. Every contestant runs in a
process of its own; its time is that of the whole process, but for ours, where it is that of making units: all of a dataset (the
judge's time is in the other table), or those of the events once their households and people are written. The row generators
make rows in Python and write nothing. DupeHell's figure is for its own schema at its own noise.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import family
import pyarrow.parquet as pq

HERE = Path(__file__).parent
ROWS_OF_PYTHON = 20_000
EVENTS = "content_engagements"
LINEITEM_PER_SCALE = 6_001_215


@dataclass(frozen=True)
class Run:
    """What one contestant made, and at which cost."""

    rows: int
    values: int
    seconds: float
    peak_bytes: int

    @property
    def values_per_second(self) -> float:
        """Columns of rows a second."""
        return self.values / self.seconds

    @property
    def rows_per_second(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


Contestant = Callable[[int, Path], Run]


def whole_dataset(households: int, folder: Path) -> Run:
    """Every table of the standard preset, without a judge."""
    answer, _, peak = family.answered([sys.executable, str(HERE / "making.py"), str(households), str(folder)])
    return Run(*_written(folder), json.loads(answer)["seconds"], peak)


def dataset(households: int, folder: Path, *settings: str) -> Run:
    """The standard preset with settings; its judge's time is not in it."""
    words = ["-m", "generation", "generate", "--preset", "standard", "--households", str(households), "--json"]
    answer, _, peak = family.answered([sys.executable, *words, *settings, "--output", str(folder / "dataset")])
    manifest = json.loads(answer)
    rows, values = _written(folder / "dataset")
    return Run(rows, values, manifest["seconds"]["generate"] + manifest["seconds"]["commit"], peak)


def events(households: int, folder: Path) -> Run:
    """The table content_engagements, of people who are there."""
    words = [sys.executable, str(HERE / "making.py"), str(households), str(folder), EVENTS]
    answer, _, peak = family.answered(words)
    return Run(*_written(folder / EVENTS), json.loads(answer)["seconds"], peak)


def lineitem(codec: str) -> Contestant:
    """The largest table of TPC-H by the Rust generator, with about as many rows as `events` has."""

    def run(households: int, folder: Path) -> Run:
        scale = max(1, round(households * 49 / LINEITEM_PER_SCALE))
        words = ["parquet", "-s", str(scale), "--tables=lineitem", f"--compression={codec}", f"--output-dir={folder}"]
        _, seconds, peak = family.answered([str(Path(sys.executable).parent / "tpchgen-cli"), *words])
        return Run(*_written(folder), seconds, peak)

    return run


def by_row(library: str) -> Contestant:
    """People, one after the other, by a library that makes rows in Python."""

    def run(households: int, folder: Path) -> Run:
        answer, _, peak = family.answered([sys.executable, str(HERE / "rows.py"), library, str(ROWS_OF_PYTHON)])
        made = json.loads(answer)
        return Run(made["rows"], made["values"], made["seconds"], peak)

    return run


def dupehell(households: int, folder: Path) -> Run:
    """Records for linkage with their truth, as many as there are people."""
    given = f"domain='kyc', size={round(households * 2.4)}, seed=42, output_dir={str(folder)!r}"
    code = f"from dupehell import generate; generate({given})"
    _, seconds, peak = family.answered([sys.executable, "-c", code])
    return Run(*_written(folder), seconds, peak)


CONTESTANTS: dict[str, tuple[str | None, Contestant]] = {
    "ours: whole dataset": (None, whole_dataset),
    "ours: events table": (None, events),
    "tpchgen-cli: lineitem": ("tpchgen-cli", lineitem("ZSTD(1)")),
    "tpchgen-cli: lineitem, Snappy": ("tpchgen-cli", lineitem("SNAPPY")),
    "Mimesis: rows of people": ("mimesis", by_row("mimesis")),
    "Faker: rows of people": ("faker", by_row("faker")),
    "DupeHell: kyc": ("dupehell", dupehell),
}
RATIOS = (
    ("ours: whole dataset", "tpchgen-cli: lineitem", "values"),
    ("ours: events table", "tpchgen-cli: lineitem", "values"),
    ("ours: whole dataset", "tpchgen-cli: lineitem, Snappy", "values"),
    ("ours: events table", "tpchgen-cli: lineitem, Snappy", "values"),
    ("ours: events table", "Mimesis: rows of people", "rows"),
    ("ours: events table", "Faker: rows of people", "rows"),
    ("ours: whole dataset", "DupeHell: kyc", "values"),
)


def compared(households: int, pairs: int) -> list[dict[str, Run]]:
    """Rounds in which everybody runs once."""
    missing = [package for package, _ in CONTESTANTS.values() if package and not _installed(package)]
    if missing:
        raise SystemExit(f"{', '.join(missing)} is not installed; run `make bench`, or pip install -e '.[bench]'")
    return [{name: alone(run, households) for name, (_, run) in CONTESTANTS.items()} for _ in range(pairs)]


def alone(run: Contestant, households: int) -> Run:
    """A run in a folder that goes with it."""
    with tempfile.TemporaryDirectory() as folder:
        return run(households, Path(folder))


def _installed(package: str) -> bool:
    try:
        return bool(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False


def _written(folder: Path) -> tuple[int, int]:
    """Rows of the Parquet files below a folder, and rows times leaf columns."""
    files = [path for path in folder.rglob("*.parquet") if "_delta_log" not in path.parts]
    made = [pq.ParquetFile(path).metadata for path in files]
    return sum(one.num_rows for one in made), sum(one.num_rows * one.num_columns for one in made)


def table(rounds: list[dict[str, Run]]) -> str:
    """Medians of the contestants, and medians of the ratios of each round."""
    lines = [
        "| contestant | version | rows | million values/s | rows/s | seconds | peak GB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (package, _) in CONTESTANTS.items():
        runs = [one[name] for one in rounds]
        speed, pace, took = (
            statistics.median(values)
            for values in zip(*((r.values_per_second, r.rows_per_second, r.seconds) for r in runs), strict=True)
        )
        version = metadata.version(package or "idgraph-generator")
        peak = max(run.peak_bytes for run in runs) / 1e9
        lines.append(
            f"| {name} | {version} | {runs[0].rows:,} | {speed / 1e6:.2f} | {pace:,.0f} | {took:.1f} | {peak:.2f} |"
        )
    lines += ["", f"| ratio (median of {len(rounds)} rounds) | of | value |", "|---|---|---|"]
    for ours, other, what in RATIOS:
        ratios = [
            getattr(one[ours], f"{what}_per_second") / getattr(one[other], f"{what}_per_second") for one in rounds
        ]
        lines.append(f"| {ours} beside {other} | {what}/s | {statistics.median(ratios):.3g} × |")
    return "\n".join(lines)
