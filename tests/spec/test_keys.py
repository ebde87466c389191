"""Keys fit into 64 bits at the largest dataset, and the configuration cannot leave the strides."""

from __future__ import annotations

import pytest

from generation.spec import keys
from generation.spec.catalog import TABLES
from generation.spec.config import Config
from generation.spec.problems import InvalidConfig, validated
from tests.spec.engine_facts import LAST_HOUSEHOLDS, Facts

LARGEST = {"households": {"count": keys.MAX_HOUSEHOLDS}}
HOUSEHOLD_TABLES = [table.name for table in TABLES if table.axis == "households"]


def test_the_longest_chain_of_strides_fits_into_63_bits() -> None:
    per_household = keys.PERSON * keys.CAMPAIGN * keys.EXPOSURE * keys.RESPONSE * keys.OUTCOME
    assert (keys.MAX_HOUSEHOLDS + 1) * per_household < 2**63


@pytest.mark.parametrize(("table", "key"), keys.largest_keys().items())
def test_the_largest_key_of_a_table_is_a_bigint(table: str, key: int) -> None:
    assert 0 < key < 2**63


def test_one_household_more_than_the_largest_dataset_is_refused() -> None:
    assert validated(LARGEST).households.count == 1_000_000_000
    with pytest.raises(InvalidConfig):
        validated({"households": {"count": keys.MAX_HOUSEHOLDS + 1}})


@pytest.mark.parametrize(("name", "stride"), [("count", keys.CAMPAIGN), ("frequency_cap", keys.EXPOSURE)])
def test_a_setting_ends_below_its_stride(name: str, stride: int) -> None:
    assert isinstance(validated({"campaigns": {name: stride - 1}}), Config)
    with pytest.raises(InvalidConfig, match=f"at most {stride - 1}"):
        validated({"campaigns": {name: stride}})


@pytest.mark.parametrize("table", HOUSEHOLD_TABLES)
def test_the_engine_makes_positive_keys_at_a_billion_households(table: str, facts: Facts) -> None:
    smallest, largest = facts.last_keys[table]
    assert 0 < smallest <= largest < 2**63


@pytest.mark.parametrize(
    ("table", "stride"),
    [
        ("households", 1),
        ("individuals", keys.PERSON),
        ("devices", keys.DEVICE),
        ("identity_mappings", keys.PERSON * keys.MAPPING),
        ("content_engagements", keys.PERSON * keys.EVENT),
        ("campaign_assignments", keys.PERSON * keys.CAMPAIGN),
        ("campaign_exposures", keys.PERSON * keys.CAMPAIGN * keys.EXPOSURE),
        ("conversions", keys.PERSON * keys.CAMPAIGN * keys.CONVERSION),
        ("response_events", keys.PERSON * keys.CAMPAIGN * keys.EXPOSURE * keys.RESPONSE),
        ("outcome_metrics", keys.PERSON * keys.CAMPAIGN * keys.EXPOSURE * keys.RESPONSE * keys.OUTCOME),
    ],
)
def test_a_key_divided_by_its_strides_is_its_household(table: str, stride: int, facts: Facts) -> None:
    first, last = LAST_HOUSEHOLDS
    smallest, largest = facts.last_keys[table]
    assert first <= smallest // stride <= largest // stride <= last
