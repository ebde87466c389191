"""Exposures of others at home raise the chance to convert by what was asked for, in both arms, and come before the order."""

from __future__ import annotations

import math

import duckdb
import pytest

from generation.spec.problems import InvalidConfig, validated
from tests.measurement.conftest import SPILLED

ASKED = dict(setting.split("=", 1) for setting in SPILLED)
RATE, SPILLOVER = (float(ASKED[f"campaigns.measurement.{name}"]) for name in ("conversion_rate", "spillover"))


@pytest.fixture(scope="module")
def effects(spilled: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """`seen`: every effect with the exposures at home as the log of exposures has them."""
    spilled.execute("""
        CREATE OR REPLACE TEMP TABLE seen AS
        WITH own AS (SELECT individual_id, campaign_id, COUNT(*) AS n FROM campaign_exposures GROUP BY ALL),
        home AS (SELECT individual_id // 16 AS household_id, campaign_id, SUM(n) AS n FROM own GROUP BY ALL)
        SELECT e.*, COALESCE(home.n, 0) - COALESCE(own.n, 0) AS at_home FROM campaign_effects AS e
        LEFT JOIN own USING (individual_id, campaign_id)
        LEFT JOIN home ON home.household_id = e.individual_id // 16 AND home.campaign_id = e.campaign_id""")
    return spilled


def test_exposures_of_others_at_home_are_those_of_the_log(effects: duckdb.DuckDBPyConnection) -> None:
    wrong, some = effects.execute(
        "SELECT COUNT(*) FILTER (household_exposures <> at_home), COUNT(*) FILTER (at_home > 0) FROM seen"
    ).fetchall()[0]
    assert wrong == 0
    assert some > 1_000


def test_an_exposure_at_home_counts_as_the_asked_share_of_an_own_one(effects: duckdb.DuckDBPyConnection) -> None:
    # The lift of a campaign follows from who has own exposures only; then every chance has to follow from it.
    differing, compared = effects.execute(f"""
        WITH lift AS (
            SELECT campaign_id, MEDIAN((p1 / p0 - 1) * (exposures + 3) / exposures) AS lift FROM seen
            WHERE at_home = 0 AND exposures > 0 AND p1 < 1 GROUP BY ALL
        )
        SELECT COUNT(*) FILTER (
            ABS(p0 - LEAST(1, intent * {RATE} * (1 + lift * {SPILLOVER} * at_home / ({SPILLOVER} * at_home + 3)))) > 1e-9
            OR ABS(p1 - LEAST(1, intent * {RATE} * (1 + lift * (exposures + {SPILLOVER} * at_home)
                   / (exposures + {SPILLOVER} * at_home + 3)))) > 1e-9), COUNT(*)
        FROM seen JOIN lift USING (campaign_id) WHERE at_home > 0""").fetchall()[0]
    assert compared > 1_000
    assert differing == 0


@pytest.mark.parametrize("arm", ["treatment", "holdout"])
def test_as_many_orders_are_caused_at_home_as_the_chances_say(arm: str, effects: duckdb.DuckDBPyConnection) -> None:
    found, expected, spread = effects.execute(f"""
        SELECT COUNT(*) FILTER (cause = 'household'), SUM(p0 - LEAST(1, intent * {RATE})),
               SUM((p0 - LEAST(1, intent * {RATE})) * (1 - p0 + LEAST(1, intent * {RATE})))
        FROM seen WHERE arm = '{arm}'""").fetchall()[0]
    assert found > 50
    assert abs(found - expected) < 4 * math.sqrt(spread)


def test_an_order_caused_at_home_follows_an_exposure_of_another_member(effects: duckdb.DuckDBPyConnection) -> None:
    own, elsewhere, late, all_of_them = effects.execute("""
        SELECT COUNT(*) FILTER (x.individual_id = e.individual_id),
               COUNT(*) FILTER (x.individual_id // 16 <> e.individual_id // 16 OR x.campaign_id <> e.campaign_id),
               COUNT(*) FILTER (x.timestamp >= c.timestamp), COUNT(*)
        FROM seen AS e JOIN campaign_exposures AS x ON x.exposure_id = e.caused_by
        JOIN conversions AS c ON c.individual_id = e.individual_id AND c.campaign_id = e.campaign_id
        WHERE e.cause = 'household'""").fetchall()[0]
    assert (own, elsewhere, late) == (0, 0, 0)
    assert all_of_them > 100


def test_without_spillover_nobody_is_moved_by_others(rows: duckdb.DuckDBPyConnection) -> None:
    found = rows.execute("SELECT SUM(household_exposures), COUNT(*) FILTER (cause = 'household') FROM campaign_effects")
    assert found.fetchall() == [(0, 0)]


def test_spillover_that_nobody_could_tell_is_refused() -> None:
    with pytest.raises(InvalidConfig, match=r"spillover = 0\.5 with enabled = false"):
        validated({"campaigns": {"measurement": {"spillover": 0.5}}})
