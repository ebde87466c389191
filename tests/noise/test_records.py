"""Source records say nothing about the person beside their values, and their errors are as configured."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable

from generation.noise.registry import KEYBOARD, LOOKALIKES, NICKNAMES
from generation.spec.catalog import TABLE_BY_NAME, TABLES, location
from generation.spec.problems import InvalidConfig, validated
from generation.spec.sources import DEFAULT_NOISE, DEFAULT_QUALITY, PROFILES, SOURCES
from tests.builders import fingerprints


def rows(root: Path, sql: str) -> list[tuple[object, ...]]:
    connection = duckdb.connect()
    for name in ("source_records", "person_links", "cell_corruptions", "hard_cases"):
        files = DeltaTable(root / location(TABLE_BY_NAME[name])).file_uris()
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({files!r}, file_row_number = true)")
    return connection.execute(sql).fetchall()


def test_core_tables_are_the_same_with_and_without_sources_and_graph(identity_dataset: Path, thousand: Path) -> None:
    without = fingerprints(thousand)
    assert set(without) == {table.name for table in TABLES}
    assert {name: fingerprints(identity_dataset)[name] for name in without} == without


def test_rows_lie_in_the_order_of_keys_alone(identity_dataset: Path) -> None:
    for name in ("source_records", "person_links"):
        keys = [row[0] for row in rows(identity_dataset, f"SELECT record_id FROM {name} ORDER BY file_row_number")]
        assert keys == sorted(keys) and len(keys) > 1_000


def test_neighbouring_records_are_of_one_person_no_more_often_than_chance(identity_dataset: Path) -> None:
    sql = "SELECT individual_id = LAG(individual_id) OVER (ORDER BY record_id) FROM person_links"
    assert sum(same is True for (same,) in rows(identity_dataset, sql)) <= 12  # of 7,000; three in a person's records


def test_records_of_a_person_are_three_of_a_source_at_most(identity_dataset: Path) -> None:
    sql = "SELECT COUNT(*) FROM source_records JOIN person_links USING (record_id) GROUP BY source, individual_id"
    assert {count for (count,) in rows(identity_dataset, sql)} == {1, 2, 3}


@pytest.mark.parametrize("source", [source for source in SOURCES if "postal_code" in PROFILES[source].columns])
def test_cells_are_missing_as_often_as_configured(loud: Path, source: str) -> None:
    missing = "column_name = 'postal_code' AND noise_type = 'missing'"
    sql = (
        f"SELECT COUNT(*) FILTER (record_id IN (SELECT record_id FROM cell_corruptions WHERE {missing})), COUNT(*) "
        f"FROM source_records WHERE source = '{source}'"
    )
    ((found, records),) = rows(loud, sql)
    expected = 0.1 * (1 - DEFAULT_QUALITY[source])
    # Four standard deviations.
    assert abs(found / records - expected) < 4 * (expected / records) ** 0.5


def test_hard_cases_come_on_demand(loud: Path, identity_dataset: Path) -> None:
    sql = "SELECT COUNT(*) FROM hard_cases WHERE case_type = 'role_mailbox'"
    assert rows(loud, sql)[0][0] > 10 * rows(identity_dataset, sql)[0][0] > 0  # type: ignore[operator]


def test_every_change_of_a_character_changes_it() -> None:
    for table in (KEYBOARD, LOOKALIKES):
        assert len(table) == 36 and [key for key, other in table.items() if key == other] == []
    assert [name for name, nickname in NICKNAMES.items() if name == nickname] == []


@pytest.mark.parametrize(
    "settings",
    [
        {"noise": {"smudge": 0.1}},
        {"coverage": {"fax": 0.1}},
        {"noise": {**DEFAULT_NOISE, "missing": 0.95}},
        {"hard_cases": {"carrier_nat": 0.4, "hotel_wifi": 0.4}},
    ],
)
def test_impossible_sources_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InvalidConfig):
        validated({"demographics": {"sources": settings}})
