"""What may change when a setting changes, and what must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.spec.catalog import TABLES
from generation.spec.keys import CAMPAIGN, CONVERSION, DEVICE, EVENT, EXPOSURE, MAPPING, OUTCOME, PERSON, RESPONSE
from tests.builders import dataset, fingerprints, rows_of

ASSIGNMENT = PERSON * CAMPAIGN
KEYS_PER_HOUSEHOLD = {
    "households": 1, "individuals": PERSON, "devices": DEVICE, "identity_mappings": PERSON * MAPPING,
    "content_engagements": PERSON * EVENT, "viewership_patterns": PERSON, "audience_attributes": PERSON,
    "campaign_assignments": ASSIGNMENT, "campaign_exposures": ASSIGNMENT * EXPOSURE, "conversions": ASSIGNMENT * CONVERSION,
    "response_events": ASSIGNMENT * EXPOSURE * RESPONSE, "outcome_metrics": ASSIGNMENT * EXPOSURE * RESPONSE * OUTCOME,
}  # fmt: skip
PEOPLE_TABLES = (
    "households", "individuals", "devices", "identity_mappings", "content_catalog", "content_engagements",
    "viewership_patterns", "audience_attributes",
)  # fmt: skip


@pytest.fixture(scope="module")
def doubled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 households."""
    return dataset(tmp_path_factory.mktemp("doubled") / "dataset", households=400)


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_twice_the_households_leave_the_first_half_and_its_descendants_unchanged(
    table: str, good_dataset: Path, doubled: Path
) -> None:
    key = next(t.primary_key for t in TABLES if t.name == table)
    first_half = f"{key} < {201 * KEYS_PER_HOUSEHOLD[table]}" if table in KEYS_PER_HOUSEHOLD else "TRUE"
    assert rows_of(doubled, table, first_half) == rows_of(good_dataset, table)


def test_twice_the_households_add_rows_to_every_household_table(good_dataset: Path, doubled: Path) -> None:
    for table in KEYS_PER_HOUSEHOLD:
        assert rows_of(doubled, table)[0] > rows_of(good_dataset, table)[0], table


@pytest.mark.parametrize("setting", ["campaigns.reach=0.7", "campaigns.count=3", "campaigns.measurement.lift=15"])
def test_campaign_settings_leave_people_identifiers_and_engagement_unchanged(
    setting: str, good_dataset: Path, tmp_path: Path
) -> None:
    changed, before = fingerprints(dataset(tmp_path / "d", settings=(setting,))), fingerprints(good_dataset)
    assert {name: changed[name] for name in PEOPLE_TABLES} == {name: before[name] for name in PEOPLE_TABLES}
    assert changed != before


def test_another_seed_changes_every_table(good_dataset: Path, tmp_path: Path) -> None:
    other, before = fingerprints(dataset(tmp_path / "d", seed=43)), fingerprints(good_dataset)
    assert [name for name in before if before[name] == other[name]] == []


def test_campaigns_with_a_seed_of_their_own_meet_other_people(good_dataset: Path, tmp_path: Path) -> None:
    other, before = (
        fingerprints(dataset(tmp_path / "d", seed=43, settings=("campaigns.plan_seed=42",))),
        fingerprints(good_dataset),
    )
    assert [name for name in before if before[name] == other[name]] == ["campaigns"]


def test_an_engagement_setting_leaves_households_and_people_unchanged(good_dataset: Path, tmp_path: Path) -> None:
    changed = fingerprints(dataset(tmp_path / "d", settings=("engagement.events_per_person_month=3",)))
    before = fingerprints(good_dataset)
    same = (
        "households",
        "individuals",
        "devices",
        "identity_mappings",
        "campaigns",
        "campaign_exposures",
        "conversions",
    )
    assert {name: changed[name] for name in same} == {name: before[name] for name in same}
    assert changed["content_engagements"] != before["content_engagements"]
