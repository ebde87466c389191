"""The imperative shell: makes the units of a dataset, commits its tables, has them judged and publishes the manifest.

Everything a run knows is in its run directory, so that a killed run is taken up where it stopped: `config.json`,
`run.json`, `progress.json`, `units/` (the ledger), `manifest.pending.json`, `certificate.json`, `manifest.json`.
"""

from __future__ import annotations

import dataclasses
import errno
import fcntl
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from generation import __version__
from generation.engine.context import Engine
from generation.engine.session import EngineUnavailable, engine_version, session
from generation.entities.places import check_market
from generation.generate import make
from generation.lanes import side_by_side
from generation.ledger import Ledger, Unit, chains_of, turns_of, units
from generation.outcome import Busy, DiskFull, Job, Outcome, RunFailed
from generation.spec.catalog import EVERY, TABLE_BY_NAME, location, tables_of
from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.files import load, to_json
from generation.spec.identity import config_hash
from generation.spec.memory import UNITS_AT_A_TIME
from generation.spec.report import Manifest, Progress, TableManifest, TableProgress
from generation.spec.run_directory import (
    CERTIFICATE,
    CONFIG,
    MANIFEST,
    PENDING,
    PROGRESS,
    digest,
    judged_manifest,
    publish,
    write_bytes,
    write_json,
)
from generation.spec.standing import LOCK, Standing, check_room, claim_target, refuse, run_state, standing
from generation.spec.table import Table
from generation.targets.delta_path import DeltaPath, StagedFile
from generation.verify.fingerprints import fingerprints
from generation.verify.judge import verify
from generation.verify.report import write_report

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Reporter = Callable[[Progress], None]

Made = tuple[Unit, list[StagedFile]]
"""A finished unit and its files."""

NOBODYS = Job()

REJECTED = "rejected.json"

WORKINGS = "_workings"
"""In the folder of the tables: frames that several tables of a unit are made from, by run and unit, gone with its last one."""

HOUSEHOLDS_AN_ENGINE = 2_000_000
"""About as many are made by one embedded engine: enough for its start not to count, few enough for its memory."""

MAKING, JUDGING = 0.85, 0.10
"""Shares of the progress bar for making units and for judging; the rest is committing and fingerprints."""


@dataclass
class Watch:
    """Progress of a run, told to a reporter and to `progress.json`."""

    folder: Path
    expected: dict[str, int]
    totals: dict[str, int]
    report: Reporter
    job: Job
    begun: float = field(default_factory=time.monotonic)
    done: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    fresh_rows: int = 0

    def unit(self, unit: Unit, files: list[StagedFile], *, fresh: bool) -> None:
        """A unit is finished; `fresh` if this attempt made it."""
        name, rows = unit.table.name, sum(file.rows for file in files)
        self.done[name] = self.done.get(name, 0) + 1
        self.rows[name] = self.rows.get(name, 0) + rows
        self.fresh_rows += rows if fresh else 0
        self.tell("generate", MAKING * self._made())

    def _made(self) -> float:
        expected = sum(self.expected.values()) or 1
        parts = (self.expected[name] * self.done.get(name, 0) / max(total, 1) for name, total in self.totals.items())
        return min(1.0, sum(parts) / expected)

    def tell(self, phase: str, fraction: float) -> None:
        """Write and report where the run stands."""
        seconds = max(time.monotonic() - self.begun, 1e-3)
        left = seconds * (1 - fraction) / fraction if fraction > 0.02 and self.fresh_rows else None
        tables = [
            TableProgress(name=name, done=self.done.get(name, 0), total=total, rows=self.rows.get(name, 0))
            for name, total in self.totals.items()
        ]
        progress = Progress(
            phase=phase,
            done=sum(self.done.values()),
            total=sum(self.totals.values()),
            fraction=round(fraction, 4),
            rows=sum(self.rows.values()),
            rows_per_second=round(self.fresh_rows / seconds, 1),
            eta_seconds=None if left is None else round(left, 1),
            tables=tables,
            job_id=self.job.id,
            attempt=self.job.attempt,
        )
        write_json(self.folder / PROGRESS, progress.model_dump())
        self.report(progress)


