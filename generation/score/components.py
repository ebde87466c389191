"""Closing pairs: records that a chain of pairs connects are one cluster."""

from __future__ import annotations

import duckdb

from generation.verify.bench import run

_CREATE = "CREATE OR REPLACE TEMP TABLE"

_START = (
    f"{_CREATE} links AS SELECT low, high FROM given",
    f"{_CREATE} labels AS SELECT id AS record_id, id AS root FROM (SELECT low AS id FROM given UNION SELECT high FROM given)",
)
_HOOK = f"""
    {_CREATE} hooks AS
    SELECT record_id, LEAST(record_id, MIN(neighbour)) AS root
    FROM (SELECT low AS record_id, high AS neighbour FROM links UNION ALL SELECT high, low FROM links)
    GROUP BY record_id
"""
_CLIMB = f"""
    {_CREATE} higher AS
    SELECT hooks.record_id, above.root FROM hooks JOIN hooks AS above ON above.record_id = hooks.root
"""
_STEEP = "SELECT COUNT(*) FROM higher JOIN hooks USING (record_id) WHERE higher.root <> hooks.root"
_RELABEL = f"""
    {_CREATE} relabelled AS
    SELECT labels.record_id, COALESCE(hooks.root, labels.root) AS root
    FROM labels LEFT JOIN hooks ON hooks.record_id = labels.root
"""
_CONTRACT = f"""
    {_CREATE} contracted AS
    SELECT DISTINCT LEAST(one.root, other.root) AS low, GREATEST(one.root, other.root) AS high
    FROM links JOIN hooks AS one ON one.record_id = low JOIN hooks AS other ON other.record_id = high
    WHERE one.root <> other.root
"""


def close(connection: duckdb.DuckDBPyConnection) -> None:
    """The relation labels(record_id, root) names for every record of given(low, high) the lowest it is connected with."""
    for statement in _START:
        run(connection, statement, "predicted pairs")
    while _count(connection, "SELECT COUNT(*) FROM links"):
        _hook(connection)
        _replace(connection, "labels", _RELABEL, "relabelled")
        _replace(connection, "links", _CONTRACT, "contracted")


def _hook(connection: duckdb.DuckDBPyConnection) -> None:
    """Every record with links points to the root of the tree of lowest neighbours it is in; twice as far at each step."""
    run(connection, _HOOK, "predicted pairs")
    steep = 1
    while steep:
        run(connection, _CLIMB, "predicted pairs")
        steep = _count(connection, _STEEP)
        run(connection, f"{_CREATE} hooks AS SELECT * FROM higher", "predicted pairs")


def _replace(connection: duckdb.DuckDBPyConnection, name: str, statement: str, by: str) -> None:
    run(connection, statement, "predicted pairs")
    run(connection, f"{_CREATE} {name} AS SELECT * FROM {by}", "predicted pairs")


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(str(run(connection, sql, "predicted pairs")[0][0]))
