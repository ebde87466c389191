"""What a configuration accepts and refuses; every rule between settings shows its arithmetic."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from pydantic import ValidationError

from generation.spec.config import DEFAULT_TYPE_SHARES, MEAN_PEOPLE_BY_TYPE, Config, Measurement
from generation.spec.problems import InvalidConfig, validated
from tests.spec.engine_facts import Facts


def complaint(values: dict[str, Any]) -> str:
    """The one sentence that refuses these values."""
    with pytest.raises(InvalidConfig) as caught:
        validated(values)
    (problem,) = caught.value.problems
    return problem.message


def shares_with(name: str, share: float) -> dict[str, float]:
    return {**DEFAULT_TYPE_SHARES, name: share}


EMAILS = [0.5, 0.5, 0.5, 0, 0, 0]

CONTRADICTIONS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"households": {"type_shares": shares_with("roommates", 0.12174)}}, ("type_shares", "0.12174", "= 1.1", "-0.1")),
    ({"households": {"type_shares": {"single_person": 1.0}}}, ("twelve types", "roommates")),
    ({"households": {"states": ["CA", "XX"]}}, ("states", "['XX']")),
    ({"households": {"states": ["CA", "CA"]}}, ("states", "different")),
    ({"demographics": {"identity": {"coverage": {"fax": 0.5}}}}, ("coverage", "fax")),
    ({"demographics": {"identity": {"emails_per_adult": [1.0]}}}, ("6 shares", "got 1")),
    ({"demographics": {"identity": {"emails_per_adult": EMAILS}}}, ("0.5 + 0.5 + 0.5 + 0 + 0 + 0 = 1.5", "-0.5")),
    ({"demographics": {"wife_takes_surname": 0.7, "wife_hyphenates": 0.4}}, ("0.7 + 0.4 = 1.1", "over 1")),
    (
        {"engagement": {"events_per_person_month": 300, "history_days": 90}},
        ("300 * 3 months * 150", "= 135,000 events", "65,535"),
    ),
    ({"campaigns": {"measurement": {"conversion_rate": 0.4, "lift": 0.5}}}, ("0.4 * (1 + 0.5) = 0.6", "over 0.5")),
    ({"campaigns": {"channels": ["email", "fax"]}}, ("channels", "['fax']")),
    ({"campaigns": {"click_rates": {"fax": 0.1}}}, ("click_rates", "fax")),
    ({"campaigns": {"mean_frequency": 9.5, "frequency_cap": 20}}, ("9.5", "0.45 * frequency_cap 20 = 9")),
    ({"campaigns": {"mean_frequency": 2, "frequency_cap": 1}}, ("frequency_cap 1", "got 2")),
    ({"campaigns": {"flight_days": 28}, "engagement": {"history_days": 20}}, ("flight_days 28", "history_days 20")),
]


@pytest.mark.parametrize(("values", "words"), CONTRADICTIONS, ids=lambda value: "")
def test_settings_that_contradict_each_other_are_refused_with_the_arithmetic(
    values: dict[str, Any], words: tuple[str, ...]
) -> None:
    message = complaint(values)
    assert [word for word in words if word not in message] == [], message


BOUNDARIES: list[dict[str, Any]] = [
    {"households": {"count": 1}},
    {"households": {"count": 1_000_000_000}},
    {"households": {"type_shares": shares_with("roommates", DEFAULT_TYPE_SHARES["roommates"] + 9e-7)}},
    {"households": {"states": ["DC"]}},
    {"demographics": {"wife_takes_surname": 0.6, "wife_hyphenates": 0.4}},
    {"engagement": {"events_per_person_month": 0}},
    {"campaigns": {"measurement": {"conversion_rate": 0.25, "lift": 1}}},
    {"campaigns": {"mean_frequency": 9, "frequency_cap": 20}},
    {"campaigns": {"mean_frequency": 1, "frequency_cap": 1}},
    {"campaigns": {"flight_days": 28}, "engagement": {"history_days": 28}},
    {"campaigns": {"flight_days": 28, "count": 0}, "engagement": {"history_days": 20}},
]


@pytest.mark.parametrize("values", BOUNDARIES, ids=str)
def test_values_on_the_boundary_are_accepted(values: dict[str, Any]) -> None:
    assert isinstance(validated(values), Config)


@pytest.mark.parametrize(
    "value",
    [0, -1, 1_000_000_001, 10**400, 1.5, True, "5", None, math.nan, math.inf, [5], {"n": 5}],
    ids=lambda value: str(value)[:12],
)
def test_a_number_of_households_that_is_none_is_refused_by_name(value: object) -> None:
    message = complaint({"households": {"count": value}})
    assert message.startswith("households.count must be ")
    assert "got " in message


@pytest.mark.parametrize("value", [10**400, -(10**400), math.inf, math.nan, True, "2.5"], ids=lambda v: str(v)[:12])
def test_a_mean_that_is_no_finite_number_is_refused_by_name(value: object) -> None:
    assert complaint({"households": {"people_per_household": value}}).startswith("households.people_per_household must")


def test_a_whole_number_written_as_real_is_the_same_value() -> None:
    assert validated({"households": {"count": 500.0}}) == validated({"households": {"count": 500}})


def test_a_partial_coverage_keeps_the_other_defaults() -> None:
    changed = validated({"demographics": {"identity": {"coverage": {"phone": 0.5}}}}).demographics.identity.coverage
    assert changed == {**Config().demographics.identity.coverage, "phone": 0.5}


def test_partial_click_rates_keep_the_other_defaults() -> None:
    changed = validated({"campaigns": {"click_rates": {"email": 0.5}}}).campaigns.click_rates
    assert changed == {**Config().campaigns.click_rates, "email": 0.5}


def test_the_history_window_ends_the_day_before_as_of() -> None:
    config = validated({"output": {"as_of": "2026-03-01"}, "engagement": {"history_days": 28}})
    assert config.window_start == dt.date(2026, 2, 1)


def test_a_configuration_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        # The type checker refuses it too: the model is frozen.
        Config().campaigns.measurement = Measurement()  # type: ignore[misc]


@pytest.mark.parametrize("name", list(MEAN_PEOPLE_BY_TYPE))
def test_mean_people_by_type_agree_with_a_sample_within_one_percent(name: str, facts: Facts) -> None:
    assert facts.mean_sizes[name] == pytest.approx(MEAN_PEOPLE_BY_TYPE[name], rel=0.01)


@pytest.mark.parametrize("name", list(DEFAULT_TYPE_SHARES))
def test_type_shares_agree_with_a_sample_within_two_percent(name: str, facts: Facts) -> None:
    assert facts.type_shares[name] == pytest.approx(DEFAULT_TYPE_SHARES[name], rel=0.02)
