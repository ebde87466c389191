"""The history gives the mappings of any date, every profile resolves, and confidences mean what they say."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import duckdb
import numpy as np
import pytest
from deltalake import DeltaTable

from generation.entities.identifiers import ERASED, KEEPERS, KEPT, RESET, RESETTERS
from generation.spec.catalog import TABLE_BY_NAME, location
from generation.spec.config import Config
from generation.spec.problems import InvalidConfig, validated

READ = ("individuals", "identity_mappings", "graph_events", "canonical_ids", "identity_edges", "identity_edges_truth")
AS_OF, DAYS = Config().output.as_of, Config().engagement.history_days
FALSE_SHARE = Config().demographics.graph.false_edge_share


@pytest.fixture(scope="module")
def rows(identity_dataset: Path) -> duckdb.DuckDBPyConnection:
    """The tables of the graph as views."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name in READ:
        files = DeltaTable(identity_dataset / location(TABLE_BY_NAME[name])).file_uris()
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({files!r})")
    return connection


REPLAY = """
    WITH moments AS (SELECT UNNEST($moments::TIMESTAMPTZ[]) AS moment),
    steps AS (
        SELECT mapping_id, occurred_at, 1 AS step FROM graph_events
        WHERE mapping_id IS NOT NULL AND event_type <> 'identifier_withdrawn'
        UNION ALL
        SELECT previous_mapping_id, occurred_at, -1 FROM graph_events WHERE previous_mapping_id IS NOT NULL
        UNION ALL
        SELECT mapping_id, occurred_at, -1 FROM graph_events WHERE event_type = 'identifier_withdrawn'
    ),
    replayed AS (
        SELECT moment, mapping_id FROM moments JOIN steps ON occurred_at <= moment
        GROUP BY moment, mapping_id HAVING SUM(step) = 1
    ),
    valid AS (SELECT moment, mapping_id FROM moments JOIN identity_mappings ON moment BETWEEN first_seen AND last_seen)
    SELECT (SELECT COUNT(*) FROM (FROM replayed EXCEPT FROM valid)), (SELECT COUNT(*) FROM (FROM valid EXCEPT FROM replayed)),
        (SELECT COUNT(*) FROM valid)"""


def test_replayed_to_twenty_dates_the_events_give_the_mappings_valid_then(rows: duckdb.DuckDBPyConnection) -> None:
    end = dt.datetime.combine(AS_OF, dt.time(), dt.timezone.utc)
    drawn = random.Random(7)
    moments = [end - dt.timedelta(seconds=drawn.randint(1, DAYS * 86_400)) for _ in range(20)]
    strange, missing, valid = rows.execute(REPLAY, {"moments": moments}).fetchall()[0]
    assert (strange, missing) == (0, 0)
    assert valid > 20 * 10_000


def test_every_retired_profile_resolves_in_one_step_to_one_that_is_live(rows: duckdb.DuckDBPyConnection) -> None:
    found = rows.execute("SELECT profile_id, canonical_id, is_retired FROM canonical_ids").fetchall()
    stands = {profile: canonical for profile, canonical, _ in found}
    retired = {profile for profile, _, is_retired in found if is_retired}
    assert len(stands) == len(found) and len(retired) > 1_000
    assert all((stands[profile] != profile) == (profile in retired) for profile in stands)
    assert not {stands[profile] for profile in stands} & retired


def test_profiles_are_merged_along_chains_and_by_mistake(rows: duckdb.DuckDBPyConnection) -> None:
    merges = "SELECT COUNT(*) FROM graph_events WHERE event_type = 'profile_merged' AND into_profile_id {}"
    chained = rows.execute(merges.format("% 64 > 0")).fetchall()[0][0]
    mistaken = rows.execute(merges.format("// 8192 <> individual_id")).fetchall()[0][0]
    split = rows.execute("SELECT COUNT(*) FROM graph_events WHERE event_type = 'profile_split'").fetchall()[0][0]
    assert chained > 30 and 0 < split < mistaken


def test_confidences_are_calibrated(rows: duckdb.DuckDBPyConnection) -> None:
    bins = rows.execute("""
        SELECT COUNT(*), AVG(confidence), AVG(is_correct::INT) FROM identity_edges JOIN identity_edges_truth USING (edge_id)
        WHERE match_type = 'probabilistic' GROUP BY LEAST(FLOOR(confidence * 10), 9)""").fetchall()
    assert len(bins) == 10
    # A phone number and its hash are right or wrong together: so five standard errors.
    assert [b for b in bins if abs(b[1] - b[2]) > 5 * (max(b[1] * (1 - b[1]), 0.002) / b[0]) ** 0.5] == []


