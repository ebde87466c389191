"""Counting pairs and records by the sizes of groups: no pair is ever enumerated.

All queries read two relations: resolved(record_id, source, person, cluster), one row a record, and
cases(record_id, case_type, group_id).
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import duckdb

from generation.score.measures import (
    NO_PAIRS,
    NO_RECORDS,
    BCubed,
    CaseMeasure,
    Measure,
    Pairs,
    Score,
)
from generation.verify.bench import run

KEYS = {"right": "cluster, person", "claimed": "cluster", "true": "person"}
"""What two records have in common that are a right, a claimed or a true pair."""

CELLS = """
    CREATE OR REPLACE TEMP TABLE cells AS
    SELECT cluster, person, source, COUNT(*)::HUGEINT AS n FROM resolved GROUP BY ALL
"""
AFFECTED = """
    CREATE OR REPLACE TEMP TABLE affected AS
    SELECT case_type, cluster, person, COUNT(*)::HUGEINT AS n
    FROM resolved JOIN cases USING (record_id) GROUP BY ALL
"""
GROUPED = """
    CREATE OR REPLACE TEMP TABLE grouped AS
    SELECT case_type, group_id, cluster, person, COUNT(*)::HUGEINT AS n
    FROM resolved JOIN cases USING (record_id) GROUP BY ALL
"""


def counted(connection: duckdb.DuckDBPyConnection) -> Score:
    """The score of the resolved records."""
    for statement in (CELLS, AFFECTED, GROUPED):
        run(connection, statement, "predictions")
    source_pairs, sources = _by_source_pair(connection), _by_source(connection)
    people, clusters = run(connection, "SELECT COUNT(DISTINCT person), COUNT(DISTINCT cluster) FROM cells", "cells")[0]
    overall = Measure(sum(source_pairs.values(), NO_PAIRS), sum(sources.values(), NO_RECORDS))
    return Score(
        records=overall.bcubed.records,
        people=_int(people),
        clusters=_int(clusters),
        overall=overall,
        by_source={name: Measure(_touching(name, source_pairs), sources[name]) for name in sorted(sources)},
        by_source_pair=source_pairs,
        by_case=_by_case(connection),
    )


def _touching(source: str, pairs: dict[tuple[str, str], Pairs]) -> Pairs:
    return sum((found for names, found in pairs.items() if source in names), NO_PAIRS)


def _by_source_pair(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Pairs]:
    """Pairs with one record of either source; a group has few sources, so joining it with itself is cheap."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for kind, key in KEYS.items():
        sql = f"""
            WITH sizes AS (SELECT {key}, source, SUM(n)::HUGEINT AS n FROM cells GROUP BY ALL)
            SELECT one.source, other.source,
                SUM(CASE WHEN one.source = other.source THEN one.n * (one.n - 1) // 2 ELSE one.n * other.n END)
            FROM sizes AS one JOIN sizes AS other USING ({key})
            WHERE one.source <= other.source GROUP BY ALL
        """
        for one, other, count in run(connection, sql, "pairs by source"):
            found[str(one), str(other)][kind] = _int(count)
    return {names: _pairs(found[names]) for names in sorted(found)}


def _by_source(connection: duckdb.DuckDBPyConnection) -> dict[str, BCubed]:
    return _bcubed(connection, "SELECT source AS scope, cluster, person, n AS records FROM cells")


def _bcubed(connection: duckdb.DuckDBPyConnection, scoped: str) -> dict[str, BCubed]:
    """Sums by scope of `scoped`, which has scope, cluster, person and how many records they have."""
    records: dict[str, int] = defaultdict(int)
    sums: dict[str, dict[str, Fraction]] = {"cluster": defaultdict(Fraction), "person": defaultdict(Fraction)}
    for whole in ("cluster", "person"):
        # Summed by size, whole numbers stay whole until all are there.
        sql = f"""
            WITH scoped AS ({scoped}),
                together AS (SELECT cluster, person, SUM(n)::HUGEINT AS n FROM cells GROUP BY ALL),
                sizes AS (SELECT {whole}, SUM(n)::HUGEINT AS size FROM cells GROUP BY ALL)
            SELECT scope, size, SUM(records * together.n), SUM(records)
            FROM scoped JOIN together USING (cluster, person) JOIN sizes USING ({whole})
            GROUP BY ALL
        """
        for scope, size, shared, count in run(connection, sql, "records"):
            sums[whole][str(scope)] += Fraction(_int(shared), _int(size))
            records[str(scope)] += _int(count) if whole == "cluster" else 0
    return {name: BCubed(count, sums["cluster"][name], sums["person"][name]) for name, count in records.items()}


def _by_case(connection: duckdb.DuckDBPyConnection) -> dict[str, CaseMeasure]:
    bcubed = _bcubed(connection, "SELECT case_type AS scope, cluster, person, n AS records FROM affected")
    pairs, traps = _pairs_by_case(connection), _traps(connection)
    return {name: CaseMeasure(Measure(pairs[name], bcubed[name]), *traps[name]) for name in sorted(bcubed)}


def _pairs_by_case(connection: duckdb.DuckDBPyConnection) -> dict[str, Pairs]:
    """Pairs that at least one record in the case is in."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for kind, key in KEYS.items():
        sql = f"""
            WITH sizes AS (SELECT {key}, SUM(n)::HUGEINT AS size FROM cells GROUP BY ALL),
                inside AS (SELECT case_type, {key}, SUM(n)::HUGEINT AS n FROM affected GROUP BY ALL)
            SELECT case_type, SUM(n * (size - n) + n * (n - 1) // 2)
            FROM inside JOIN sizes USING ({key}) GROUP BY ALL
        """
        for case, count in run(connection, sql, "pairs by hard case"):
            found[str(case)][kind] = _int(count)
    return {case: _pairs(kinds) for case, kinds in found.items()}


def _traps(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """By kind of case: pairs of different people with one cause, and those of them that are claimed."""
    within = {name: _pairs_within(connection, key) for name, key in (("all", ""), *KEYS.items())}
    return {
        case: (count - within["true"][case], within["claimed"][case] - within["right"][case])
        for case, count in within["all"].items()
    }


def _pairs_within(connection: duckdb.DuckDBPyConnection, key: str) -> dict[str, int]:
    columns = ", ".join(filter(None, ("case_type, group_id", key)))
    sql = f"""
        WITH sizes AS (SELECT {columns}, SUM(n)::HUGEINT AS n FROM grouped GROUP BY ALL)
        SELECT case_type, SUM(n * (n - 1) // 2) FROM sizes GROUP BY ALL
    """
    return {str(case): _int(count) for case, count in run(connection, sql, "hard cases")}


def _pairs(kinds: dict[str, int]) -> Pairs:
    return Pairs(*(kinds.get(kind, 0) for kind in ("right", "claimed", "true")))


def _int(value: object) -> int:
    """A whole number as DuckDB answers it, exactly: sums of large integers come as decimals."""
    if isinstance(value, float):
        raise TypeError(f"DuckDB answered {value!r} for a whole number")
    return int(str(value))


def given_pairs(connection: duckdb.DuckDBPyConnection, true: int) -> Pairs:
    """The score of the relation given(low, high) as it stands, where `true` pairs are of one person."""
    sql = """
        SELECT COUNT(*), COUNT(*) FILTER (one.person = other.person)
        FROM given JOIN resolved AS one ON one.record_id = low JOIN resolved AS other ON other.record_id = high
    """
    claimed, right = run(connection, sql, "predicted pairs")[0]
    return Pairs(_int(right), _int(claimed), true)
