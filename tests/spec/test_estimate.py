"""The estimate is near what a run makes, for the defaults and for other settings, and follows its settings."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest

from generation.spec import estimate as estimates
from generation.spec.catalog import TABLES
from generation.spec.config import Config
from generation.spec.estimate import Estimate, estimate, mean_people
from generation.spec.problems import validated
from tests.builders import dataset

NAMES = [table.name for table in TABLES]

UNUSUAL = (
    "households.people_per_household=3.2", "engagement.history_days=45", "engagement.events_per_person_month=12",
    "engagement.inactive_share=0.3", "campaigns.count=30", "campaigns.reach=0.7", "campaigns.mean_frequency=6",
    "campaigns.measurement.conversion_rate=0.06", "demographics.identity.cookie_lifetime_days=20",
)  # fmt: skip


@pytest.fixture(scope="module")
def unusual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,000 households with settings far from the defaults."""
    return dataset(tmp_path_factory.mktemp("unusual") / "dataset", households=1_000, settings=UNUSUAL)


def made_and_expected(root: Path) -> tuple[dict[str, Any], Estimate]:
    manifest = json.loads((root / "manifest.json").read_text())
    return manifest["tables"], estimate(Config.model_validate(manifest["config"]))


def sized(values: dict[str, Any]) -> dict[str, int]:
    return {name: table.rows for name, table in estimate(validated(values)).tables.items()}


# Of 1,000 households a rare table has few rows, and the rows of a person or campaign come together: hence the width.
@pytest.mark.parametrize("name", NAMES)
def test_rows_of_the_defaults_are_within_ten_percent_and_four_roots(name: str, thousand: Path) -> None:
    made, expected = made_and_expected(thousand)
    rows = expected.tables[name].rows
    assert made[name]["rows"] == pytest.approx(rows, abs=0.10 * rows + 4 * math.sqrt(rows))


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_unusual_settings_are_within_fifteen_percent_and_four_roots(name: str, unusual: Path) -> None:
    made, expected = made_and_expected(unusual)
    rows = expected.tables[name].rows
    assert made[name]["rows"] == pytest.approx(rows, abs=0.15 * rows + 4 * math.sqrt(rows))


def test_bytes_are_within_a_third(thousand: Path) -> None:
    made, expected = made_and_expected(thousand)
    assert sum(table["bytes"] for table in made.values()) == pytest.approx(expected.bytes, rel=1 / 3)


EVERYTHING = (
    "campaigns.measurement.enabled=true", "campaigns.attribution.enabled=true", "campaigns.delivery.enabled=true",
    "demographics.sources.enabled=true", "demographics.graph.enabled=true",
)  # fmt: skip
MANY_EVENTS = ("engagement.events_per_person_month=30", "campaigns.mean_frequency=5", "campaigns.count=20")
ENOUGH = 100_000
"""Rows of a table that are many: beside them what households differ by is small."""


@pytest.fixture(scope="module", params=[(), MANY_EVENTS, EVERYTHING], ids=["defaults", "many events", "every table"])
def twenty_thousand(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20,000 households of one of several configurations."""
    return dataset(tmp_path_factory.mktemp("forecast") / "dataset", households=20_000, settings=request.param)


def test_a_dataset_that_is_not_small_has_the_rows_and_bytes_that_were_forecast(twenty_thousand: Path) -> None:
    made, expected = made_and_expected(twenty_thousand)
    assert sum(table["rows"] for table in made.values()) == pytest.approx(expected.rows, rel=0.02)
    assert sum(table["bytes"] for table in made.values()) == pytest.approx(expected.bytes, rel=0.10)
    large = {name: table.rows for name, table in expected.tables.items() if table.rows >= ENOUGH}
    assert {name: made[name]["rows"] for name in large} == pytest.approx(large, rel=0.02)


def test_every_table_is_estimated_and_the_sums_are_theirs() -> None:
    expected = estimate(Config())
    assert sorted(expected.tables) == sorted(NAMES)
    assert expected.rows == sum(table.rows for table in expected.tables.values())
    assert expected.bytes == sum(table.bytes for table in expected.tables.values())


def test_ten_times_the_households_make_ten_times_the_rows_but_for_whole_tables() -> None:
    few, many = sized({"households": {"count": 10_000}}), sized({"households": {"count": 100_000}})
    for table in TABLES:
        factor = 1 if table.axis == "whole" else 10
        assert many[table.name] == pytest.approx(factor * few[table.name], rel=0.01)


def test_no_campaigns_make_no_campaign_rows() -> None:
    rows = sized({"campaigns": {"count": 0}})
    assert {name for name, count in rows.items() if count == 0} == {
        "campaigns", "campaign_assignments", "campaign_exposures", "conversions", "response_events", "outcome_metrics",
    }  # fmt: skip


def test_no_events_make_no_viewership() -> None:
    rows = sized({"engagement": {"events_per_person_month": 0}})
    assert (rows["content_engagements"], rows["viewership_patterns"]) == (0, 0)


def test_mean_people_is_the_setting_where_there_is_one() -> None:
    assert mean_people(validated({"households": {"people_per_household": 3}})) == 3


def test_mean_people_of_the_defaults_is_that_of_the_us() -> None:
    assert 2.3 < mean_people(Config()) < 2.5


def test_an_estimate_says_what_its_seconds_rest_on() -> None:
    expected = estimate(Config())
    assert "two cores" in expected.basis


def test_seconds_are_those_of_every_phase() -> None:
    phases = estimate(Config()).phases
    assert all(seconds > 0 for seconds in dataclasses.astuple(phases))
    assert estimate(Config()).seconds == pytest.approx(sum(dataclasses.astuple(phases)))


def making(households: int, unit: int) -> float:
    config = {"households": {"count": households}, "output": {"unit_households": unit}}
    return estimate(validated(config)).phases.making


def test_units_side_by_side_take_less_time_where_they_keep_the_cores_busier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "BUSY_ALONE", 0.5)
    monkeypatch.setattr(estimates, "BUSY_TOGETHER", 1.0)
    assert making(100_000, 50_000) < making(100_000, 100_000)


def test_many_small_units_take_more_time_than_few_large_ones() -> None:
    assert making(1_000_000, 1_000) > 2 * making(1_000_000, 100_000)


def test_an_odd_unit_is_made_alone() -> None:
    two, three, four = (making(count * 50_000, 50_000) for count in (2, 3, 4))
    assert three - two > four - three > 0
