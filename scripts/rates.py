"""Measures what runs of the embedded engine take on this machine, and prints `generation/spec/rates.py`.

    python scripts/rates.py [--write] [--repeats 1] [--households 40000]

Five runs, each in a process of its own: two of a few hundred households, for what a unit of work takes however small it is, one
of a single large unit and one of two side by side, and one with every table there is. What making a table takes is counted in
seconds of a core, so that work of others matters less; phases that read are taken by the clock, so let nothing else run beside.
With `--repeats` each is run more often, and the quickest counts. Prints to stderr how much of the cores others had.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.family import core_seconds, watched

from generation.spec.calibration import task_seconds
from generation.spec.catalog import EVERY, TABLE_BY_NAME
from generation.spec.config import Config
from generation.spec.estimate import ALWAYS
from generation.spec.files import with_setting
from generation.spec.problems import validated

RATES = Path(__file__).parents[1] / "generation" / "spec" / "rates.py"
CORES = 2
TINY = 100
"""Households of a unit that is all planning."""
EVERYTHING = (
    "campaigns.measurement.enabled=true", "campaigns.attribution.enabled=true", "campaigns.delivery.enabled=true",
    "demographics.sources.enabled=true", "demographics.graph.enabled=true",
)  # fmt: skip
AFTER_JUDGING = "after judging"
PHASES = {"JUDGING": "verify", "FINGERPRINTING": "fingerprint", "REPORTING": "report"}


@dataclass(frozen=True)
class Step:
    """A unit of a table: its rows, and seconds by the clock and of cores since the step before."""

    table: str
    rows: int
    clock: float
    work: float


@dataclass(frozen=True)
class Trace:
    """A finished run: its units, seconds by phase, rows and bytes by table, and seconds from its process's start to its end.

    `quiet` has the seconds that a phase takes at most with nothing beside it: a core is then busy all the time, so they are no
    more than the seconds that cores worked. `others` is the share of the cores that other processes had.
    """

    steps: tuple[Step, ...]
    seconds: Mapping[str, float]
    quiet: Mapping[str, float]
    rows: Mapping[str, int]
    bytes: Mapping[str, int]
    peak_bytes: int
    whole: float
    others: float

    def work(self, table: str) -> list[float]:
        """Seconds of cores of a table's units."""
        return [step.work for step in self.steps if step.table == table]


# --- one run, in a process of its own -------------------------------------------------------------------------------------


def traced(config: Config, folder: Path, lanes: int) -> dict[str, Any]:
    """Makes a dataset, and tells what each unit took. Units are told apart only where one lane makes them."""
    from generation import run as running

    running.UNITS_AT_A_TIME = lanes
    steps: list[tuple[str, int, float, float]] = []
    rows: dict[str, int] = {}
    work: dict[str, float] = {}
    last = [time.monotonic(), core_seconds()]

    def note(progress: Any) -> None:
        new = {table.name: table.rows for table in progress.tables}
        now = time.monotonic(), core_seconds()
        changed = [name for name, count in new.items() if count != rows.get(name, 0)]
        phase = AFTER_JUDGING if progress.phase == "done" else progress.phase
        work[phase] = work.get(phase, 0.0) + now[1] - last[1]
        if progress.phase == "generate" and len(changed) == 1:
            name = changed[0]
            steps.append((name, new[name] - rows.get(name, 0), now[0] - last[0], now[1] - last[1]))
        rows.update(new)
        last[:] = now

    running.prepare(folder, config)
    with watched() as held:
        manifest = running.run(folder, report=note).manifest
    return {"steps": steps, "work": work, "manifest": manifest.model_dump(), "peak_bytes": held.peak_bytes}


# --- runs -----------------------------------------------------------------------------------------------------------------


def measured(settings: tuple[str, ...], lanes: int, repeats: int) -> Trace:
    """The quickest of several runs of the same settings."""
    return min((_measured(settings, lanes) for _ in range(repeats)), key=lambda trace: trace.whole)


def _measured(settings: tuple[str, ...], lanes: int) -> Trace:
    words = [sys.executable, __file__, "--lanes", str(lanes), *(part for one in settings for part in ("--trace", one))]
    begun, busy, own = time.monotonic(), machine_seconds(), core_seconds()
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    whole = time.monotonic() - begun
    others = max(0.0, machine_seconds() - busy - (core_seconds() - own)) / (whole * CORES)
    told = json.loads(done.stdout.splitlines()[-1])
    tables = told["manifest"]["tables"]
    trace = Trace(
        tuple(Step(*step) for step in told["steps"]),
        told["manifest"]["seconds"],
        quiet(told["manifest"]["seconds"], told["work"]),
        {name: table["rows"] for name, table in tables.items()},
        {name: table["bytes"] for name, table in tables.items()},
        told["peak_bytes"],
        whole,
        others,
    )
    seconds = ", ".join(f"{phase} {taken:.1f}" for phase, taken in trace.seconds.items())
    print(
        f"{' '.join(settings[:2])} ({lanes} lanes, {len(tables)} tables): {whole:.1f} s ({seconds}), "
        f"peak {trace.peak_bytes / 1e9:.2f} GB, others had {others:.0%} of the cores",
        file=sys.stderr,
    )
    return trace