def prepare(folder: Path, config: Config) -> None:
    """Writes the run directory's `config.json`, unless the target forbids the run (`InvalidConfig`)."""
    root = _root(config)
    check_room(root, config)
    standing(folder, config, resumable=_is_resumable(folder, config))
    if _is_finished(folder, root):
        # A finished run lies here; this is another one.
        for old in (MANIFEST, "run.json"):
            (folder / old).unlink(missing_ok=True)
    write_json(folder / CONFIG, json.loads(to_json(config)))


def run(folder: Path, *, report: Reporter = lambda progress: None, job: Job = NOBODYS) -> Outcome:
    """Runs a run directory to its published (or, for a job, judged and pending) manifest, from where an attempt stopped.

    Raises `InvalidConfig` before any work, `EngineUnavailable`, or `RunFailed`.
    """
    config = read_config(folder)
    check_market(config)
    root = _root(config)
    check_room(root, config)
    with _lock(folder / LOCK), _disk_errors(root, config):
        start = (
            None if _is_finished(folder, root) else standing(folder, config, resumable=_is_resumable(folder, config))
        )
        if start is None:
            return _unchanged(folder, root, job)
        root.mkdir(parents=True, exist_ok=True)
        with _lock(root / LOCK):
            claim_target(root, folder, EVERY)
            return Making(folder, root, config, start, job).finish(report)


def _root(config: Config) -> Path:
    if config.output.path is None:
        raise refuse("/output/path", "output.path is missing; give the folder the tables go to")
    return Path(config.output.path)


