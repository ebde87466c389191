"""Households: how many live together, who they are, where, and whether they own the home."""

from __future__ import annotations

import duckdb

from generation.spec.config import US_HOUSEHOLDER_AGE_SHARES, US_SIZE_SHARES, Config
from generation.verify.realism.measure import Measure, counted, most, near, spread, targets, wanted_share

HOUSEHOLDER_BAND = """CASE WHEN age < 25 THEN 0 WHEN age < 35 THEN 1 WHEN age < 45 THEN 2 WHEN age < 55 THEN 3
                           WHEN age < 65 THEN 4 WHEN age < 75 THEN 5 ELSE 6 END"""
"""The published age bands of householders, 0 to 6."""

KIND = """CASE WHEN spouses = 1 AND own_children = 0 THEN 0 WHEN spouses = 1 THEN 1
               WHEN relatives > 0 AND gender = 'male' THEN 2 WHEN relatives > 0 THEN 3 WHEN size = 1 THEN 4 ELSE 5 END"""
"""The six kinds of the official composition of households."""


def measures(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    """Size, age of the householder, kind, generations, children, state, ownership."""
    wanted = targets()
    size, size_source = wanted_share(config.households.size_shares, US_SIZE_SHARES, "household_size")
    age, age_source = wanted_share(
        config.households.householder_age_shares, US_HOUSEHOLDER_AGE_SHARES, "householder_age"
    )
    sizes = connection.execute("SELECT LEAST(size, 7), COUNT(*) FROM home GROUP BY 1").fetchall()
    bands = connection.execute(f"SELECT {HOUSEHOLDER_BAND}, COUNT(*) FROM home GROUP BY 1").fetchall()
    kinds = connection.execute(f"SELECT {KIND}, COUNT(*) FROM home GROUP BY 1").fetchall()
    minors, generations, total = connection.execute("""
        SELECT AVG((minors > 0)::INT), AVG((parents > 0 AND children > 0
               OR grandchildren > 0 AND (children > grandchildren OR household_type LIKE '%adults'))::INT), COUNT(*)
        FROM home""").fetchall()[0]
    found = [
        spread("households", "household size", counted(sizes, range(1, 8)), size, 0.01, size_source),
        spread("households", "age of the householder", counted(bands, range(7)), age, 0.03, age_source),
        spread("households", "kind of household", counted(kinds, range(6)), wanted["household_kind"]["share"], 0.05,
               wanted["household_kind"]["source"]),
        near("households", "share with anybody under 18", minors, wanted["with_minors"]["share"], 0.02, total,
             wanted["with_minors"]["source"]),
        near("households", "share with three generations", generations, wanted["multigenerational"]["share"], 0.015,
             total, wanted["multigenerational"]["source"]),
        _owners(connection),
    ]  # fmt: skip
    everywhere = not (config.households.states or config.households.state_shares or config.households.city)
    return found + ([_states(connection)] if everywhere else [])


def _states(connection: duckdb.DuckDBPyConnection) -> Measure:
    wanted = targets()["state_population"]
    rows = connection.execute("SELECT state, COUNT(*) FROM home GROUP BY 1").fetchall()
    names = sorted(wanted["share"])
    return spread("households", "state", counted(rows, names), [wanted["share"][name] for name in names], 0.003,
                  wanted["source"])  # fmt: skip


def _owners(connection: duckdb.DuckDBPyConnection) -> Measure:
    wanted = targets()["owner_rate"]
    rows = connection.execute(
        f"SELECT {HOUSEHOLDER_BAND}, AVG((tenure = 'owner')::INT), COUNT(*) FROM home GROUP BY 1"
    ).fetchall()
    off = {targets()["householder_age"]["bins"][band]: abs(rate - wanted["share"][band]) for band, rate, _ in rows}
    return most(
        "households", "owner rate by age of the householder", off, 0.02, sum(r[2] for r in rows), wanted["source"]
    )