def test_so_many_probabilistic_edges_are_false_as_configured(rows: duckdb.DuckDBPyConnection) -> None:
    edges, false = rows.execute("""
        SELECT COUNT(*), AVG((NOT is_correct)::INT) FROM identity_edges JOIN identity_edges_truth USING (edge_id)
        WHERE match_type = 'probabilistic'""").fetchall()[0]
    assert abs(false - FALSE_SHARE) < 5 * (FALSE_SHARE * (1 - FALSE_SHARE) / edges) ** 0.5


def test_false_edges_point_to_real_others_for_the_causes_of_life(rows: duckdb.DuckDBPyConnection) -> None:
    causes = dict(rows.execute("SELECT cause, COUNT(*) FROM identity_edges_truth GROUP BY ALL").fetchall())
    assert {"carrier_nat", "shared_tv", "recycled_phone", "family_mailbox"} < set(causes)
    wrong = rows.execute("""
        SELECT COUNT(*) FROM identity_edges_truth AS truth JOIN identity_edges USING (edge_id) JOIN canonical_ids AS profile
        USING (profile_id) LEFT JOIN individuals AS other ON other.individual_id = profile.individual_id
        WHERE NOT is_correct AND (other.individual_id IS NULL OR (cause IN ('shared_tv', 'carrier_nat', 'recycled_phone')
            AND other.individual_id = truth.individual_id))""").fetchall()[0][0]
    assert wrong == 0


def test_a_recycled_phone_was_transferred_from_whom_the_edge_points_to(rows: duckdb.DuckDBPyConnection) -> None:
    wrong = rows.execute("""
        SELECT COUNT(*) FROM identity_edges_truth AS truth JOIN identity_edges AS edge USING (edge_id)
        JOIN identity_mappings AS mapping ON mapping.individual_id = truth.individual_id
            AND mapping.identifier_type = edge.identifier_type
        LEFT JOIN graph_events AS event ON event.mapping_id = mapping.mapping_id
            AND event.event_type = 'identifier_transferred'
        WHERE cause = 'recycled_phone' AND event.previous_individual_id IS DISTINCT FROM edge.profile_id // 8192""").fetchall()
    assert wrong == [(0,)]


def test_the_keys_and_order_of_edges_say_nothing_of_who_is_behind_them(rows: duckdb.DuckDBPyConnection) -> None:
    correlation = rows.execute("""
        SELECT CORR(edge_id, individual_id), AVG((follows = individual_id)::INT) FROM (
            SELECT *, LEAD(individual_id) OVER (ORDER BY edge_id) AS follows FROM identity_edges_truth)""").fetchall()[
        0
    ]
    assert abs(correlation[0]) < 0.03 and correlation[1] < 0.005


def _survival(days: int) -> float:
    """Share of browsers without a reset in so many days, where each kind of browser has periods uniform in its span."""
    typical = Config().demographics.identity.cookie_lifetime_days
    u = (np.arange(10_000) + 0.5) / 10_000
    parts = ((KEEPERS, KEPT), (RESETTERS - KEEPERS, RESET), (1 - RESETTERS, ERASED))
    periods = [(share, np.maximum((low + (high - low) * u) * typical, DAYS / 60)) for share, (low, high) in parts]
    return float(sum(share * np.maximum(0.0, 1 - days / period).mean() for share, period in periods))


@pytest.mark.parametrize("days", [7, 30, 90])
def test_cookies_survive_as_configured(days: int, rows: duckdb.DuckDBPyConnection) -> None:
    start = AS_OF - dt.timedelta(days=DAYS)
    share, cookies = rows.execute(f"""
        SELECT AVG((last_seen >= TIMESTAMPTZ '{start} 00:00:00+00' + INTERVAL {days} DAY - INTERVAL 1 SECOND)::INT), COUNT(*)
        FROM identity_mappings WHERE identifier_type = 'first_party_cookie' AND mapping_id % 64 = 0
        AND opted_out_at IS NULL""").fetchall()[0]
    assert abs(share - _survival(days)) < 0.02 + 3 * (0.25 / cookies) ** 0.5


def test_more_than_half_of_the_edges_cannot_be_false() -> None:
    with pytest.raises(InvalidConfig):
        validated({"demographics": {"graph": {"false_edge_share": 0.6}}})
