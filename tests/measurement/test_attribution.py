"""The credits of every model are those of its definition, row by row."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from generation.spec.catalog.attribution_credits import CREDIT_MODELS, CREDIT_UNITS
from generation.spec.config import Config

ORACLE = Path(__file__).with_name("oracle.sql").read_text()


@pytest.fixture(scope="module")
def both(rows: duckdb.DuckDBPyConnection, config: Config) -> duckdb.DuckDBPyConnection:
    """The rows with the table `expected`, made by the oracle: credits that are not nothing."""
    windows = config.campaigns.attribution
    days = {"click": max(windows.click_window_days, windows.view_window_days), "view": windows.view_window_days}
    rows.execute(f"CREATE TEMP TABLE expected AS SELECT * FROM ({ORACLE}) WHERE weight > 0", {**days, "stride": 1})
    rows.execute(f"INSERT INTO expected SELECT * FROM ({ORACLE}) WHERE weight > 0", {**days, "stride": 16})
    return rows


def count(rows: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(rows.execute(f"SELECT count(*) FROM {query}").fetchall()[0][0])


def test_the_oracle_recomputes_every_row(both: duckdb.DuckDBPyConnection) -> None:
    assert count(both, "attribution_credits") == count(both, "expected") > 10_000
    off = """attribution_credits AS k FULL JOIN expected AS e USING (conversion_id, exposure_id, unit, model)
             WHERE k.credit_id IS NULL OR e.weight IS NULL OR abs(k.weight - e.weight) > 1e-6 OR k.channel <> e.channel
             OR k.touch <> e.touch OR k.touches <> e.touches OR abs(k.revenue - e.value * e.weight) > 0.01 * e.touches"""
    assert count(both, off) == 0


@pytest.mark.parametrize("unit", CREDIT_UNITS)
@pytest.mark.parametrize("model", CREDIT_MODELS)
def test_credits_sum_to_one_and_revenue_to_value(model: str, unit: str, both: duckdb.DuckDBPyConnection) -> None:
    sums = f"""(SELECT conversion_id, sum(weight) AS weight, sum(revenue) AS revenue FROM attribution_credits
                WHERE model = '{model}' AND unit = '{unit}' GROUP BY conversion_id) JOIN conversions AS c USING (conversion_id)"""
    assert count(both, sums) > 1_000
    assert count(both, f"{sums} WHERE abs(weight - 1) > 1e-9 OR revenue <> c.value") == 0


def test_conversions_without_a_touch_have_no_credit(both: duckdb.DuckDBPyConnection) -> None:
    organic = "conversions WHERE conversion_id NOT IN (SELECT conversion_id FROM expected)"
    assert count(both, organic) > 1_000
    assert count(both, f"{organic} AND conversion_id IN (SELECT conversion_id FROM attribution_credits)") == 0


def test_responses_are_those_inside_a_window(both: duckdb.DuckDBPyConnection) -> None:
    last = "(SELECT conversion_id, arg_max(exposure_id, touched_at) AS exposure_id FROM expected WHERE unit = 'person' GROUP BY 1)"
    wrong = f"""(SELECT * FROM response_events WHERE response_type = 'conversion') AS r
                FULL JOIN {last} AS e USING (conversion_id) WHERE r.exposure_id IS DISTINCT FROM e.exposure_id"""
    assert count(both, wrong) == 0


def test_outcome_metrics_follow_the_primary_model(both: duckdb.DuckDBPyConnection, config: Config) -> None:
    metrics = """(SELECT r.conversion_id, o.* FROM outcome_metrics AS o JOIN response_events AS r USING (response_id)
                  WHERE r.response_type = 'conversion')"""
    mine = f"(SELECT * FROM expected WHERE unit = 'person' AND model = '{config.campaigns.attribution.model}')"
    off = f"""{metrics} AS o FULL JOIN {mine} AS e USING (conversion_id, exposure_id)
              WHERE o.outcome_id IS NULL OR e.weight IS NULL OR abs(o.attribution_weight - e.weight) > 1e-6"""
    assert count(both, off) == 0


def test_models_disagree_where_there_are_several_touches(both: duckdb.DuckDBPyConnection) -> None:
    several = "(SELECT exposure_id FROM attribution_credits WHERE touches > 2 GROUP BY exposure_id, conversion_id, unit"
    assert count(both, f"{several} HAVING count(DISTINCT round(weight, 3)) > 1)") > 1_000


def test_what_others_at_home_saw_gets_credit_from_households_only(both: duckdb.DuckDBPyConnection) -> None:
    others = """(SELECT unit FROM attribution_credits JOIN campaign_exposures AS x USING (exposure_id)
                 JOIN conversions AS c USING (conversion_id) WHERE x.individual_id <> c.individual_id)"""
    assert count(both, others) > 1_000
    assert count(both, f"{others} WHERE unit = 'person'") == 0
