"""What the product was ordered for: from the wizard to 10,000 households whose rows are as asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from generation.spec.catalog import TABLES, location
from tests.webapp.serving import Served, served

CONFIG: dict[str, Any] = {
    "households": {"count": 10_000},
    "campaigns": {
        "count": 6,
        "reach": 0.5,
        "mean_frequency": 4.0,
        "measurement": {"lift": 1.0, "conversion_rate": 0.05},
    },
    "output": {"name": "accepted", "seed": 7},
}
STEPS = ("households", "demographics", "engagement", "campaigns", "review")
HEAVY, FAN, FEW, LAPSED = 20, 0.4, 5, 30
"""Thresholds of the segments, as the default configuration has them."""


@dataclass(frozen=True)
class Accepted:
    """The finished job and its tables."""

    status: dict[str, Any]
    result: dict[str, Any]
    folder: Path
    tables: duckdb.DuckDBPyConnection

    def value(self, sql: str) -> Any:
        """The first value of a query."""
        return self.rows(sql)[0][0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.tables.sql(sql).fetchall()


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accepted]:
    """A dataset that was configured step by step in a session of the wizard."""
    folder = tmp_path_factory.mktemp("acceptance") / "datasets"
    with served(folder, IDGRAPH_BACKEND="local") as server, duckdb.connect() as tables:
        job = submitted(server)
        status = server.ended(job, 180)
        _, result = server.ask(f"/generate/result/{job}")
        for table in TABLES:
            files = folder / "accepted" / location(table) / "**" / "*.parquet"
            tables.execute(f"CREATE VIEW {table.name} AS FROM read_parquet('{files}')")
        yield Accepted(status, result, folder / "accepted", tables)


def submitted(server: Served) -> str:
    """The id of the job of a session whose every step was accepted."""
    code, session = server.ask("/wizard/session", {})
    assert code == 201
    version = session["version"]
    for step in STEPS:
        draft = {"session_id": session["session_id"], "version": version, "config": CONFIG}
        code, answer = server.ask(f"/wizard/step/{step}/validate", draft)
        assert (code, answer["valid"]) == (200, True), answer
        version = answer["version"]
    code, job = server.ask(f"/wizard/session/{session['session_id']}/submit", {"version": version})
    assert code == 202
    return str(job["job_id"])


@pytest.mark.slow
def test_1_a_wizard_session_of_ten_thousand_households_becomes_tables(accepted: Accepted) -> None:
    assert accepted.status["state"] == "succeeded"
    told = {table["name"]: table["rows"] for table in accepted.result["tables"]}
    assert told == {table.name: accepted.value(f"SELECT COUNT(*) FROM {table.name}") for table in TABLES}
    assert told["households"] == 10_000 and all(told.values())
    assert accepted.result["certificate"]["findings"] == []


@pytest.mark.slow
def test_2_ages_and_incomes_are_those_of_the_united_states(accepted: Accepted) -> None:
    """ACS and CPS 2024: 21.5% under 18, 18% 65 or older, median age 39.2, median household income $83,730."""
    young, old, median = accepted.rows(
        "SELECT AVG((age < 18)::INT), AVG((age >= 65)::INT), MEDIAN(age) FROM individuals"
    )[0]
    assert young == pytest.approx(0.215, abs=0.015) and old == pytest.approx(0.18, abs=0.015)
    assert median == pytest.approx(39.2, abs=1.5)
    assert accepted.value("SELECT MEDIAN(household_income) FROM households") == pytest.approx(83_730, rel=0.05)


@pytest.mark.slow
def test_3_engagement_follows_the_day_and_lasts_unequally_long(accepted: Accepted) -> None:
    evening, night = accepted.rows("""
        WITH here AS (SELECT HOUR(timezone(location.time_zone, timestamp::TIMESTAMPTZ)) AS hour FROM content_engagements
                      JOIN individuals USING (individual_id) JOIN households USING (household_id))
        SELECT AVG((hour BETWEEN 19 AND 21)::INT), AVG((hour BETWEEN 2 AND 4)::INT) FROM here""")[0]
    assert evening > 0.2 and night < 0.05
    busiest, all_events = accepted.rows("""
        SELECT SUM(events) FILTER (place <= 0.1), SUM(events)
        FROM (SELECT events, PERCENT_RANK() OVER (ORDER BY events DESC) AS place FROM viewership_patterns)""")[0]
    assert busiest / all_events > 0.3


@pytest.mark.slow
def test_4_segments_follow_from_people_and_their_events(accepted: Accepted) -> None:
    assert (
        accepted.rows(f"""
        SELECT attribute_id, classifications FROM audience_attributes
        JOIN individuals USING (individual_id) JOIN households USING (household_id)
        LEFT JOIN viewership_patterns USING (individual_id)
        WHERE LIST_CONTAINS(classifications, 'heavy_viewers') <> COALESCE(frequency >= {HEAVY}, FALSE)
           OR LIST_CONTAINS(classifications, 'lapsed_viewers') <> COALESCE(recency >= {LAPSED}, FALSE)
           OR LIST_CONTAINS(classifications, 'sports_fans')
              <> COALESCE(events >= {FEW} AND affinity_scores['sports'] >= {FAN}, FALSE)
           OR LIST_CONTAINS(classifications, 'affluent_households') <> (age >= 25 AND household_income >= 150000)
           OR LIST_CONTAINS(classifications, 'young_adults') <> (age BETWEEN 18 AND 34)""")
        == []
    )
    assert accepted.value("SELECT COUNT(*) FROM audience_attributes") == accepted.value(
        "SELECT COUNT(*) FROM individuals"
    )


@pytest.mark.slow
def test_5_campaigns_reach_whom_they_should_as_often_as_they_should(accepted: Accepted) -> None:
    treated, reached, shown = accepted.rows("""
        SELECT COUNT(*), COUNT(mine.shown), SUM(mine.shown) FROM campaign_assignments AS a
        LEFT JOIN (SELECT individual_id, campaign_id, COUNT(*) AS shown FROM campaign_exposures GROUP BY ALL) AS mine
        USING (individual_id, campaign_id) WHERE a.arm = 'treatment'""")[0]
    assert reached / treated == pytest.approx(0.5, abs=0.02) and shown / reached == pytest.approx(4.0, rel=0.03)
    assert accepted.value("SELECT COUNT(*) FROM campaign_exposures WHERE frequency > 20") == 0


@pytest.mark.slow
def test_6_those_who_were_exposed_respond_and_those_who_were_held_out_cannot(accepted: Accepted) -> None:
    exposed, others = accepted.rows("""
        WITH exposed AS (SELECT DISTINCT individual_id, campaign_id FROM campaign_exposures),
             bought AS (SELECT DISTINCT individual_id, campaign_id FROM conversions)
        SELECT AVG((b.individual_id IS NOT NULL)::INT) FILTER (e.individual_id IS NOT NULL),
               AVG((b.individual_id IS NOT NULL)::INT) FILTER (e.individual_id IS NULL)
        FROM campaign_assignments LEFT JOIN exposed AS e USING (individual_id, campaign_id)
        LEFT JOIN bought AS b USING (individual_id, campaign_id)""")[0]
    assert exposed > 1.25 * others > 0
    held_out = "SELECT COUNT(*) FROM response_events JOIN campaign_assignments USING (individual_id, campaign_id)"
    assert accepted.value(f"{held_out} WHERE arm = 'holdout'") == 0
    assert accepted.value("SELECT COUNT(*) FROM response_events ANTI JOIN campaign_exposures USING (exposure_id)") == 0
