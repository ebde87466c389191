"""The judge: a verdict on one dataset, from its manifest and its files alone."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import duckdb

from generation.spec.problems import InvalidConfig, Problem
from generation.verify.bench import Room, Tally, apply, bench, forget, lay_out, relate, run
from generation.verify.bindings import bindings
from generation.verify.catalogue_rules import catalogue_rules
from generation.verify.dataset import Dataset, open_dataset
from generation.verify.rule import Rulebook, read_rulebook
from generation.verify.schema import schema_finding
from generation.verify.slices import in_step, slices
from generation.verify.verdict import Finding, Unverifiable, Verdict

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and what was just judged."""

DEFAULT_ROOM = Room()

ROWS_RULE = "row_count"

MAPPINGS_AT_A_TIME = 12_000_000
"""Mappings of one part of the identifier values: a few hundred megabytes when grouped by the values' hashes."""


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
        return _judge(connection, dataset, _chosen(rulebook(dataset), only), room, on_progress)


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


def _judge(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, book: Rulebook, room: Room, on_progress: Progress
) -> Verdict:
    tally = Tally()
    rows, counts = _count_rows(connection, dataset)
    extent = _extent(connection)
    parts = list(slices(*extent, in_step(room.slice_households, dataset.config.output.unit_households)))
    buckets = max(1, -(-rows["identity_mappings"] // MAPPINGS_AT_A_TIME))
    steps = 1 + len(parts) + buckets
    lay_out(connection, dataset, {})
    relations = book.related("whole")
    relate(connection, relations)
    apply(connection, book.ruled("whole"), relations, tally)
    forget(connection, relations)
    on_progress(1, steps, "whole tables")
    relations = book.related("slice")
    for number, part in enumerate(parts, 1):
        lay_out(connection, dataset, {stored.table.name: part.condition(stored.table) for stored in dataset.tables})
        relate(connection, relations)
        apply(connection, book.ruled("slice"), relations, tally)
        on_progress(1 + number, steps, f"households, part {number} of {len(parts)}")
    forget(connection, relations)
    for bucket in range(buckets):
        lay_out(connection, dataset, {"identity_mappings": f"HASH(identifier_value) % {buckets} = {bucket}"})
        apply(connection, book.ruled("value"), (), tally)
        on_progress(1 + len(parts) + bucket + 1, steps, f"identifier values, part {bucket + 1} of {buckets}")
    findings = counts + tally.findings()
    return Verdict(not findings, findings, len(book.rules) + 2 * len(dataset.tables), sum(rows.values()))


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
