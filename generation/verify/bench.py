"""The judge's workbench: a DuckDB connection with the dataset's views, on which rules are counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from generation.verify.dataset import Dataset
from generation.verify.rule import Relation, Rule
from generation.verify.slices import part_view, stored_view
from generation.verify.verdict import Finding, Unverifiable

SAMPLES = 5
"""Keys of violating rows that a finding shows."""

# Names the rules use that DuckDB spells otherwise; Spark has them.
FUNCTIONS = (
    "CREATE TEMP MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)",
    "CREATE TEMP MACRO shiftleft(number, bits) AS number << bits",
    "CREATE TEMP MACRO sha2(text, bits) AS sha256(text)",
    "CREATE TEMP MACRO array_join(list, separator) AS array_to_string(list, separator)",
)


@dataclass(frozen=True)
class Room:
    """What the judge may use: megabytes of memory, where it spills to (empty: a temporary folder), and at most so many
    households at a time.
    """

    memory_megabytes: int = 1_200
    temp_directory: str = ""
    slice_households: int = 200_000

    def shared(self, lanes: int) -> Room:
        """The part of each of so many that work at the same time."""
        return replace(self, memory_megabytes=self.memory_megabytes // lanes)


@dataclass
class Tally:
    """Violations found so far, by rule."""

    counts: dict[Rule, int] = field(default_factory=lambda: defaultdict(int))
    samples: dict[Rule, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: Tally) -> None:
        """What was found elsewhere, after what was found here."""
        for rule, count in other.counts.items():
            self.counts[rule] += count
            self.samples[rule] = (self.samples[rule] + other.samples[rule])[:SAMPLES]

    def findings(self) -> tuple[Finding, ...]:
        """A finding for every broken rule, in the order the rules were first seen broken."""
        return tuple(
            Finding(rule.name, rule.table, rule.says, count, tuple(self.samples[rule]))
            for rule, count in self.counts.items()
        )


@contextmanager
def bench(dataset: Dataset, threads: int, room: Room) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with a view `stored_<table>` for every table; spilled files are gone afterwards."""
    with TemporaryDirectory(prefix="verify-", dir=room.temp_directory or None) as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{room.memory_megabytes}MB",
            "temp_directory": spill,
            "preserve_insertion_order": False,
        }
        if threads:
            settings["threads"] = threads
        connection = duckdb.connect(config=settings)
        try:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET enable_progress_bar = false")
            # Conditions are judged by the values, never by the statistics their writer claims for them.
            connection.execute("SET disabled_optimizers = 'statistics_propagation'")
            for statement in FUNCTIONS:
                connection.execute(statement)
            for stored in dataset.tables:
                run(connection, stored_view(stored), f"table {stored.table.name}")
            yield connection
        finally:
            connection.close()


def lay_out(connection: duckdb.DuckDBPyConnection, dataset: Dataset, conditions: dict[str, str]) -> None:
    """Views named as the tables, restricted by a condition where one is given."""
    for stored in dataset.tables:
        name = stored.table.name
        run(connection, part_view(stored.table, conditions.get(name, "TRUE")), f"table {name}")


def relate(connection: duckdb.DuckDBPyConnection, relations: Iterable[Relation]) -> None:
    """The shared relations over the views that are laid out."""
    for relation in relations:
        kind = "TABLE" if relation.kept else "VIEW"
        run(connection, f"CREATE OR REPLACE TEMP {kind} {relation.name} AS {relation.sql}", f"relation {relation.name}")


def forget(connection: duckdb.DuckDBPyConnection, relations: Iterable[Relation]) -> None:
    """Free what `relate` has kept."""
    for relation in relations:
        if relation.kept:
            run(connection, f"DROP TABLE IF EXISTS {relation.name}", f"relation {relation.name}")


def gather(connection: duckdb.DuckDBPyConnection, relation: Relation, file: Path) -> None:
    """Write a relation's rows, of what is laid out, to a Parquet file."""
    run(
        connection,
        f"COPY ({relation.sql}) TO {_text(file)} (FORMAT parquet, COMPRESSION uncompressed)",
        f"relation {relation.name}",
    )


def spread(connection: duckdb.DuckDBPyConnection, relation: Relation, folder: Path, part: int, parts: int) -> None:
    """A view of what was gathered in a folder: rows whose value falls into one of so many parts."""
    rows = f"SELECT * FROM read_parquet({_text(folder / '*.parquet')}) WHERE {relation.gathered} % {parts} = {part}"
    run(connection, f"CREATE OR REPLACE TEMP VIEW {relation.name} AS {rows}", f"relation {relation.name}")


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def apply(
    connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule], relations: Iterable[Relation], tally: Tally
) -> None:
    """Add the violations among the rows that are laid out; conditions over one relation share a scan of it.

    A rule about a table that one of the `relations` covers is screened there, and counted by itself only where that
    says that it is broken.
    """
    covering = {relation.covers: relation for relation in relations if relation.covers}
    groups: dict[str, list[tuple[Rule, Rule]]] = defaultdict(list)
    for rule in rules:
        asked = _screened(rule, covering.get(rule.table))
        groups[asked.over or asked.name].append((rule, asked))
    for members in groups.values():
        for (rule, asked), count in zip(members, _counts(connection, [asked for _, asked in members]), strict=True):
            exact = count if asked == rule or not count else _counts(connection, [rule])[0]
            if exact:
                _record(connection, rule, exact, tally)


def _screened(rule: Rule, relation: Relation | None) -> Rule:
    """The rule as it is asked first: of the covering relation, under the table's name, where one can tell."""
    if relation is None:
        return rule
    over = f"{relation.name} AS {rule.table}"
    if rule.over == relation.name:
        return replace(rule, over=over)
    condition = relation.screen(rule)
    return replace(rule, over=over, sql=condition) if condition else rule


def _counts(connection: duckdb.DuckDBPyConnection, rules: list[Rule]) -> list[int]:
    row = run(connection, count_query(rules), ", ".join(rule.name for rule in rules))[0]
    return [int(str(count)) for count in row]


def count_query(rules: list[Rule]) -> str:
    """A query of one row with the number of violations of each rule."""
    if not rules[0].over:
        return f"SELECT COUNT(*) FROM ({rules[0].sql}) AS broken"
    sums = ", ".join(f"COALESCE(SUM(CASE WHEN {rule.sql} THEN 1 ELSE 0 END), 0)" for rule in rules)
    return f"SELECT {sums} FROM {rules[0].over}"


def _record(connection: duckdb.DuckDBPyConnection, rule: Rule, count: int, tally: Tally) -> None:
    tally.counts[rule] += count
    room = SAMPLES - len(tally.samples[rule])
    if room > 0:
        rows = run(connection, f"SELECT key FROM ({rule.select}) LIMIT {room}", rule.name)
        tally.samples[rule] += [str(row[0]) for row in rows]


def run(connection: duckdb.DuckDBPyConnection, sql: str, what: str) -> list[tuple[object, ...]]:
    """The rows of a statement; `Unverifiable` naming `what` when DuckDB cannot run it."""
    try:
        return connection.execute(sql).fetchall()
    except duckdb.OutOfMemoryException as error:
        remedy = "raise the judge's memory limit or lower the households it takes at a time"
        raise Unverifiable(f"out of memory at {what} ({_first_line(error)})", remedy) from error
    except duckdb.Error as error:
        message = f"{what} cannot be read ({_first_line(error)})"
        raise Unverifiable(message, "a file is damaged; regenerate the dataset") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
