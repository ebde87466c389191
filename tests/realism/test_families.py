"""Families that could be: siblings, twins, namesakes, moves, and work and schooling that go together."""

from __future__ import annotations

import duckdb
import pytest

SIBLINGS = """
    SELECT birth_date, LAG(birth_date) OVER (PARTITION BY household_id ORDER BY birth_date) AS before
    FROM individuals WHERE relationship = 'child' AND age < 18"""


def one(rows: duckdb.DuckDBPyConnection, sql: str) -> float:
    """The single number a query gives."""
    return float(rows.execute(sql).fetchall()[0][0])


def test_hardly_any_siblings_are_born_a_few_months_apart(rows: duckdb.DuckDBPyConnection) -> None:
    share = one(
        rows, f"SELECT AVG((birth_date - before BETWEEN 1 AND 250)::INT) FROM ({SIBLINGS}) WHERE before IS NOT NULL"
    )
    assert share < 0.003


def test_about_sixteen_in_a_thousand_pairs_of_siblings_are_twins(rows: duckdb.DuckDBPyConnection) -> None:
    # NCHS: 31 of 1,000 births are twin births.
    share = one(rows, f"SELECT AVG((birth_date = before)::INT) FROM ({SIBLINGS}) WHERE before IS NOT NULL")
    assert 0.012 < share < 0.021


def test_children_are_born_all_through_the_year(rows: duckdb.DuckDBPyConnection) -> None:
    counts = rows.execute(
        "SELECT COUNT(*) FROM individuals WHERE age BETWEEN 1 AND 17 GROUP BY MONTH(birth_date)"
    ).fetchall()
    months = [row[0] for row in counts]
    assert max(months) / min(months) < 1.25


def test_about_one_son_in_25_has_his_father_s_first_name(rows: duckdb.DuckDBPyConnection) -> None:
    share = one(rows, """
        SELECT AVG((son.first_name = dad.first_name)::INT)
        FROM individuals AS son JOIN individuals AS dad USING (household_id)
        WHERE son.relationship = 'child' AND son.gender = 'male' AND dad.gender = 'male' AND dad.last_name = son.last_name
          AND dad.relationship = 'reference_person'""")  # fmt: skip
    assert 0.035 < share < 0.065


def test_no_two_sons_are_named_after_their_father(rows: duckdb.DuckDBPyConnection) -> None:
    brothers = rows.execute("""
        SELECT COUNT(*) FROM individuals AS son JOIN individuals AS dad USING (household_id)
        WHERE son.relationship = 'child' AND son.gender = 'male' AND son.first_name = dad.first_name
          AND dad.relationship = 'reference_person' AND dad.gender = 'male'
        GROUP BY household_id HAVING COUNT(*) > 1""").fetchall()
    assert len(brothers) < 20


def test_couples_and_their_children_move_in_together(rows: duckdb.DuckDBPyConnection) -> None:
    apart = one(rows, """
        SELECT COUNT(*) FROM individuals AS a JOIN individuals AS b USING (household_id)
        WHERE a.relationship = 'reference_person' AND b.relationship = 'spouse' AND a.moved_in <> b.moved_in
          AND a.birth_date < b.moved_in AND b.birth_date < a.moved_in""")  # fmt: skip
    assert apart == 0


def test_nobody_lived_in_a_home_before_birth_or_after_today(rows: duckdb.DuckDBPyConnection) -> None:
    assert (
        one(rows, "SELECT COUNT(*) FROM individuals WHERE moved_in < birth_date OR moved_in > DATE '2026-01-01'") == 0
    )


@pytest.mark.parametrize(
    ("low", "high"), [("some_high_school", "high_school"), ("high_school", "bachelor"), ("bachelor", "graduate")]
)
def test_more_schooling_means_more_work_and_more_income(low: str, high: str, rows: duckdb.DuckDBPyConnection) -> None:
    found = dict(
        (row[0], row[1:])
        for row in rows.execute("""
            SELECT education, AVG((employment IN ('full_time', 'part_time', 'self_employed'))::INT), MEDIAN(household_income)
            FROM individuals JOIN households USING (household_id)
            WHERE age BETWEEN 25 AND 64 AND relationship = 'reference_person' GROUP BY 1""").fetchall()
    )
    assert found[low][0] < found[high][0]
    assert found[low][1] < found[high][1]
