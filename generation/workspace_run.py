"""A run whose tables go to Unity Catalog, inside the platform's own session: made, judged, keyed and published there.

The run directory (a folder of a Volume) holds what it holds everywhere; the ledger has one entry a table. A run that was
killed at any moment is taken up by its next attempt: a table that is written carries the run's name in its history.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from generation import __version__
from generation.engine.context import Engine, Span
from generation.engine.session import session
from generation.entities.places import check_market
from generation.generate import make
from generation.run import JUDGING, MAKING, NOBODYS, REJECTED, Job, Outcome, Reporter, RunFailed, read_config, run_name
from generation.spec.catalog import EVERY, TABLE_BY_NAME, tables_of
from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.files import to_json
from generation.spec.identity import config_hash, differences
from generation.spec.manifest_table import latest_statement, manifest_row, publish_statement
from generation.spec.report import Manifest, Progress, TableManifest, TableProgress
from generation.spec.run_directory import (
    CERTIFICATE,
    MANIFEST,
    PENDING,
    PROGRESS,
    judged_manifest,
    write_bytes,
    write_json,
)
from generation.spec.sizing import plan
from generation.spec.standing import Standing, refuse, run_state
from generation.spec.table import Table
from generation.targets.unity_catalog import UnityCatalog, is_denial, sql_of
from generation.verify.session_judge import judge_session, session_fingerprint
from generation.verify.slices import Slice
from generation.verify.verdict import Verdict

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class Row:
    """The current dataset of a schema, as its table of manifests has it."""

    serial: int
    job_id: str
    text: str

    @property
    def manifest(self) -> Manifest:
        """The manifest in it; raises `InvalidConfig` for one that is not ours."""
        try:
            return Manifest.model_validate_json(self.text)
        except ValidationError as error:
            message = "output.schema_name: the schema's _manifest holds something foreign; choose another schema"
            raise refuse("/output/schema_name", message) from error


def run_in_workspace(folder: Path, *, report: Reporter = lambda progress: None, job: Job = NOBODYS) -> Outcome:
    """Runs a run directory to its published (or, for a job, judged and pending) manifest, from where an attempt stopped.

    Raises `InvalidConfig` before any work, or `RunFailed`.
    """
    config = read_config(folder)
    check_market(config)
    with session(config.output.engine) as spark, _denials(config):
        return _Run(folder, config, job, spark).finish(report)


@contextmanager
def _denials(config: Config) -> Iterator[None]:
    """A missing privilege, or a table that is somebody else's, is one sentence: trying again would meet it again."""
    try:
        yield
    except Exception as error:
        if isinstance(error, RunFailed) or not is_denial(error):
            raise
        said = str(error).splitlines()[0][:300]
        message = (
            f"{said}; ask an administrator to grant it, or choose another schema than {config.output.schema_full_name}"
        )
        raise RunFailed(message) from error


@dataclass
class _Report:
    """Progress by whole tables, told to a reporter and to `progress.json`."""

    folder: Path
    expected: dict[str, int]
    job: Job
    report: Reporter
    rows: dict[str, int] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    told: tuple[str, float] = ("", 0.0)

    def made(self, name: str, rows: int) -> None:
        """A table is written."""
        self.rows[name] = rows
        done = sum(self.expected[table] for table in self.rows) / max(1, sum(self.expected.values()))
        self.tell("generate", MAKING * min(1.0, done))

    def tell(self, phase: str, fraction: float) -> None:
        """Writes and reports where the run stands; in one phase once a second at most, for every file is a request."""
        now = time.monotonic()
        if phase == self.told[0] != "generate" and now - self.told[1] < 1:
            return
        self.told = phase, now
        seconds, rows = max(time.monotonic() - self.begun, 1e-3), sum(self.rows.values())
        progress = Progress(
            phase=phase,
            done=len(self.rows),
            total=len(self.expected),
            fraction=round(fraction, 4),
            rows=rows,
            rows_per_second=round(rows / seconds, 1),
            eta_seconds=round(seconds * (1 - fraction) / fraction, 1) if fraction > 0.02 else None,
            tables=[
                TableProgress(name=name, done=int(name in self.rows), total=1, rows=self.rows.get(name, 0))
                for name in self.expected
            ],
            job_id=self.job.id,
            attempt=self.job.attempt,
        )
        write_json(self.folder / PROGRESS, progress.model_dump())
        self.report(progress)


