"""What was asked of delivery is what the rows say: reach, frequency, shares of channels, caps, clicks, bots."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from generation.entities.campaigns import campaigns as authored
from generation.entities.campaigns import wear_out
from generation.entities.delivery import capacity, deals, sequences
from generation.spec.catalog.campaigns import CHANNELS
from generation.spec.config import Config
from generation.spec.problems import validated
from tests.measurement.estimators import People, negative_binomial_shape

BOTH = """SELECT e.*, r.exposure_id IS NOT NULL AS clicked FROM campaign_exposures AS e LEFT JOIN
          (SELECT exposure_id FROM response_events WHERE response_type = 'click') AS r USING (exposure_id)"""


def numbers(rows: duckdb.DuckDBPyConnection, query: str) -> list[tuple[float, ...]]:
    return rows.execute(query).fetchall()


def test_reach_is_within_half_a_point_of_the_specification(campaigns: list[People], config: Config) -> None:
    reached = np.concatenate([people.exposures[people.treated] > 0 for people in campaigns])
    assert reached.mean() == pytest.approx(config.campaigns.reach, abs=0.005)


def test_mean_frequency_is_within_one_percent_of_the_specification(campaigns: list[People], config: Config) -> None:
    seen = np.concatenate([people.exposures for people in campaigns])
    assert seen[seen > 0].mean() == pytest.approx(config.campaigns.mean_frequency, rel=0.01)


def test_each_campaign_is_within_four_errors(campaigns: list[People], config: Config) -> None:
    settings = config.campaigns
    for people in campaigns:
        seen = people.exposures[people.exposures > 0]
        error = np.sqrt(settings.reach * (1 - settings.reach) / people.exposures.size)
        assert seen.size / people.exposures.size == pytest.approx(settings.reach, abs=4 * error)
        assert seen.mean() == pytest.approx(settings.mean_frequency, abs=4 * seen.std() / np.sqrt(seen.size))


def test_the_shape_of_frequency_is_recovered(campaigns: list[People], config: Config) -> None:
    seen = np.concatenate([people.exposures for people in campaigns])
    found = negative_binomial_shape(seen[seen > 0], config.campaigns.frequency_cap)
    assert found == pytest.approx(config.campaigns.delivery.frequency_shape, rel=0.10)


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_shares_of_channels_are_recovered(channel: str, rows: duckdb.DuckDBPyConnection, config: Config) -> None:
    # Of people whom all channels of their campaign reach, before a cap can matter.
    on_all = """SELECT e.campaign_id, e.channel, count(*) FROM campaign_exposures AS e JOIN devices AS d USING (device_id)
                WHERE e.frequency <= 3 AND e.individual_id // 16 IN (SELECT household_id FROM devices WHERE device_type = 'ctv')
                AND e.individual_id IN (SELECT individual_id FROM devices WHERE device_type = 'smartphone') GROUP BY ALL"""
    found = {(int(c), name): count for c, name, count in numbers(rows, on_all)}
    shares, made, expected = config.campaigns.delivery.channel_shares, 0.0, 0.0
    for one in authored(config):
        if channel in one.channels:
            total = sum(found[one.campaign_id, name] for name in one.channels)
            made += found[one.campaign_id, channel]
            expected += total * shares[channel] / sum(shares[name] for name in one.channels)
    assert made == pytest.approx(expected, rel=0.10)


def test_no_cap_is_exceeded(rows: duckdb.DuckDBPyConnection, config: Config) -> None:
    delivery = config.campaigns.delivery
    ((person,),) = numbers(
        rows,
        "SELECT max(n) FROM (SELECT count(*) AS n FROM campaign_exposures GROUP BY individual_id, campaign_id, channel)",
    )
    ((home,),) = numbers(
        rows,
        "SELECT max(n) FROM (SELECT count(*) AS n FROM campaign_exposures WHERE channel = 'ctv' "
        "GROUP BY individual_id // 16, campaign_id)",
    )
    ((most,),) = numbers(rows, "SELECT max(frequency) FROM campaign_exposures")
    assert (person, most) == (delivery.channel_cap, config.campaigns.frequency_cap)
    assert 12 < home <= delivery.household_ctv_cap


def test_every_beginning_of_a_deal_keeps_the_caps() -> None:
    config = validated({"campaigns": {"mean_frequency": 2, "delivery": {"enabled": True, "channel_cap": 3}}})
    plan = [one.channels for one in authored(config)]
    made, cap = deals(config, plan), config.campaigns.frequency_cap
    dealt = np.array(sequences(config, plan).columns["channel"]).reshape(len(made.rooms), made.variants, cap)
    for room, variants in zip(made.rooms, dealt, strict=True):
        possible = variants[:, : capacity(config, room)]
        for number, most in room:
            assert (possible == CHANNELS[number]).sum(axis=1).max() <= most


def test_exposures_are_numbered_in_the_order_of_time(rows: duckdb.DuckDBPyConnection) -> None:
    path = "PARTITION BY individual_id, campaign_id ORDER BY timestamp"
    wrong = f"SELECT frequency - row_number() OVER ({path}) AS off FROM campaign_exposures"
    assert numbers(rows, f"SELECT count(*) FROM ({wrong}) WHERE off <> 0") == [(0,)]


def test_clicks_by_channel_are_those_of_the_rates(rows: duckdb.DuckDBPyConnection, config: Config) -> None:
    worn = wear_out()
    for channel, rate in config.campaigns.click_rates.items():
        each = numbers(
            rows, f"SELECT frequency, count(*), sum(clicked::INT) FROM ({BOTH}) WHERE channel = '{channel}' GROUP BY 1"
        )
        expected = sum(n * rate * worn[int(frequency) - 1] for frequency, n, _ in each)
        clicks = sum(count for _, _, count in each)
        assert clicks == pytest.approx(expected, abs=max(4 * np.sqrt(expected), 0.10 * expected, 1)), channel


def test_conversions_by_channel_are_those_of_the_truth(rows: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT channel, sum(y), sum(p1), sum(p1 * (1 - p1)) FROM campaign_effects JOIN
               (SELECT DISTINCT individual_id, campaign_id, channel FROM campaign_exposures) USING (individual_id, campaign_id)
               GROUP BY 1"""
    made = numbers(rows, query)
    assert len(made) == len(CHANNELS)
    assert all(abs(y - expected) <= 4 * np.sqrt(variance) for _, y, expected, variance in made)


