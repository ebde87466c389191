"""People: age and gender, with whom they live, schooling, work, couples, children, moves."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from generation.spec.config import Config
from generation.verify.realism.measure import (
    Measure,
    between,
    counted,
    distance,
    most,
    near,
    shares,
    spread,
    targets,
)

ENOUGH = 5_000
"""Cells of conditional tables with fewer people are left out: their noise is as large as the limit."""

COUPLES = """
    SELECT m.household_id, m.age AS his_age, f.age AS her_age, m.education AS his_education,
           f.education AS her_education, m.last_name AS his_name, f.last_name AS her_name
    FROM person AS m JOIN person AS f ON f.household_id = m.household_id
    WHERE m.gender = 'male' AND f.gender = 'female' AND m.household_type LIKE 'married%'
      AND m.relationship IN ('reference_person', 'spouse') AND f.relationship IN ('reference_person', 'spouse')"""

GAPS = """CASE WHEN g >= 20 THEN 0 WHEN g >= 15 THEN 1 WHEN g >= 10 THEN 2 WHEN g >= 6 THEN 3 WHEN g >= 4 THEN 4
               WHEN g >= -3 THEN 5 WHEN g >= -5 THEN 6 WHEN g >= -9 THEN 7 WHEN g >= -14 THEN 8 WHEN g >= -19 THEN 9
               ELSE 10 END"""

WITH_WHOM = {
    "alone": "size = 1",
    "spouse": "household_type LIKE 'married%' AND relationship IN ('reference_person', 'spouse')",
    "partner": "household_type LIKE 'cohabiting%' AND relationship IN ('reference_person', 'unmarried_partner')",
    "child": "relationship = 'child'",
}


def measures(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    """Every comparison of people."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE couple AS {COUPLES}")
    return [
        *_ages(connection), *_arrangements(connection), *_gaps(connection), _education(connection), _attainment(connection),
        _alike(connection), _employment(connection), _twins(connection), *_moves(connection, config),
    ]  # fmt: skip


def _ages(connection: duckdb.DuckDBPyConnection) -> list[Measure]:
    wanted = targets()["age_by_gender"]
    cells = [(gender, band) for gender in ("male", "female") for band in range(wanted["bands"])]
    rows = connection.execute(
        f"SELECT (gender, LEAST(age // {wanted['band_years']}, {wanted['bands'] - 1})), COUNT(*) FROM person GROUP BY 1"
    ).fetchall()
    found = counted(rows, cells)
    published = [*wanted["male"], *wanted["female"]]
    men, total = sum(found[: wanted["bands"]]), sum(found)
    return [
        spread("people", "age and gender (36 cells)", found, published, 0.025, wanted["source"]),
        near("people", "share of men", men / total, sum(wanted["male"]) / sum(published), 0.005, round(total),
             wanted["source"]),
    ]  # fmt: skip


def _arrangements(connection: duckdb.DuckDBPyConnection) -> list[Measure]:
    wanted = targets()["living_arrangements"]
    parts = ", ".join(f"100 * AVG(({condition})::INT) AS {name}" for name, condition in WITH_WHOM.items())
    band = """CASE WHEN age < 25 THEN '18-24' WHEN age < 35 THEN '25-34' WHEN age < 65 THEN '35-64'
                   WHEN age < 75 THEN '65-74' ELSE '75+' END"""
    rows = connection.execute(
        f"SELECT {band}, gender, COUNT(*), {parts} FROM person WHERE age >= 18 GROUP BY 1, 2"
    ).fetchall()
    total, found = sum(row[2] for row in rows), []
    for at, (name, limit) in enumerate(wanted["limit_points"].items()):
        off = {
            f"{row[1]} {row[0]}": abs(row[3 + at] - wanted["percent"][row[0]][row[1]][name])
            for row in rows
            if name in wanted["percent"][row[0]][row[1]]
        }
        found.append(most("people", f"living arrangement: {name}", off, limit, total, wanted["source"], " points"))
    return found


def _gaps(connection: duckdb.DuckDBPyConnection) -> list[Measure]:
    wanted = targets()["spouse_age_gap"]
    rows = connection.execute(
        f"SELECT {GAPS}, COUNT(*) FROM (SELECT his_age - her_age AS g FROM couple) GROUP BY 1"
    ).fetchall()
    mean, n = connection.execute("SELECT AVG(his_age - her_age), COUNT(*) FROM couple").fetchall()[0]
    return [
        spread("people", "age gap of spouses (11 classes)", counted(rows, range(11)), wanted["share"], 0.03, wanted["source"]),
        between("people", "mean years the husband is older", mean, (1.8, 2.6), n, wanted["source"]),
    ]  # fmt: skip