def quiet(seconds: Mapping[str, float], work: Mapping[str, float]) -> dict[str, float]:
    """Seconds by phase, and at most those that cores worked. What comes after judging is told apart by the clock alone."""
    parts = {"generate": ("generate",), "verify": ("verify",), AFTER_JUDGING: ("fingerprint", "report")}
    least = {name: taken for name, taken in seconds.items() if name == "commit"}
    for whole, names in parts.items():
        clock = sum(seconds.get(name, 0.0) for name in names)
        share = min(1.0, work.get(whole, clock) / clock) if clock else 1.0
        least |= {name: share * seconds[name] for name in names if name in seconds}
    return least


def machine_seconds() -> float:
    """Seconds that cores of this machine have worked for anybody; 0 where the system does not tell."""
    try:
        user, nice, system = map(int, Path("/proc/stat").read_text().split()[1:4])
    except (OSError, ValueError):
        return 0.0
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Runs:
    """Few households and many, with the tables that are always there and with every table; two units side by side."""

    tiny: Trace
    tiny_everything: Trace
    unit: Trace
    pair: Trace
    everything: Trace


def runs(households: int, repeats: int) -> Runs:
    """The five runs."""

    def sized(count: int, unit: int) -> tuple[str, ...]:
        return f"households.count={count}", f"output.unit_households={unit}"

    fewer = households // 3
    return Runs(
        measured(sized(3 * TINY, TINY), 1, repeats),
        measured((*sized(2 * TINY, TINY), *EVERYTHING), 1, repeats),
        measured(sized(households, households), 1, repeats),
        measured(sized(2 * households, households), 2, repeats),
        measured((*sized(fewer, fewer), *EVERYTHING), 1, repeats),
    )


# --- figures --------------------------------------------------------------------------------------------------------------


def figures(made: Runs) -> dict[str, Any]:
    """The constants of `generation/spec/rates.py`, by name."""
    unit_seconds = {table.name: _unit_seconds(made, table.name) for table in EVERY}
    rates = {table.name: _rate(made, table.name, unit_seconds[table.name]) for table in EVERY}
    alone = _work(made.unit, unit_seconds, rates, units=1)
    start = _start(made, unit_seconds)
    together = _work(made.pair, unit_seconds, rates, units=2)
    return {
        "BYTES_PER_ROW": {table.name: _bytes_per_row(made, table.name) for table in EVERY},
        "ROWS_PER_SECOND": rates,
        "UNIT_SECONDS": unit_seconds,
        "BUSY_ALONE": min(1.0, alone / (CORES * max(1e-3, _making(made.unit) - start))),
        "BUSY_TOGETHER": min(1.0, together / (CORES * max(1e-3, _making(made.pair) - start))),
        "PROCESS_SECONDS": min(
            trace.whole - sum(trace.seconds.values()) for trace in (made.unit, made.pair, made.tiny)
        ),
        "START_SECONDS": start,
        **{name: _reading(made, phase) for name, phase in PHASES.items()},
    }


def _making(trace: Trace) -> float:
    return trace.quiet["generate"] + trace.quiet.get("commit", 0.0)


def _small(made: Runs, name: str) -> Trace:
    return made.tiny if name in ALWAYS else made.tiny_everything


def _large(made: Runs, name: str) -> Trace:
    return made.unit if name in ALWAYS else made.everything


def _unit_seconds(made: Runs, name: str) -> float:
    """Of small units the quickest, for the first one also makes lookups; whole tables have no others."""
    if TABLE_BY_NAME[name].axis == "whole":
        return 0.0
    return min(_small(made, name).work(name), default=0.0)


def _rate(made: Runs, name: str, unit_seconds: float) -> float:
    """Rows a second of two cores, beyond what any unit takes. A table whose work cannot be seen beside that counts as quick."""
    trace = _large(made, name)
    first = _small(made, name).work(name)
    once = max(0.0, first[0] - unit_seconds) if first and TABLE_BY_NAME[name].axis == "households" else 0.0
    work = sum(trace.work(name)) - unit_seconds - once
    rows = trace.rows[name]
    return rows / (max(work, 0.05 * unit_seconds, 1e-3) / CORES)


def _work(trace: Trace, unit_seconds: Mapping[str, float], rates: Mapping[str, float], units: int) -> float:
    """Seconds of cores that the figures give for a run."""
    planned = sum(
        unit_seconds[name] * (units if TABLE_BY_NAME[name].axis == "households" else 1) for name in trace.rows
    )
    return planned + sum(CORES * rows / rates[name] for name, rows in trace.rows.items())


