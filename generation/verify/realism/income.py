"""Income: brackets and medians, alone and by age of the householder, earners and size."""

from __future__ import annotations

from typing import Any

import duckdb

from generation.spec.catalog.households import INCOME_BRACKETS
from generation.spec.config import US_INCOME_SHARES, Config
from generation.verify.realism.homes import HOUSEHOLDER_BAND
from generation.verify.realism.measure import Measure, counted, distance, most, spread, targets, wanted_share

BY = {
    "by_age": ("age of the householder", HOUSEHOLDER_BAND, ("under 25", "25-34", "35-44", "45-54", "55-64", "65-74", "75+")),
    "by_earners": ("earners", "earners", ("0", "1", "2", "3+")),
    "by_size": ("size", "LEAST(size, 7) - 1", ("1", "2", "3", "4", "5", "6", "7+")),
}  # fmt: skip
ENOUGH = 5_000


def measures(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    """Every comparison of income."""
    medians, asked = targets()["median_income"], config.households.income_shares
    share, source = wanted_share(
        [asked[name] for name in INCOME_BRACKETS], [US_INCOME_SHARES[name] for name in INCOME_BRACKETS], "income"
    )
    rows = connection.execute("SELECT income_bracket, COUNT(*) FROM home GROUP BY 1").fetchall()
    median, n = connection.execute("SELECT MEDIAN(household_income::DOUBLE), COUNT(*) FROM home").fetchall()[0]
    found = [
        spread("income", "brackets", counted(rows, INCOME_BRACKETS), share, 0.01, source),
        most("income", "median of all households", {f"{median:,.0f} $": abs(median / medians["all"] - 1)}, 0.05, n,
             medians["source"]),
    ]  # fmt: skip
    for key, (says, sql, bins) in BY.items():
        found += _conditional(connection, key, says, sql, bins)
    return found


def _conditional(
    connection: duckdb.DuckDBPyConnection, key: str, says: str, sql: str, bins: tuple[str, ...]
) -> list[Measure]:
    wanted, published = targets()["income"], targets()["median_income"]
    cells = connection.execute(f"SELECT {sql}, income_bracket, COUNT(*) FROM home GROUP BY ALL").fetchall()
    medians = connection.execute(
        f"SELECT {sql}, MEDIAN(household_income::DOUBLE), COUNT(*) FROM home GROUP BY 1 ORDER BY 1"
    ).fetchall()
    far = {bins[row[0]]: abs(row[1] / published[key][row[0]] - 1) for row in medians if row[2] >= ENOUGH}
    spreads = {
        bins[row[0]]: distance(_brackets(cells, row[0]), wanted[key][row[0]]) for row in medians if row[2] >= ENOUGH
    }
    total = sum(row[2] for row in medians)
    kept = [row[0] for row in medians if row[2] >= ENOUGH]
    wrong = _disorder([row[1] for row in medians if row[2] >= ENOUGH], [published[key][at] for at in kept])
    return [
        most("income", f"brackets by {says}, largest TVD", spreads, 0.02, total, wanted["source"]),
        most("income", f"median by {says}, largest relative error", far, 0.05, total, published["source"]),
        most("income", f"median by {says}, pairs in another order", {"pairs": float(wrong)}, 0, total, published["source"]),
    ]  # fmt: skip


def _brackets(cells: list[Any], cell: int) -> list[float]:
    return counted([row[1:] for row in cells if row[0] == cell], INCOME_BRACKETS)


def _disorder(found: list[float], wanted: list[float]) -> int:
    """Pairs that are ordered otherwise; pairs whose published values are within 5% of each other have no order."""
    pairs = [(a, b) for a in range(len(found)) for b in range(a)]
    return sum(
        (found[a] - found[b]) * (wanted[a] - wanted[b]) < 0 for a, b in pairs if abs(wanted[a] / wanted[b] - 1) > 0.05
    )
