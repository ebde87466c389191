"""Names: how common they are, who shares them, and that no two of them depend on each other beyond families."""

from __future__ import annotations

import duckdb

from generation.spec.config import Config
from generation.verify.realism.measure import Measure, most, near, targets

COMMON = 40
"""The most frequent names of each kind enter the tests of independence; the others are one class."""


def measures(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    """Every comparison of names."""
    wanted, demographics = targets()["names"], config.demographics
    smith, n = connection.execute("""
        SELECT AVG((last_name = 'Smith')::INT), COUNT(*) FROM person WHERE relationship = 'reference_person'""").fetchall()[0]
    takes, both, couples = connection.execute("""
        SELECT AVG((her_name = his_name)::INT), AVG((her_name LIKE '%-' || his_name)::INT), COUNT(*) FROM couple""").fetchall()[0]
    namesakes = connection.execute("""
        SELECT SUM(k * (k - 1)) / (SUM(k)::DOUBLE * (SUM(k) - 1))
        FROM (SELECT COUNT(*)::DOUBLE AS k FROM person WHERE age >= 18 GROUP BY first_name, last_name)""").fetchall()[
        0
    ][0]
    return [
        near("names", "share of the surname Smith", smith, wanted["smith"], 0.001, n, wanted["source"]),
        near("names", "wives with the husband's surname", takes, demographics.wife_takes_surname, 0.01, couples,
             wanted["source"]),
        near("names", "wives with both surnames", both, demographics.wife_hyphenates, 0.01, couples, wanted["source"]),
        most("names", "two random adults share both names, in a million", {"pairs": namesakes * 1e6}, 40, n,
             "a product of independent name shares is about 10", weight="reported"),
        *_independent(connection),
        _children(connection),
    ]  # fmt: skip


PAIRS = {
    "first and last name of one person": """
        SELECT first_name AS a, last_name AS b FROM person WHERE relationship = 'reference_person' AND gender = 'female'
        AND age BETWEEN 40 AND 49""",
    "first names of husband and wife of an age": """
        SELECT m.first_name AS a, f.first_name AS b FROM person AS m JOIN person AS f USING (household_id)
        WHERE m.gender = 'male' AND f.gender = 'female' AND m.relationship IN ('reference_person', 'spouse')
          AND f.relationship IN ('reference_person', 'spouse') AND m.age BETWEEN 50 AND 54 AND f.age BETWEEN 50 AND 54""",
    "surnames of housemates": """
        SELECT m.last_name AS a, f.last_name AS b FROM person AS m JOIN person AS f USING (household_id)
        WHERE m.relationship = 'reference_person' AND f.relationship = 'roommate'""",
    "surname and state": """
        SELECT last_name AS a, state AS b FROM person WHERE relationship = 'reference_person'""",
    "first name and state, at one age": """
        SELECT first_name AS a, state AS b FROM person WHERE gender = 'female' AND age BETWEEN 40 AND 49""",
    "surname and birthday": """
        SELECT last_name AS a, MONTH(birth_date) AS b FROM person WHERE relationship = 'reference_person'""",
}  # fmt: skip


def _independent(connection: duckdb.DuckDBPyConnection) -> list[Measure]:
    """Chi-square per degree of freedom, as its distance from 1 in standard errors."""
    found, total = {}, 0
    for name, sql in PAIRS.items():
        z, n = _excess(connection, sql)
        total += n
        if n >= 1_000:
            found[name] = z
    return [most("names", "dependence of names beyond noise, largest z", found, 4, total, "independence", " SE")]


def _excess(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[float, int]:
    """How many standard errors the chi-square of the most common values is over its degrees of freedom."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE pairs AS
        WITH raw AS ({sql}),
        ra AS (SELECT a FROM raw GROUP BY a ORDER BY COUNT(*) DESC, a LIMIT {COMMON}),
        rb AS (SELECT b FROM raw GROUP BY b ORDER BY COUNT(*) DESC, b LIMIT {COMMON})
        SELECT COALESCE(ra.a::VARCHAR, '') AS a, COALESCE(rb.b::VARCHAR, '') AS b, COUNT(*)::DOUBLE AS k
        FROM raw LEFT JOIN ra ON ra.a = raw.a LEFT JOIN rb ON rb.b = raw.b GROUP BY ALL""")
    chi, cells, n = connection.execute("""
        WITH t AS (SELECT SUM(k) AS n FROM pairs), pa AS (SELECT a, SUM(k) AS ka FROM pairs GROUP BY a),
             pb AS (SELECT b, SUM(k) AS kb FROM pairs GROUP BY b)
        SELECT SUM((COALESCE(k, 0) - ka * kb / n) ** 2 / (ka * kb / n)),
               (COUNT(DISTINCT pa.a) - 1) * (COUNT(DISTINCT pb.b) - 1), ANY_VALUE(n)
        FROM t, pa CROSS JOIN pb LEFT JOIN pairs ON pairs.a = pa.a AND pairs.b = pb.b""").fetchall()[0]
    if not cells:
        return 0.0, 0
    return (chi - cells) / (2 * cells) ** 0.5, int(n)


def _children(connection: duckdb.DuckDBPyConnection) -> Measure:
    share, n = connection.execute("""
        SELECT AVG((c.last_name = k.his_name)::INT), COUNT(*) FROM person AS c JOIN couple AS k USING (household_id)
        WHERE c.relationship = 'child' AND c.age < 18 AND k.his_name = k.her_name""").fetchall()[0]
    says = "children of couples with one surname who have another"
    return most("names", says, {"share": 1 - (share or 0.0)}, 0.05, n, "coherence rule: at least .95 share it")