@dataclass
class _Run:
    """One attempt at a run."""

    folder: Path
    config: Config
    job: Job
    spark: SparkSession

    def finish(self, report: Reporter) -> Outcome:
        """Tables, keys, pending manifest, verdict, tags, publication: in this order."""
        sql = sql_of(self.spark)
        catalog, schema = self.config.output.schema_full_name.split(".")
        finder = UnityCatalog(catalog, schema, "", sql)
        start, row = self._standing(finder)
        if start is None:
            assert row is not None
            return self._unchanged(finder, row, report)
        name = run_name(self.folder, self.config, start.serial, self.job)
        if run_state(self.folder) != name:
            shutil.rmtree(self.folder / "units", ignore_errors=True)
            write_json(self.folder / "run.json", {"run": name, "generator": __version__})
        target = UnityCatalog(catalog, schema, name, sql)
        tables = tuple(table for table in tables_of(self.config) if table.axis != "whole" or not start.appends)
        watch = self._watch(tables, report)
        clock = time.monotonic()
        watch.tell("generate", 0.0)
        target.prepare_schemas(tables_of(self.config))
        if start.published is None:
            target.refuse_foreign(EVERY)
        versions = self._make(target, start, tables, watch)
        manifest = self._manifest(target, start, versions)
        return self._publish(target, manifest, {"generate": time.monotonic() - clock}, watch)

    # --- what is there ------------------------------------------------------------------------------------------------

    def _standing(self, target: UnityCatalog) -> tuple[Standing | None, Row | None]:
        """How the run begins; None when the schema holds this very dataset. Raises `InvalidConfig`."""
        row, output = current(target), self.config.output
        if row is None:
            if output.mode == "append":
                message = f"output.mode append: {output.schema_full_name} holds no published dataset; use --mode create"
                raise refuse("/output/mode", message)
            return Standing(1), None
        manifest = row.manifest
        if self.job.id and row.job_id == self.job.id:
            return None, row  # this job's own dataset, published by an attempt that could not say so
        if output.mode == "regenerate":
            return Standing(row.serial + 1, published=manifest), row
        if manifest.config_hash == config_hash(self.config):
            return None, row
        return self._other(row, manifest), row

    def _other(self, row: Row, manifest: Manifest) -> Standing:
        old, output = Config.model_validate(manifest.config), self.config.output
        changed = set(differences(old, self.config))
        grows = self.config.households.count > old.households.count
        if output.mode == "append" and changed == {"households.count"} and grows:
            return Standing(row.serial + 1, old.households.count + 1, manifest)
        named = ", ".join(sorted(changed)[:4])
        if output.mode == "append":
            message = (
                f"output.mode append: only a larger households.count than {old.households.count:,} may differ from "
                f"{output.schema_full_name}, but {named} does; use --mode regenerate"
            )
        else:
            message = (
                f"output.schema_name: {output.schema_full_name} already holds another dataset (different: {named}); "
                "use --mode regenerate for a new version of it, or choose another schema"
            )
        raise refuse("/output/mode", message)

    def _unchanged(self, target: UnityCatalog, row: Row, report: Reporter) -> Outcome:
        """The dataset that is there already, judged again."""
        manifest = row.manifest
        watch = self._watch(tuple(TABLE_BY_NAME[name] for name in manifest.tables), report)
        verdict, _ = self._judge(target, manifest, watch)
        write_json(self.folder / CERTIFICATE, dataclasses.asdict(verdict))
        write_bytes(self.folder / PENDING, row.text.encode())
        return Outcome(manifest, verdict, unchanged=True)

    def _watch(self, tables: tuple[Table, ...], report: Reporter) -> _Report:
        sizes = estimate(self.config).tables
        return _Report(self.folder, {table.name: sizes[table.name].rows for table in tables}, self.job, report)

    # --- the tables ---------------------------------------------------------------------------------------------------

    def _make(
        self, target: UnityCatalog, start: Standing, tables: tuple[Table, ...], watch: _Report
    ) -> dict[str, tuple[int, int]]:
        """Version and rows of every table that this run writes."""
        engine, sizes = Engine.of(self.spark, self.config), plan(self.config).partitions
        made: dict[str, tuple[int, int]] = {}
        published = start.published.tables if start.published and start.appends else {}
        kept = {name: (entry.version, entry.rows) for name, entry in published.items()}
        for table in tables:
            entry = self._entry(table)
            if entry is None:
                target.prepare_table(table, self._properties(start))
                first = 1 if table.gathers else start.first_household
                span = Span(first, self.config.households.count, sizes.get(table.name, 1))
                parents = _Made(self.spark, target, {**kept, **made}, span)
                frame = make(engine, table.name, span, parents)
                grows = start.appends and not table.gathers
                version = target.write(table, frame, "append" if grows else "overwrite")
                entry = version, target.count(table, version)
                self._record(table, *entry)
            made[table.name] = entry
            watch.made(table.name, entry[1])
        return made

    def _ledger(self, table: Table) -> Path:
        return self.folder / "units" / table.name / "whole.json"

    def _entry(self, table: Table) -> tuple[int, int] | None:
        try:
            entry = json.loads(self._ledger(table).read_text(encoding="utf-8"))
            return int(entry["version"]), int(entry["rows"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _record(self, table: Table, version: int, rows: int) -> None:
        write_json(self._ledger(table), {"version": version, "rows": rows})

    def _properties(self, start: Standing) -> dict[str, str]:
        return {
            "idgraph.config_hash": config_hash(self.config),
            "idgraph.seed": str(self.config.output.seed),
            "idgraph.version": __version__,
            "idgraph.serial": str(start.serial),
        }

    def _manifest(self, target: UnityCatalog, start: Standing, versions: dict[str, tuple[int, int]]) -> Manifest:
        kept = start.published.tables if start.published and start.appends else {}
        entries = {
            table.name: kept[table.name]
            if table.name not in versions
            else TableManifest(
                rows=versions[table.name][1],
                bytes=target.bytes(table),
                version=versions[table.name][0],
                location=target.name(table),
            )
            for table in tables_of(self.config)
        }
        return Manifest(
            generator=__version__,
            config_hash=config_hash(self.config),
            config=json.loads(to_json(self.config)),
            engine=self.config.output.engine,
            serial=start.serial,
            tables=entries,
            seconds={},
        )

    # --- verdict and publication --------------------------------------------------------------------------------------

    def _judge(self, target: UnityCatalog, manifest: Manifest, watch: _Report) -> tuple[Verdict, dict[str, str]]:
        """The verdict on the versions of a manifest, and their fingerprints."""
        frames = {
            TABLE_BY_NAME[name]: target.rows(self.spark, TABLE_BY_NAME[name], entry.version)
            for name, entry in manifest.tables.items()
        }
        promised = {name: entry.rows for name, entry in manifest.tables.items()}
        config = Config.model_validate(manifest.config)
        verdict = judge_session(
            self.spark,
            config,
            frames,
            promised,
            lambda done, total: watch.tell("verify", MAKING + 0.02 + JUDGING * done / max(total, 1)),
        )
        return verdict, {table.name: session_fingerprint(self.spark, table) for table in frames}

    def _publish(self, target: UnityCatalog, manifest: Manifest, seconds: dict[str, float], watch: _Report) -> Outcome:
        watch.tell("verify", MAKING + 0.02)
        clock = time.monotonic()
        verdict, marks = self._judge(target, manifest, watch)
        seconds["verify"] = time.monotonic() - clock
        write_json(self.folder / CERTIFICATE, dataclasses.asdict(verdict))
        if not verdict.ok:
            self._reject(verdict)
        clock = time.monotonic()
        target.declare_keys(tables_of(self.config))
        target.tag(tables_of(self.config))
        target.prepare_manifests()
        seconds["govern"] = time.monotonic() - clock
        tables = {
            name: entry.model_copy(update={"fingerprint": marks[name]}) for name, entry in manifest.tables.items()
        }
        rounded = {name: round(value, 2) for name, value in seconds.items()}
        manifest = manifest.model_copy(update={"tables": tables, "seconds": rounded})
        if not (self.folder / PENDING).exists() or not self._is_pending(manifest):
            write_json(self.folder / PENDING, manifest.model_dump())
        if self.job.publishes:
            self._publish_row(target, watch)
        return Outcome(manifest, verdict, unchanged=False)

    def _is_pending(self, manifest: Manifest) -> bool:
        """Whether an earlier attempt has judged the same dataset: seconds apart, the manifests agree."""
        try:
            pending = Manifest.model_validate_json((self.folder / PENDING).read_bytes())
        except (OSError, ValidationError):
            return False
        return pending.model_copy(update={"seconds": {}}) == manifest.model_copy(update={"seconds": {}})

    def _reject(self, verdict: Verdict) -> None:
        path = self.folder / REJECTED
        count = int(json.loads(path.read_text())["count"]) if path.exists() else 0
        write_json(path, {"count": count + 1})
        first = verdict.findings[0]
        raise RunFailed(
            f"the dataset breaks {len(verdict.findings)} rule(s), first {first.rule} on {first.table} ({first.count} rows); "
            f"nothing was published, see {self.folder / CERTIFICATE}"
        )

    def _publish_row(self, target: UnityCatalog, watch: _Report) -> None:
        data = judged_manifest(self.folder)
        target.sql(publish_statement(target.manifests, manifest_row(data, self.job.id or "")))
        write_bytes(self.folder / MANIFEST, data)
        (self.folder / PENDING).unlink(missing_ok=True)
        watch.tell("done", 1.0)


def current(target: UnityCatalog) -> Row | None:
    """The current dataset of a schema; None while nothing was published there."""
    shown = f"{target.schema}.{target.manifests.rpartition('.')[2].strip('`')}"
    if shown not in target.table_names():
        return None
    rows = target.sql(latest_statement(target.manifests))
    return Row(int(rows[0]["serial"]), str(rows[0]["job_id"]), str(rows[0]["manifest"])) if rows else None


class _Made(dict[str, "DataFrame"]):
    """Every table above, read at the version this run wrote, of the span's households, when it is asked for."""

    def __init__(
        self, spark: SparkSession, target: UnityCatalog, versions: dict[str, tuple[int, int]], span: Span
    ) -> None:
        super().__init__()
        self._spark, self._target, self._versions, self._span = spark, target, versions, span

    def __missing__(self, name: str) -> DataFrame:
        table = TABLE_BY_NAME[name]
        frame = self._target.rows(self._spark, table, self._versions[name][0])
        if self._span.first > 1:
            frame = frame.where(Slice(self._span.first, None).condition(table))
        # Small parents of large children would make them in as few tasks as they have files.
        return frame.repartition(self._span.partitions) if self._span.partitions > 2 else frame
