"""Habits and segments by a query of its own over the events: what the dictionary says, written a second time."""

from __future__ import annotations

import duckdb
import pytest

from generation.spec.config import Config
from generation.spec.segments import SEGMENTS

DEFAULTS = Config()
AS_OF, DAYS = DEFAULTS.output.as_of, DEFAULTS.engagement.history_days
RULES = DEFAULTS.engagement.audiences

BY_CATEGORY = """
    CREATE OR REPLACE TEMP VIEW by_category AS
    SELECT individual_id, category, COUNT(*) AS k, SUM(duration) AS s, MAX(timestamp) AS last
    FROM content_engagements JOIN content_catalog USING (content_id) GROUP BY ALL"""


@pytest.fixture(scope="module")
def habits(rows: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The connection with a table `habits` of everybody with events."""
    rows.execute(BY_CATEGORY)
    rows.execute(f"""
        CREATE OR REPLACE TEMP TABLE habits AS
        SELECT individual_id, SUM(k)::DOUBLE * 30 / {DAYS} AS frequency, SUM(k) AS k, SUM(s) AS s,
               DATE '{AS_OF}' - MAX(last)::TIMESTAMP::DATE AS recency, LIST(category ORDER BY s DESC, category) AS liked,
               MAP_FROM_ENTRIES(LIST((category, s))) AS seconds, MAP_FROM_ENTRIES(LIST((category, k))) AS counts
        FROM by_category GROUP BY 1""")
    return rows


def test_everybody_with_events_and_nobody_else_has_a_pattern(habits: duckdb.DuckDBPyConnection) -> None:
    assert habits.execute("SELECT COUNT(*) FROM habits").fetchall()[0][0] > 10_000
    assert habits.execute("""
        SELECT COUNT(*) FROM habits FULL JOIN viewership_patterns AS v USING (individual_id)
        WHERE habits.k IS NULL OR v.events IS NULL""").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("column", "wanted"),
    [("frequency", "frequency"), ("recency", "recency"), ("preferred_categories", "liked"), ("watch_seconds", "s")],
)
def test_a_pattern_is_what_the_events_give(column: str, wanted: str, habits: duckdb.DuckDBPyConnection) -> None:
    different = habits.execute(f"""
        SELECT COUNT(*) FROM viewership_patterns AS v JOIN habits AS h USING (individual_id)
        WHERE v.{column} IS DISTINCT FROM h.{wanted}""").fetchall()
    assert different == [(0,)]


def affinity(category: str) -> str:
    share = f"CASE WHEN h.s > 0 THEN h.seconds['{category}'] / h.s ELSE h.counts['{category}'] / h.k END"
    # Scores are whole billionths, so a share at the very threshold may be rounded below it.
    score = f"a.affinity_scores['{category}']"
    return f"(h.k >= {RULES.minimum_events} AND {score} >= {RULES.affinity} AND ABS({share} - {score}) < 1e-8)"


CONDITIONS = {
    "heavy_viewers": f"h.frequency >= {RULES.heavy_frequency}",
    "sports_fans": affinity("sports"),
    "news_followers": affinity("news"),
    "gamers": affinity("gaming"),
    "lapsed_viewers": f"h.recency >= {RULES.lapsed_days}",
    "parents": "p.age >= 18 AND kids.household_id IS NOT NULL",
    "students": "p.employment = 'student'",
    "affluent_households": "p.age >= 25 AND home.household_income >= 150000",
    "young_adults": "p.age BETWEEN 18 AND 34",
    "retirees": "p.employment = 'retired'",
    "general_audience": "TRUE",
}

JOINED = """
    audience_attributes AS a JOIN individuals AS p USING (individual_id) JOIN households AS home USING (household_id)
    LEFT JOIN habits AS h USING (individual_id)
    LEFT JOIN (SELECT DISTINCT household_id FROM individuals
               WHERE age < 18 AND relationship IN ('child', 'grandchild')) AS kids ON kids.household_id = p.household_id"""


def test_every_declared_segment_has_a_condition_here() -> None:
    assert list(CONDITIONS) == [segment.name for segment in SEGMENTS]


@pytest.mark.parametrize("segment", CONDITIONS)
def test_a_segment_holds_exactly_those_its_rule_names(segment: str, habits: duckdb.DuckDBPyConnection) -> None:
    applies = f"COALESCE({CONDITIONS[segment]}, FALSE)"
    different, members = habits.execute(f"""
        SELECT COUNT(*) FILTER ({applies} <> LIST_CONTAINS(a.classifications, '{segment}')), COUNT(*) FILTER ({applies})
        FROM {JOINED}""").fetchall()[0]
    assert members > 0
    assert different == 0


def test_the_segment_is_the_first_that_applies(habits: duckdb.DuckDBPyConnection) -> None:
    cases = " ".join(f"WHEN {condition} THEN '{name}'" for name, condition in CONDITIONS.items())
    assert habits.execute(f"SELECT COUNT(*) FROM {JOINED} WHERE a.segment <> CASE {cases} END").fetchall() == [(0,)]
