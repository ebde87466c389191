"""The configuration hash: equal for equal rows, different otherwise, and the same in later versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import BaseModel

from generation.spec import identity
from generation.spec.config import Config
from generation.spec.identity import config_hash, differences, fields_without_rows, row_values
from generation.spec.presets import PRESET_BY_NAME
from generation.spec.problems import validated

GOLDEN = {
    "starter": "5dfdc9a334b04e3f4e3c9351bc3b9683c178b0cc45939ef87369131063c0e4e5",
    "small": "fcd313bddd58db02c3675e10f55c309f0770577643c0919a3e5bd1c0f355b1ad",
    "standard": "4126b689fd63668e5b8510997fd5a33e10887accb8f4bf0bdebb0e73c2f9f262",
}
"""Datasets out there carry these. A change of a default or of the hash makes them other datasets: only on purpose."""

OTHER_WAYS = {"name": "other", "path": "/elsewhere", "mode": "regenerate", "engine": "local[2]", "unit_households": 200,
              "target": "unity_catalog", "catalog": "main", "schema_name": "other"}  # fmt: skip


def other(value: Any) -> Any:
    """A different value of the same type."""
    match value:
        case None:
            return 2.5
        case int() | float():
            return value + 1
        case str():
            return "last_touch"
        case dt.date():
            return value + dt.timedelta(1)
        case tuple():
            return value[1:] or ("CA",)
        case dict():
            return {**value, next(iter(value)): 0.123}
    raise AssertionError(f"no other value for {value!r}")


def with_other(model: Any, path: list[str]) -> Any:
    """A copy with another value at a path."""
    head, *rest = path
    value = getattr(model, head)
    return model.model_copy(update={head: with_other(value, rest) if rest else other(value)})


@pytest.mark.parametrize("name", GOLDEN)
def test_the_hash_of_a_preset_is_what_it_was(name: str) -> None:
    assert config_hash(PRESET_BY_NAME[name].config) == GOLDEN[name]


def test_the_default_configuration_is_the_starter_preset() -> None:
    assert config_hash(Config()) == GOLDEN["starter"]


def test_the_fields_that_change_no_row_are_these() -> None:
    assert set(fields_without_rows()) == {f"output.{name}" for name in OTHER_WAYS}


@pytest.mark.parametrize("name", OTHER_WAYS)
def test_where_and_how_a_dataset_is_made_is_not_in_the_hash(name: str) -> None:
    changed = validated({"output": {name: OTHER_WAYS[name]}})
    assert config_hash(changed) == config_hash(Config())
    assert differences(changed, Config()) == {}


@pytest.mark.parametrize("name", [name for name in row_values(Config()) if name != "version"])
def test_every_other_field_is_in_the_hash(name: str) -> None:
    changed = with_other(Config(), name.split("."))
    assert config_hash(changed) != config_hash(Config())
    assert list(differences(changed, Config())) == [name]


def test_the_order_of_a_mapping_is_not_in_the_hash() -> None:
    reversed_shares = dict(reversed(Config().households.type_shares.items()))
    assert config_hash(validated({"households": {"type_shares": reversed_shares}})) == config_hash(Config())


def test_a_number_written_another_way_is_not_in_the_hash() -> None:
    assert config_hash(validated({"engagement": {"events_per_person_month": 8}})) == config_hash(Config())


def test_a_field_added_later_stays_out_of_the_hash_at_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: value for name, value in row_values(Config()).items() if name != "engagement.titles"}
    monkeypatch.setattr(identity, "ADDED_LATER", identity.ADDED_LATER | {"engagement.titles"})
    assert row_values(Config()) == before
    assert row_values(validated({"engagement": {"titles": 9}}))["engagement.titles"] == 9


ADDED = {
    "campaigns.attribution.enabled": True,
    "campaigns.delivery.bot_share": 0.2,
    "campaigns.delivery.channel_cap": 9,
    "campaigns.delivery.channel_shares": {"ctv": 0.5},
    "campaigns.delivery.day_parts": {"overnight": 0.0},
    "campaigns.delivery.enabled": True,
    "campaigns.delivery.frequency_shape": 0.5,
    "campaigns.delivery.household_ctv_cap": 30,
    "campaigns.measurement.confounding": 1.5,
    "campaigns.measurement.enabled": True,
    "campaigns.measurement.intent_spread": 0.7,
    "campaigns.measurement.null_share": 0.5,
    "campaigns.measurement.same_device_share": 0.9,
    "campaigns.measurement.spillover": 0.5,
    "campaigns.plan_seed": 7,
    "demographics.graph.enabled": True,
    "demographics.graph.false_edge_share": 0.3,
    "demographics.graph.inferred_share": 0.5,
    "demographics.graph.new_profile_share": 0.5,
    "demographics.graph.wrong_merge_share": 0.1,
    "demographics.sources.correlation": 0.5,
    "demographics.sources.coverage": {"crm": 0.1},
    "demographics.sources.enabled": True,
    "demographics.sources.hard_cases": {"twins": 0.1},
    "demographics.sources.noise": {"missing": 0.1},
    "demographics.sources.quality": {"crm": 0.1},
    "demographics.sources.repeat_share": 0.3,
    "demographics.sources.stale_share": 0.1,
    "households.city": "Austin, TX",
    "households.householder_age_shares": [0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.1],
    "households.income_shares": {**Config().households.income_shares, "under_15k": 0.1, "15k_25k": 0.054},
    "households.size_shares": [0.5, 0.3, 0.1, 0.05, 0.03, 0.01, 0.01],
    "households.state_shares": {"CA": 1.0},
}


@pytest.mark.parametrize("name", ADDED)
def test_a_field_added_later_is_in_the_hash_once_it_is_set(name: str) -> None:
    needed = {"campaigns": {"measurement": {"enabled": True}}} if name == "campaigns.measurement.spillover" else {}
    before = validated(needed)
    assert config_hash(with_value(before, name, ADDED[name])) != config_hash(before)


def with_value(config: Config, name: str, value: Any) -> Config:
    """A configuration with one more setting of its own."""
    values = config.model_dump(mode="json")
    *sections, last = name.split(".")
    inside = values
    for section in sections:
        inside = inside[section]
    inside[last] = value
    return validated(values)


def test_every_field_added_later_is_tested_here() -> None:
    assert set(ADDED) == identity.ADDED_LATER


def test_fields_added_later_exist() -> None:
    for name in identity.ADDED_LATER:
        model: Any = Config()
        for part in name.split("."):
            assert isinstance(model, BaseModel)
            model = getattr(model, part)
