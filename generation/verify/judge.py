"""The judge: a verdict on one dataset, from its manifest and its files alone."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from generation.spec.problems import InvalidConfig, Problem
from generation.verify.bench import Room, Tally, apply, bench, forget, gather, lay_out, relate, run, spread
from generation.verify.bindings import bindings
from generation.verify.catalogue_rules import catalogue_rules
from generation.verify.dataset import Dataset, open_dataset
from generation.verify.rule import Rulebook, read_rulebook
from generation.verify.schema import schema_finding
from generation.verify.slices import Slice, in_step, slices
from generation.verify.verdict import Finding, Unverifiable, Verdict

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and what was just judged."""

DEFAULT_ROOM = Room()

ROWS_RULE = "row_count"

LANES = 2
"""Slices that are judged side by side."""

GATHERED_AT_A_TIME = 12_000_000
"""Identifiers of one part of what was gathered: a few hundred megabytes when grouped by their hashes."""


def verify(
    root: Path,
    manifest: dict[str, Any] | None = None,
    *,
    only: Collection[str] = (),
    threads: int = 0,
    on_progress: Progress = lambda done, total, what: None,
    room: Room = DEFAULT_ROOM,
) -> Verdict:
    """The verdict on the dataset below `root`, at the versions of `manifest` (default: its published manifest).

    `only` names the rules to apply (default: all of them); `InvalidConfig` for one that the dataset's rulebook does not have.
    Raises `Unverifiable` when the dataset cannot be read; a dataset is good only when a verdict with `ok` came back.
    `threads` 0 means all cores.
    """
    dataset = open_dataset(Path(root), manifest)
    misfits = tuple(finding for stored in dataset.tables if (finding := schema_finding(stored)))
    if misfits and not dataset.is_ours:
        names = ", ".join(f"{finding.table} ({', '.join(finding.samples)})" for finding in misfits)
        what = f"the dataset was made by another version, with other columns in {names}"
        raise Unverifiable(what, "verify with the version that its manifest names, or regenerate it")
    if misfits:
        return Verdict(False, misfits, len(dataset.tables), 0)
    with bench(dataset, threads, room) as connection:
        judge = Judge(dataset, _chosen(rulebook(dataset), only), threads or os.cpu_count() or 1, room, on_progress)
        return judge.verdict(connection)


def rulebook(dataset: Dataset) -> Rulebook:
    """All rules for the dataset: the catalogue's and the written ones, bound to its configuration."""
    written = read_rulebook(bindings(dataset.config))
    there = {stored.table.name for stored in dataset.tables}
    rules = (*catalogue_rules(), *written.rules)
    return Rulebook(written.relations, tuple(rule for rule in rules if rule.table in there))


def _chosen(book: Rulebook, only: Collection[str]) -> Rulebook:
    if not only:
        return book
    names = {rule.name for rule in book.rules}
    problems = [_unknown(name, names) for name in only if name not in names]
    if problems:
        raise InvalidConfig(problems)
    return book.of({*only})


def _unknown(name: str, names: Collection[str]) -> Problem:
    near = difflib.get_close_matches(name, names, n=1)
    advice = f"did you mean {near[0]}? " if near else ""
    return Problem(
        "/rule", "rule", f"--rule {name}: no rule of this dataset has that name; {advice}`idgraph rules` writes all"
    )


