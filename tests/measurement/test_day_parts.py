"""Exposures fall into the parts of the day as weighted, by the clock of the home, in summer and in winter."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from generation import reference
from generation.entities.calendar import WARP_CELLS, daily_warp, summer_days
from generation.spec.config import DAY_PARTS
from generation.spec.problems import InvalidConfig, validated

WEIGHTS = {"overnight": 0.0, "morning": 0.2, "daytime": 0.4, "early_evening": 1.0, "prime_time": 1.0}


@pytest.fixture(scope="module")
def hours(spilled: duckdb.DuckDBPyConnection) -> np.ndarray:
    """Exposures by hour of the local day (rows) and whether clocks were on summer time (columns), but for the UTC day on which
    they change, which has one of the two.
    """
    places = reference.places()
    zones = dict(zip(places["postal_code"], places["time_zone"], strict=True))
    spilled.execute("CREATE OR REPLACE TEMP TABLE zones AS SELECT UNNEST($1) AS postal_code, UNNEST($2) AS zone",
                    [list(zones), list(zones.values())])  # fmt: skip
    found = spilled.execute("""
        SELECT HOUR(timezone(z.zone, x.timestamp)) AS hour,
               date_diff('hour', timezone('UTC', x.timestamp), timezone('America/New_York', x.timestamp)) = -4 AS summer,
               COUNT(*)
        FROM campaign_exposures AS x JOIN households AS h ON h.household_id = x.individual_id // 16
        JOIN zones AS z ON z.postal_code = h.location.postal_code
        WHERE x.timestamp::DATE NOT IN (DATE '2025-11-02', DATE '2026-03-08', DATE '2026-11-01') GROUP BY ALL""").fetchall()
    counts = np.zeros((24, 2))
    for hour, summer, count in found:
        counts[hour, int(summer)] = count
    return counts


@pytest.mark.parametrize("summer", [0, 1])
def test_shares_of_the_parts_are_as_weighted(summer: int, hours: np.ndarray) -> None:
    curve = np.array(reference.activity()["hour_of_day_weekday"]["smartphone"])
    wanted = {name: WEIGHTS[name] * curve[slice(*part)].sum() for name, part in DAY_PARTS.items()}
    total, seen = sum(wanted.values()), hours[:, summer].sum()
    assert seen > 5_000
    for name, part in DAY_PARTS.items():
        share = wanted[name] / total
        # Exposures keep apart from the ends of their own parts of the flight, and so a little from midnight UTC.
        tolerance = 4 * np.sqrt(share * (1 - share) / seen) + 0.01
        assert hours[slice(*part), summer].sum() / seen == pytest.approx(share, abs=tolerance if share else 0.0)


def test_nothing_is_delivered_in_a_part_without_weight(hours: np.ndarray) -> None:
    assert hours[0:6].sum() == 0
    assert (hours[6:].sum(axis=1) > 0).all()


def test_no_cell_of_the_day_reaches_into_a_silent_hour() -> None:
    config = validated(
        {"campaigns": {"delivery": {"enabled": True, "day_parts": dict.fromkeys(DAY_PARTS, 0.0) | {"morning": 1.0}}}}
    )
    columns = daily_warp(config).columns
    starts, widths = np.asarray(columns["second"]), np.asarray(columns["width"])
    assert (widths > 0).all()
    for cells in range(0, len(starts), WARP_CELLS):
        seconds = np.unique(starts[cells : cells + WARP_CELLS] // 3600)
        lasts = np.unique((starts + widths - 1)[cells : cells + WARP_CELLS] // 3600)
        assert len(seconds) == 4 and set(lasts) <= set(seconds)


def test_summer_days_are_those_of_the_calendar() -> None:
    config = validated({"output": {"as_of": "2026-01-01"}, "engagement": {"history_days": 180}})
    start = config.window_start
    assert [(str(np.datetime64(start) + a), str(np.datetime64(start) + b)) for a, b in summer_days(config)] == [
        (str(start), "2025-11-01")
    ]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (dict.fromkeys(DAY_PARTS, 0.0), "all 0"),
        ({"noon": 1.0}, "day_parts has noon"),
        ({"morning": 0.0001}, "at least 0.001; check morning"),
    ],
)
def test_impossible_parts_are_refused(parts: dict[str, float], said: str) -> None:
    with pytest.raises(InvalidConfig, match=said):
        validated({"campaigns": {"delivery": {"day_parts": parts}}})
