"""Orders are placed on devices of the person, often others than the one on which the advertisement was seen."""

from __future__ import annotations

import math

import duckdb

from tests.measurement.conftest import SPILLED

SHARE = float(dict(setting.split("=", 1) for setting in SPILLED)["campaigns.measurement.same_device_share"])


def test_orders_are_placed_on_own_phones_and_on_tablets_and_computers_at_home(rows: duckdb.DuckDBPyConnection) -> None:
    found = rows.execute("""
        SELECT d.device_type, COUNT(*) FILTER (d.household_id <> c.individual_id // 16),
               COUNT(*) FILTER (d.individual_id <> c.individual_id)
        FROM conversions AS c JOIN devices AS d USING (device_id) GROUP BY ALL ORDER BY ALL""").fetchall()
    assert found == [("computer", 0, 0), ("smartphone", 0, 0), ("tablet", 0, 0)]


def test_only_people_without_a_device_of_their_own_order_in_a_shop(rows: duckdb.DuckDBPyConnection) -> None:
    wrong, shops = rows.execute("""
        WITH owners AS (
            SELECT c.conversion_id,
                   BOOL_OR(d.device_type <> 'ctv' AND COALESCE(d.individual_id = c.individual_id, TRUE)) AS can
            FROM conversions AS c JOIN devices AS d ON d.household_id = c.individual_id // 16 GROUP BY ALL
        )
        SELECT COUNT(*) FILTER (can = (device_id IS NULL)), COUNT(*) FILTER (device_id IS NULL)
        FROM conversions JOIN owners USING (conversion_id)""").fetchall()[0]
    assert wrong == 0
    assert shops > 0


def test_the_asked_share_of_caused_orders_is_placed_where_the_exposure_was_seen(
    spilled: duckdb.DuckDBPyConnection,
) -> None:
    # Seen at a computer; by chance, another order falls on it as often as orders that no exposure caused do.
    same, seen = spilled.execute("""
        SELECT COUNT(*) FILTER (c.device_id = x.device_id), COUNT(*) FROM campaign_effects AS e
        JOIN campaign_exposures AS x ON x.exposure_id = e.caused_by JOIN devices AS d ON d.device_id = x.device_id
        JOIN conversions AS c ON c.individual_id = e.individual_id AND c.campaign_id = e.campaign_id
        WHERE e.cause = 'campaign' AND d.device_type = 'computer'""").fetchall()[0]
    chance, of = spilled.execute("""
        SELECT COUNT(*) FILTER (c.device_id = x.device_id), COUNT(*) FROM campaign_effects AS e
        JOIN conversions AS c ON c.individual_id = e.individual_id AND c.campaign_id = e.campaign_id
        JOIN campaign_exposures AS x ON x.individual_id = e.individual_id AND x.campaign_id = e.campaign_id
        JOIN devices AS d ON d.device_id = x.device_id WHERE e.cause = 'baseline' AND d.device_type = 'computer'""").fetchall()[0]
    expected = SHARE + (1 - SHARE) * chance / of
    assert chance / of < 0.6
    assert abs(same / seen - expected) < 4 * math.sqrt(expected * (1 - expected) / seen)


def test_what_a_tv_caused_is_ordered_on_another_device(rows: duckdb.DuckDBPyConnection) -> None:
    same, seen = rows.execute("""
        SELECT COUNT(*) FILTER (c.device_id = x.device_id), COUNT(*) FROM campaign_effects AS e
        JOIN campaign_exposures AS x ON x.exposure_id = e.caused_by
        JOIN conversions AS c ON c.individual_id = e.individual_id AND c.campaign_id = e.campaign_id
        WHERE e.cause = 'campaign' AND x.channel = 'ctv'""").fetchall()[0]
    assert (same, seen > 50) == (0, True)