def _by_cell(
    connection: duckdb.DuckDBPyConnection, column: str, published: dict[str, list[float]], names: list[str],
    effect: Callable[[list[float], list[float]], float],
) -> tuple[dict[str, float], int]:  # fmt: skip
    """The effect in each published cell of gender and age that has enough people, and how many people they are."""
    rows = connection.execute(
        f"SELECT gender, age, {column}, COUNT(*) FROM person WHERE age >= 16 GROUP BY ALL"
    ).fetchall()
    found: dict[str, float] = {}
    people = 0
    for cell, wanted in published.items():
        gender, _, band = cell.partition("|")
        low, _, high = band.rstrip("+").partition("-")
        counts = dict.fromkeys(names, 0.0)
        for who, age, name, count in rows:
            if who == gender and int(low) <= age <= int(high or 200) and name in counts:
                counts[name] += count
        if sum(counts.values()) >= ENOUGH:
            found[cell.replace("|", " ")] = effect(list(counts.values()), wanted)
            people += round(sum(counts.values()))
    return found, people


def _education(connection: duckdb.DuckDBPyConnection) -> Measure:
    wanted = targets()["education"]
    found, n = _by_cell(connection, "education", wanted["share"], wanted["levels"], distance)
    return most("people", "education by age and gender, largest TVD of a cell", found, 0.01, n, wanted["source"])


def _attainment(connection: duckdb.DuckDBPyConnection) -> Measure:
    wanted = targets()["attainment"]
    share, n = connection.execute(
        "SELECT AVG((education IN ('bachelor', 'graduate'))::INT), COUNT(*) FROM person WHERE age >= 25"
    ).fetchall()[0]
    return near("people", "bachelor or higher from 25 on", share, wanted["bachelor_25"], 0.01, n, wanted["source"])


def _employment(connection: duckdb.DuckDBPyConnection) -> Measure:
    wanted = targets()["employment"]
    status = """CASE WHEN employment = 'armed_forces' THEN 'armed' WHEN earns THEN 'employed'
                     WHEN employment = 'unemployed' THEN 'unemployed' ELSE 'outside' END"""

    def largest(counts: list[float], published: list[float]) -> float:
        return max(abs(a - b) for a, b in zip(shares(counts), published, strict=True))

    names = ["armed", "employed", "unemployed", "outside"]
    found, n = _by_cell(connection, status, wanted["share"], names, largest)
    says = "employment by age and gender, largest difference of a share"
    return most("people", says, found, 0.02, n, wanted["source"])


def _alike(connection: duckdb.DuckDBPyConnection) -> Measure:
    """Kendall's tau-a of the spouses' attainment, from the table of their levels."""
    wanted, levels = targets()["families"], targets()["education"]["levels"]
    rows = connection.execute(
        "SELECT his_education, her_education, COUNT(*) FROM couple WHERE his_age >= 25 AND her_age >= 25 GROUP BY ALL"
    ).fetchall()
    table = {(levels.index(his), levels.index(hers)): count for his, hers, count in rows}
    total = sum(table.values())
    return between("people", "education of spouses: Kendall's tau-b", _tau(table), tuple(wanted["education_tau"]), total,
                   wanted["source"], "reported")  # fmt: skip


def _tau(table: dict[tuple[int, int], int]) -> float:
    same = other = tied_his = tied_hers = 0.0
    for (a, b), one in table.items():
        for (c, d), two in table.items():
            order = (a - c) * (b - d)
            same += one * two * (order > 0)
            other += one * two * (order < 0)
            tied_his += one * two * (a == c and b != d)
            tied_hers += one * two * (a != c and b == d)
    pairs = same + other
    scale = ((pairs + tied_his) * (pairs + tied_hers)) ** 0.5
    return (same - other) / scale if scale else 0.0


def _twins(connection: duckdb.DuckDBPyConnection) -> Measure:
    """Of children under 18 with their parents, the share that shares a birth date with a sibling."""
    wanted = targets()["families"]
    share, n = connection.execute("""
        SELECT AVG((together > 1)::INT), COUNT(*)
        FROM (SELECT COUNT(*) OVER (PARTITION BY household_id, birth_date) AS together
              FROM person WHERE relationship = 'child' AND age < 18)""").fetchall()[0]
    return between(
        "people", "share of minors with a twin", share or 0.0, (0.010, 0.035), n, wanted["source"], "reported"
    )


def _moves(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    wanted = targets()["moved_last_year"]
    columns = [row[0] for row in connection.execute("DESCRIBE individuals").fetchall()]
    if "moved_in" not in columns:
        return []
    rows = connection.execute(
        f"""SELECT age, COUNT(*), SUM((moved_in > DATE '{config.output.as_of}' - INTERVAL 1 YEAR)::INT)
            FROM person WHERE age >= 18 GROUP BY 1"""
    ).fetchall()
    off, total = {}, 0
    for band, published in wanted["share"].items():
        low, _, high = band.rstrip("+").partition("-")
        inside = [row for row in rows if int(low) <= row[0] <= int(high or 200)]
        people = sum(row[1] for row in inside)
        if people:
            off[band] = abs(sum(row[2] for row in inside) / people - published)
            total += people
    return [most("people", "moved within a year, by age", off, 0.02, total, wanted["source"])]