def _start(made: Runs, unit_seconds: Mapping[str, float]) -> float:
    """What is left of making few households without their units, whose planning has one core; whole tables are made of rows."""
    whole = sum(step.work for step in made.tiny.steps[1:] if TABLE_BY_NAME[step.table].axis == "whole")
    planned = sum(seconds * 3 for name, seconds in unit_seconds.items() if name in ALWAYS)
    return max(0.0, _making(made.tiny) - whole - planned)


def _bytes_per_row(made: Runs, name: str) -> float:
    trace = _large(made, name)
    return trace.bytes[name] / max(1, trace.rows[name])


def _reading(made: Runs, phase: str) -> tuple[float, float, float, float]:
    """Start, seconds a table, and rows a second of tables that are always there and of the others."""
    few, many = made.tiny.quiet[phase], made.tiny_everything.quiet[phase]
    table = max(0.0, (many - few) / (len(made.tiny_everything.rows) - len(made.tiny.rows)))
    start = max(0.0, few - table * len(made.tiny.rows))

    def per_second(rows: float, seconds: float) -> float:
        return rows / max(seconds, 0.05)

    always = per_second(_rows(made.pair, ALWAYS.__contains__), made.pair.quiet[phase] - few)
    rest = made.everything.quiet[phase] - max(few, many) - _rows(made.everything, ALWAYS.__contains__) / always
    switched = per_second(_rows(made.everything, lambda name: name not in ALWAYS), rest)
    return start, table, always, min(switched, 10 * always)


def _rows(trace: Trace, counts: Callable[[str], bool]) -> float:
    return float(sum(rows for name, rows in trace.rows.items() if counts(name)))


# --- the module -----------------------------------------------------------------------------------------------------------


def module(found: Mapping[str, Any], text: str) -> str:
    """The text of `generation/spec/rates.py` with other figures."""
    text = _with(text, "MEASURED_ON", f'"{machine()}"')
    text = _with(text, "CALIBRATION_SECONDS", _shown({name: _short(v) for name, v in task_seconds().items()}))
    for name in ("BYTES_PER_ROW", "ROWS_PER_SECOND", "UNIT_SECONDS"):
        text = _with(text, name, _wrapped(found[name]))
    busy = f"{found['BUSY_ALONE']:.2f}, {found['BUSY_TOGETHER']:.2f}"
    text = _with(text, "BUSY_ALONE, BUSY_TOGETHER", busy)
    for name in ("PROCESS_SECONDS", "START_SECONDS"):
        text = _with(text, name, f"{found[name]:.1f}")
    for name in PHASES:
        text = _with(text, name, f"Reading({', '.join(_short(value) for value in found[name])})")
    return text


def _with(text: str, name: str, value: str) -> str:
    """The text with a constant's value replaced, which ends where a line begins anew."""
    pattern = re.compile(rf"^{re.escape(name)} = .*?(?=\n(?! |\}}|\))|\Z)", re.MULTILINE | re.DOTALL)
    found, count = pattern.subn(lambda _: f"{name} = {value}", text, count=1)
    if not count:
        raise SystemExit(f"{RATES} has no {name}")
    return found


def _wrapped(values: Mapping[str, float]) -> str:
    lines, line = [], "   "
    for name, value in values.items():
        entry = f' "{name}": {_short(value)},'
        if len(line + entry) > 120:
            lines.append(line)
            line = "   "
        line += entry
    return "{\n" + "\n".join([*lines, line]) + "\n}  # fmt: skip"


def _shown(values: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"


def _short(value: float) -> str:
    """Three digits of a number that are worth writing down."""
    if value >= 1_000:
        digits = len(str(int(value))) - 3
        return f"{round(value / 10**digits) * 10**digits:_}"
    return f"{float(f'{value:.3g}'):g}" if value >= 1e-4 or not value else f"{value:.6f}"


def machine() -> str:
    """What the figures were measured on."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("pysail", "duckdb"))
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"


def main() -> None:
    """Prints the module, or writes it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write generation/spec/rates.py instead of printing it")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--households", type=int, default=40_000, help="of a large unit")
    parser.add_argument("--trace", action="append", help=argparse.SUPPRESS)
    parser.add_argument("--lanes", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.trace:
        with tempfile.TemporaryDirectory() as folder:
            values: dict[str, Any] = {"output": {"path": str(Path(folder) / "dataset")}}
            for setting in options.trace:
                values = with_setting(values, setting)
            print(json.dumps(traced(validated(values), Path(folder) / "run", options.lanes)))
        return
    text = module(figures(runs(options.households, options.repeats)), RATES.read_text(encoding="utf-8"))
    if options.write:
        RATES.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