def read_config(folder: Path) -> Config:
    """The configuration of a run directory; raises `InvalidConfig`."""
    path = folder / CONFIG
    try:
        return load(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise refuse("", f"{path}: {reason}; give a run directory with a config.json") from error


def run_name(folder: Path, config: Config, serial: int, job: Job) -> str:
    """Serial, configuration and job; after a verdict against what was made, another name, so that all is made anew."""
    marks = [f"v{serial:04d}", config_hash(config)[:12]]
    marks += [job.id.replace("-", "")[:12]] if job.id else []
    marks += [str(_rejections(folder))] if _rejections(folder) else []
    return "-".join(marks)


def _rejections(folder: Path) -> int:
    """How often this run directory's datasets were judged to break a rule."""
    try:
        return int(json.loads((folder / REJECTED).read_text(encoding="utf-8"))["count"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _is_resumable(folder: Path, config: Config) -> bool:
    state = run_state(folder)
    return state is not None and config_hash(config)[:12] in state


def _is_finished(folder: Path, root: Path) -> bool:
    """Whether this run directory's run is what the folder has published: running it again changes nothing."""
    try:
        return (folder / MANIFEST).read_bytes() == (root / MANIFEST).read_bytes()
    except OSError:
        return False


def _unchanged(folder: Path, root: Path, job: Job) -> Outcome:
    """The dataset that is there already, judged again; a job gets it as its product."""
    data = (root / MANIFEST).read_bytes()
    verdict = verify(root)
    if job.id:
        write_json(folder / CERTIFICATE, dataclasses.asdict(verdict))
        write_report(folder, root, json.loads(data), verdict)
        write_bytes(folder / PENDING, data)
    return Outcome(Manifest.model_validate_json(data), verdict, unchanged=True)


@dataclass
class Making:
    """One attempt to finish a run."""

    folder: Path
    root: Path
    config: Config
    start: Standing
    job: Job
    resumed: bool = False

    def finish(self, report: Reporter) -> Outcome:
        """Units, commits, pending manifest, verdict, certificate, publication: in this order."""
        name = run_name(self.folder, self.config, self.start.serial, self.job)
        if run_state(self.folder) != name:
            shutil.rmtree(self.folder / "units", ignore_errors=True)
            write_json(self.folder / "run.json", {"run": name, "generator": __version__})
        target = DeltaPath(self.root, name)
        plan = self.plan()
        watch = self.watch(plan, report)
        clock = time.monotonic()
        staged = self.stage(plan, target, watch)
        seconds = {"generate": time.monotonic() - clock}
        clock = time.monotonic()
        manifest = self._commit(target, staged, watch)
        seconds["commit"] = time.monotonic() - clock
        return self._publish(manifest, seconds, watch)

    def plan(self) -> list[Unit]:
        """All units, in an order in which they can be made."""
        return list(units(self.config, self._tables(), self.start.first_household))

    def _tables(self) -> tuple[Table, ...]:
        """The tables this run makes: appending leaves those that do not grow with the households."""
        return tuple(table for table in tables_of(self.config) if table.axis != "whole" or not self.start.appends)

    def watch(self, plan: list[Unit], report: Reporter) -> Watch:
        """Progress of the plan's units."""
        totals: dict[str, int] = {}
        for unit in plan:
            totals[unit.table.name] = totals.get(unit.table.name, 0) + 1
        sizes = estimate(self.config).tables
        return Watch(self.folder, {name: sizes[name].rows for name in totals}, totals, report, self.job)

    def stage(self, plan: list[Unit], target: DeltaPath, watch: Watch) -> dict[str, list[StagedFile]]:
        """The staged files of every table; only unfinished units need an engine."""
        ledger, staged = Ledger(self.folder / "units"), {table.name: [] for table in self._tables()}
        missing: list[Unit] = []
        for unit in plan:
            files = ledger.finished(unit, target)
            if files is None:
                missing.append(unit)
            else:
                staged[unit.table.name] += files
                watch.unit(unit, files, fresh=False)
        self.resumed = len(missing) < len(plan)
        for unit, files in self._make(missing, target):
            ledger.record(unit, files)
            staged[unit.table.name] += files
            watch.unit(unit, files, fresh=True)
        shutil.rmtree(self.root / WORKINGS, ignore_errors=True)
        return staged

    def _make(self, missing: list[Unit], target: DeltaPath) -> Iterator[Made]:
        """The missing units as they are finished: ranges of households side by side, what is whole before and after.

        The embedded engine's memory falls to pieces with use, so that after some ranges a fresh one takes over.
        """
        output = self.config.output
        most = HOUSEHOLDS_AN_ENGINE // output.unit_households if output.engine == "embedded" else len(missing)
        for turn in turns_of(chains_of(missing), max(1, most)):
            with session(output.engine) as spark:
                engine = Engine.of(spark, self.config, self.root / WORKINGS / target.run)
                for chains in turn:
                    steps = [self._steps(engine.within(chain[0].name), chain, target) for chain in chains]
                    yield from side_by_side(steps, UNITS_AT_A_TIME)

    def _steps(self, engine: Engine, chain: list[Unit], target: DeltaPath) -> list[Callable[[], Made]]:
        """The units of a chain one by one; what was kept for them goes with the last."""
        *first, last = (partial(self._made, engine, unit, target) for unit in chain)

        def end() -> Made:
            made = last()
            engine.forget()
            return made

        return [*first, end]

    def _made(self, engine: Engine, unit: Unit, target: DeltaPath) -> Made:
        above = _Staged(engine.spark, target, unit, self.start.appends)
        return unit, target.stage(unit.table, unit.name, make(engine, unit.table.name, unit.span, above))

    def _commit(self, target: DeltaPath, staged: dict[str, list[StagedFile]], watch: Watch) -> Manifest:
        """One Delta version a table, then the pending manifest that names them all."""
        watch.tell("commit", MAKING)
        entries: dict[str, TableManifest] = {}
        for table in tables_of(self.config):
            grows = self.start.appends and not table.gathers
            old = self.start.published.tables.get(table.name) if self.start.published and grows else None
            files = staged.get(table.name)
            if files is None and old is not None:
                entries[table.name] = old
                continue
            version = target.commit(table, files or [], append=grows)
            entries[table.name] = TableManifest(
                rows=sum(file.rows for file in files or []) + (old.rows if old else 0),
                bytes=sum(file.bytes for file in files or []) + (old.bytes if old else 0),
                version=version,
                location=location(table),
            )
        return Manifest(
            generator=__version__,
            config_hash=config_hash(self.config),
            config=json.loads(to_json(self.config)),
            engine=self.config.output.engine,
            engine_version=engine_version(self.config.output.engine),
            serial=self.start.serial,
            tables=entries,
            seconds={},
            resumed=self.resumed,
        )

    def _publish(self, manifest: Manifest, seconds: dict[str, float], watch: Watch) -> Outcome:
        """Judge the committed versions; only a clean verdict publishes them."""
        pending = self.folder / PENDING
        write_json(pending, manifest.model_dump())
        clock = time.monotonic()
        at = MAKING + 0.02
        verdict = verify(
            self.root,
            manifest.model_dump(),
            on_progress=lambda done, total, what: watch.tell("verify", at + JUDGING * done / max(total, 1)),
        )
        seconds["verify"] = time.monotonic() - clock
        write_json(self.folder / CERTIFICATE, dataclasses.asdict(verdict))
        if not verdict.ok:
            write_report(self.folder, self.root, manifest.model_dump(), verdict)
            write_json(self.folder / REJECTED, {"count": _rejections(self.folder) + 1})
            first = verdict.findings[0]
            raise RunFailed(
                f"the dataset breaks {len(verdict.findings)} rule(s), first {first.rule} on {first.table} ({first.count} rows); "
                f"nothing was published, see {self.folder / 'certificate.json'}"
            )
        clock = time.monotonic()
        marks = fingerprints(self.root, manifest.model_dump())
        seconds["fingerprint"] = time.monotonic() - clock
        tables = {
            name: entry.model_copy(update={"fingerprint": marks[name]["fingerprint"]})
            for name, entry in manifest.tables.items()
        }
        clock = time.monotonic()
        write_report(self.folder, self.root, manifest.model_copy(update={"tables": tables}).model_dump(), verdict)
        seconds["report"] = time.monotonic() - clock
        manifest = manifest.model_copy(
            update={"tables": tables, "seconds": {name: round(value, 2) for name, value in seconds.items()}}
        )
        write_json(pending, manifest.model_dump())
        if self.job.publishes:
            publish(self.folder, self.root, digest(judged_manifest(self.folder)))
            watch.tell("done", 1.0)
        return Outcome(manifest, verdict, unchanged=False)


class _Staged(dict[str, "DataFrame"]):
    """The unit's range of every table above, read from what was staged when it is asked for."""

    def __init__(self, spark: SparkSession, target: DeltaPath, unit: Unit, appends: bool) -> None:
        super().__init__()
        self._spark, self._target, self._unit, self._appends = spark, target, unit, appends

    def __missing__(self, name: str) -> DataFrame:
        table = TABLE_BY_NAME[name]
        if self._unit.table.gathers:
            self[name] = self._target.whole_frame(self._spark, table, appends=self._appends)
        else:
            self[name] = self._target.staged_frame(self._spark, table, self._unit.name)
        return self[name]


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Holds a file's lock, or refuses when another process does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(f"{path.parent} is in use by another run; wait for it to end, or stop it") from error
        yield


@contextmanager
def _disk_errors(root: Path, config: Config) -> Iterator[None]:
    """Turns a full disk, whichever layer met it, into one sentence; other errors of the engine keep theirs."""
    try:
        yield
    except Exception as error:
        text = str(error)
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        if full or "No space left on device" in text or "os error 28" in text:
            raise DiskFull(
                f"the disk of {root} is full: the dataset needs about {estimate(config).bytes / 1e9:,.1f} GB, "
                f"{shutil.disk_usage(root).free / 1e9:,.2f} GB are free; free space and run again, finished units are kept"
            ) from error
        raise


__all__ = ["EngineUnavailable", "Outcome", "RunFailed", "prepare", "run"]
