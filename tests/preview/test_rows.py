"""A preview's rows are the first rows of the dataset, whatever else was asked for before."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from pyarrow import parquet

from generation.preview.samples import FEWEST, MOST, Asked, households_for, most_households, plain
from generation.spec.catalog import TABLE_BY_NAME, TABLES, location
from generation.spec.config import Config
from generation.spec.keys import CAMPAIGN, CONVERSION, PERSON
from generation.spec.preview_client import Sample, ask
from tests.preview.servers import PATIENCE, config

NAMES = [table.name for table in TABLES]
GOOD = config(households={"count": 200})
"""The configuration of the good dataset."""


def asked(live: Path, settings: Config, *tables: str, rows: int = 8) -> dict[str, Sample]:
    return ask(live, settings, tables, rows, PATIENCE)


def first_rows(root: Path, table: str, count: int) -> list[list[Any]]:
    """The first rows of a dataset's table by key, as JSON has them."""
    rows = parquet.read_table(DeltaTable(root / location(TABLE_BY_NAME[table])).file_uris())
    first = rows.sort_by(TABLE_BY_NAME[table].primary_key).slice(0, count)
    return [[plain(value) for value in row.values()] for row in first.to_pylist(maps_as_pydicts="strict")]


@pytest.mark.parametrize("table", NAMES)
def test_a_sample_is_the_first_rows_of_the_dataset(table: str, live: Path, good_dataset: Path) -> None:
    sample = asked(live, GOOD, table)[table]
    assert list(map(list, sample.rows)) == first_rows(good_dataset, table, 8)
    assert sample.columns == tuple(column.name for column in TABLE_BY_NAME[table].columns)
    assert sample.complete


def test_all_tables_at_once_have_the_rows_they_have_alone(live: Path, good_dataset: Path) -> None:
    # Another name and place make no other dataset, but another mode of asking: one request for all.
    everything = asked(live, config(households={"count": 200}, output={"name": "other"}), *NAMES, rows=9)
    assert {name: list(map(list, sample.rows)) for name, sample in everything.items()} == {
        name: first_rows(good_dataset, name, 9) for name in NAMES
    }


def test_three_households_have_the_rows_they_have_among_two_hundred(live: Path, good_dataset: Path) -> None:
    few = asked(live, config(households={"count": 3}), "households", "conversions", "outcome_metrics", rows=300)
    assert [len(few["households"].rows), all(sample.complete for sample in few.values())] == [3, True]
    assert list(map(list, few["households"].rows)) == first_rows(good_dataset, "households", 3)
    converted = [row[0] // CONVERSION // CAMPAIGN // PERSON for row in first_rows(good_dataset, "conversions", 300)]
    assert len(few["conversions"].rows) == sum(household <= 3 for household in converted)


def test_more_rows_begin_with_the_fewer(live: Path) -> None:
    settings = config(output={"seed": 7})
    few, many = (asked(live, settings, "devices", rows=rows)["devices"].rows for rows in (3, 150))
    assert (len(few), len(many), many[:3]) == (3, 150, few)
    assert asked(live, settings, "devices", rows=2)["devices"].rows == few[:2]


def test_another_seed_has_other_rows(live: Path) -> None:
    one, other = (asked(live, config(output={"seed": seed}), "individuals")["individuals"] for seed in (1, 2))
    assert one.rows != other.rows


def test_settings_of_one_preview_do_not_reach_the_next(live: Path, good_dataset: Path) -> None:
    unlike = config(households={"count": 200, "people_per_household": 4.0}, engagement={"titles": 9},
                    demographics={"identity": {"emails_per_adult": [0, 0, 0, 0, 0, 1]}}, campaigns={"flight_days": 14})  # fmt: skip
    tables = ("households", "identity_mappings", "content_engagements", "campaigns", "campaign_exposures")
    changed, after = asked(live, unlike, *tables, rows=7), asked(live, GOOD, *tables, rows=7)
    assert all(changed[table].rows != after[table].rows for table in tables)
    assert {name: list(map(list, sample.rows)) for name, sample in after.items()} == {
        name: first_rows(good_dataset, name, 7) for name in tables
    }


def test_rows_that_cannot_be_found_in_time_are_said_to_be_missing(live: Path) -> None:
    never = config(campaigns={"measurement": {"conversion_rate": 0}})
    begun = time.monotonic()
    sample = asked(live, never, "conversions")["conversions"]
    assert (sample.rows, sample.complete, sample.columns[0]) == ((), False, "conversion_id")
    assert time.monotonic() - begun < PATIENCE / 2


def test_rows_of_no_campaigns_are_none(live: Path) -> None:
    samples = asked(live, config(campaigns={"count": 0}), "campaigns", "response_events", "outcome_metrics")
    assert [len(sample.rows) for sample in samples.values()] == [0, 0, 0]
    assert samples["campaigns"].complete


def test_what_was_just_asked_is_answered_at_once(live: Path) -> None:
    times = []
    for _ in range(2):
        begun = time.monotonic()
        asked(live, config(output={"seed": 77}), "individuals", "devices")
        times.append(time.monotonic() - begun)
    assert times[1] < times[0] / 4


@pytest.mark.parametrize(
    ("tables", "households"), [(("households",), 40), (("content_catalog",), FEWEST), (("identity_mappings",), FEWEST)]
)
def test_as_many_households_are_made_as_their_rows_need(tables: tuple[str, ...], households: int) -> None:
    assert households_for(Asked(Config(), tables, 10)) == households


def test_tables_that_are_made_of_all_households_need_as_many_as_their_rows() -> None:
    credits = Asked(config(campaigns={"attribution": {"enabled": True}}), ("attribution_credits",), 10)
    cases = Asked(config(demographics={"sources": {"enabled": True}}), ("hard_cases",), 10)
    assert 20 < households_for(credits) < 100
    assert 10 < households_for(cases) < 50


def test_the_rarest_table_decides_and_the_dataset_limits() -> None:
    both = Asked(Config(), ("households", "conversions"), 10)
    assert 100 < households_for(both) < 1_000
    assert households_for(Asked(config(households={"count": 30}), both.tables, 10)) == 30
    assert households_for(Asked(Config(), ("conversions",), 1_000)) == MOST


def test_no_settings_make_a_preview_large() -> None:
    campaigns = {"count": 500, "eligible_share": 1, "reach": 1, "mean_frequency": 40, "frequency_cap": 250}
    most = config(engagement={"events_per_person_month": 70, "history_days": 180}, campaigns=campaigns)
    assert most_households(most) < 100