@dataclass
class Judge:
    """A dataset, the rules it is judged by, and what may be used for it."""

    dataset: Dataset
    book: Rulebook
    threads: int
    room: Room
    on_progress: Progress
    tally: Tally = field(default_factory=Tally)

    def verdict(self, connection: duckdb.DuckDBPyConnection) -> Verdict:
        """Rules of whole tables, then of households slice by slice, then of what the slices gathered, part by part."""
        rows, counts = _count_rows(connection, self.dataset)
        unit = self.dataset.config.output.unit_households
        parts = list(slices(*_extent(connection), in_step(self.room.slice_households, unit)))
        lots = max(1, -(-rows["identity_mappings"] // GATHERED_AT_A_TIME))
        steps = 1 + len(parts) + lots
        self._judge_whole_tables(connection)
        self.on_progress(1, steps, "whole tables")
        with TemporaryDirectory(prefix="gathered-", dir=self.room.temp_directory or None) as folder:
            for number, found in enumerate(self._slices(connection, parts, Path(folder)), 1):
                self.tally.add(found)
                self.on_progress(1 + number, steps, f"households, part {number} of {len(parts)}")
            for number in self._gathered(connection, Path(folder), lots):
                self.on_progress(1 + len(parts) + number, steps, f"identifier values, part {number} of {lots}")
        findings = counts + self.tally.findings()
        return Verdict(not findings, findings, len(self.book.rules) + 2 * len(self.dataset.tables), sum(rows.values()))

    def _judge_whole_tables(self, connection: duckdb.DuckDBPyConnection) -> None:
        lay_out(connection, self.dataset, {})
        relations = self.book.related("whole")
        relate(connection, relations)
        apply(connection, self.book.ruled("whole"), relations, self.tally)
        forget(connection, relations)

    def _slices(self, connection: duckdb.DuckDBPyConnection, parts: Sequence[Slice], folder: Path) -> Iterator[Tally]:
        """What is found in each slice, in their order, several judged side by side; what they gather goes to the folder.

        One query seldom keeps all cores busy: it is planned on one, and the last file is read by one.
        """
        lanes = min(LANES, self.threads, len(parts))
        for relation in self.book.gathered():
            (folder / relation.name).mkdir()
        with ExitStack() as stack:
            benches: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
            if lanes == 1:
                benches.put(connection)
            else:
                for _ in range(lanes):
                    benches.put(stack.enter_context(bench(self.dataset, self.threads, self.room.shared(lanes))))
            pool = ThreadPoolExecutor(lanes, thread_name_prefix="slice")
            stack.callback(pool.shutdown, cancel_futures=True)
            yield from pool.map(lambda part: self._judge_slice(benches, part, folder), parts)

    def _judge_slice(self, benches: SimpleQueue[duckdb.DuckDBPyConnection], part: Slice, folder: Path) -> Tally:
        connection, found, relations = benches.get(), Tally(), self.book.related("slice")
        try:
            lay_out(connection, self.dataset, {s.table.name: part.condition(s.table) for s in self.dataset.tables})
            relate(connection, relations)
            apply(connection, self.book.ruled("slice"), relations, found)
            for relation in self.book.gathered():
                gather(connection, relation, folder / relation.name / f"{part.start or 0}.parquet")
            forget(connection, relations)
        finally:
            benches.put(connection)
        return found

    def _gathered(self, connection: duckdb.DuckDBPyConnection, folder: Path, lots: int) -> Iterator[int]:
        """Judges what the slices gathered in the folder, in so many parts, and counts them."""
        lay_out(connection, self.dataset, {})
        for lot in range(lots):
            for relation in self.book.gathered():
                spread(connection, relation, folder / relation.name, lot, lots)
            apply(connection, self.book.ruled("value"), (), self.tally)
            yield lot + 1


def _count_rows(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> tuple[dict[str, int], tuple[Finding, ...]]:
    """The rows of every table, and a finding where the manifest promises another number."""
    rows: dict[str, int] = {}
    findings: list[Finding] = []
    for stored in dataset.tables:
        name = stored.table.name
        rows[name] = _whole(run(connection, f"SELECT COUNT(*) FROM stored_{name}", f"table {name}")[0][0])
        if rows[name] != stored.rows:
            says = f"The table has the manifest's {stored.rows} rows; it has {rows[name]}."
            findings.append(Finding(ROWS_RULE, name, says, abs(rows[name] - stored.rows)))
    return rows, tuple(findings)


def _extent(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Smallest and largest household_id."""
    sql = "SELECT MIN(household_id), MAX(household_id) FROM stored_households"
    first, last = run(connection, sql, "table households")[0]
    if first is None or last is None:
        raise Unverifiable("table households has no rows", "regenerate the dataset")
    return _whole(first), _whole(last)


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"DuckDB answered {value!r} for a whole number")
    return value