def test_conversions_rise_with_exposures_as_the_dials_say(rows: duckdb.DuckDBPyConnection, config: Config) -> None:
    lifts = {one.campaign_id: one.lift for one in authored(config)}
    half = config.campaigns.measurement.saturation_exposures
    query = """SELECT campaign_id, exposures, sum(y), sum(p0), count(*) FROM campaign_effects WHERE arm = 'treatment'
               GROUP BY ALL"""
    made: dict[int, list[float]] = {}
    for campaign, seen, y, base, _ in numbers(rows, query):
        expected = base * (1 + lifts[int(campaign)] * seen / (seen + half))
        so_far = made.setdefault(min(int(seen), 8), [0.0, 0.0])
        so_far[0], so_far[1] = so_far[0] + y, so_far[1] + expected
    assert all(y == pytest.approx(expected, abs=4 * np.sqrt(expected)) for y, expected in made.values())


def test_bots_are_the_share_of_served_impressions_and_nobody(rows: duckdb.DuckDBPyConnection, config: Config) -> None:
    ((bots,),) = numbers(rows, "SELECT count(*) FROM bot_impressions")
    ((people,),) = numbers(rows, "SELECT count(*) FROM campaign_exposures")
    asked = config.campaigns.delivery.bot_share
    assert bots / (bots + people) == pytest.approx(asked, abs=4 * np.sqrt(asked / (bots + people)))
    columns = [row[0] for row in rows.execute("DESCRIBE bot_impressions").fetchall()]
    assert not {"individual_id", "household_id", "device_id", "mapping_id"} & set(columns)
