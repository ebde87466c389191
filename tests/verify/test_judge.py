"""What cannot be judged is refused with its name and a remedy; what the manifest promises is compared."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from generation.spec.catalog import EVERY
from generation.spec.config import Config
from generation.spec.problems import InvalidConfig
from generation.spec.segments import SEGMENTS
from generation.verify import Room, Unverifiable, judge, verify
from generation.verify.bindings import bindings
from generation.verify.catalogue_rules import catalogue_rules
from generation.verify.rule import read_rulebook
from generation.verify.slices import KEYS_PER_HOUSEHOLD, in_step, slices
from tests.verify.planted import load, rewrite


@pytest.fixture
def copy(good_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good_dataset, tmp_path / "copy"))


def edited(root: Path, edit: Callable[[dict], object]) -> Path:
    manifest = json.loads((root / "manifest.json").read_text())
    edit(manifest)
    (root / "manifest.json").write_text(json.dumps(manifest))
    return root


def parquet_of(root: Path, table: str) -> Path:
    return sorted((root / table).rglob("*.parquet"))[0]


def test_row_count_other_than_the_manifests_is_a_finding(copy: Path) -> None:
    edited(copy, lambda manifest: manifest["tables"]["devices"].update(rows=1))
    assert [finding.rule for finding in verify(copy).findings] == ["row_count"]


def test_pending_manifest_is_judged_before_it_is_published(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").unlink()
    assert verify(copy, manifest).ok


def test_findings_do_not_depend_on_the_slices(copy: Path) -> None:
    whole, sliced = verify(copy), verify(copy, room=Room(slice_households=30))
    assert (whole.findings, whole.rows) == (sliced.findings, sliced.rows)


def test_fault_in_every_slice_is_counted_in_all(copy: Path) -> None:
    connection = duckdb.connect()
    load(connection, copy, "households")
    connection.execute("UPDATE households SET size = size + 1")
    households = connection.execute("SELECT COUNT(*) FROM households").fetchall()[0][0]
    rewrite(connection, copy, "households")
    counts = {finding.rule: finding.count for finding in verify(copy, room=Room(slice_households=30)).findings}
    assert counts["household_size_equals_members"] == households


@pytest.mark.parametrize("identifiers", [500, 12_000_000])
def test_values_that_two_share_are_found_whatever_slices_they_are_in(
    identifiers: int, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = duckdb.connect()
    load(connection, copy, "identity_mappings")
    connection.execute("""
        WITH owners AS (
            SELECT identifier_type, MIN(mapping_id) AS first, MAX(mapping_id) AS last FROM identity_mappings GROUP BY ALL
        )
        UPDATE identity_mappings SET identifier_value = one.identifier_value FROM owners, identity_mappings AS one
        WHERE owners.last = identity_mappings.mapping_id AND one.mapping_id = owners.first
          AND owners.identifier_type IN ('customer_id', 'gaid', 'ctv_id')
    """)
    rewrite(connection, copy, "identity_mappings")
    monkeypatch.setattr(judge, "GATHERED_AT_A_TIME", identifiers)
    counts = {finding.rule: finding.count for finding in verify(copy, room=Room(slice_households=30)).findings}
    assert (counts["identifier_value_of_one_person"], counts["ctv_id_of_one_household"]) == (2, 1)


def test_rows_that_a_join_repeats_are_counted_once(copy: Path) -> None:
    connection = duckdb.connect()
    load(connection, copy, "content_engagements")
    connection.execute("UPDATE content_engagements SET engagement_type = 'stare', content_id = -1")
    rewrite(connection, copy, "content_engagements")
    load(connection, copy, "devices")
    connection.execute("INSERT INTO devices SELECT * FROM devices")
    rewrite(connection, copy, "devices")
    events = connection.execute("SELECT COUNT(*) FROM content_engagements").fetchall()[0][0]
    counts = {finding.rule: finding.count for finding in verify(copy).findings}
    assert counts["declared.content_engagements.engagement_type"] == events
    assert counts["resolves.content_engagements.content_id"] == events


@pytest.mark.parametrize(
    "change", ["ALTER TABLE devices ADD COLUMN colour VARCHAR", "ALTER TABLE devices ALTER shared TYPE VARCHAR"]
)
def test_columns_other_than_the_catalogues_are_a_finding(change: str, copy: Path) -> None:
    connection = duckdb.connect()
    load(connection, copy, "devices")
    connection.execute(change)
    rewrite(connection, copy, "devices")
    assert [(finding.rule, finding.table) for finding in verify(copy).findings] == [("schema", "devices")]


def test_a_chosen_rule_is_judged_alone_with_the_relations_it_needs(copy: Path) -> None:
    connection = duckdb.connect()
    load(connection, copy, "households")
    connection.execute("UPDATE households SET size = size + 1")
    rewrite(connection, copy, "households")
    assert {finding.rule for finding in verify(copy, only=["household_size_equals_members"]).findings} == {
        "household_size_equals_members"
    }
    assert verify(copy, only=["household_is_not_empty"]).ok and not verify(copy).ok


def test_a_rule_that_is_not_there_is_refused_with_the_nearest_name(good_dataset: Path) -> None:
    with pytest.raises(
        InvalidConfig, match=r"household_size_equal_members.*did you mean household_size_equals_members"
    ):
        verify(good_dataset, only=["household_size_equal_members"])


def test_progress_ends_with_all_steps_done(good_dataset: Path) -> None:
    steps: list[tuple[int, int, str]] = []
    verify(good_dataset, on_progress=lambda done, total, what: steps.append((done, total, what)))
    assert [done for done, _, _ in steps] == list(range(1, steps[-1][1] + 1))


def test_missing_manifest_is_refused(copy: Path) -> None:
    (copy / "manifest.json").unlink()
    with pytest.raises(Unverifiable, match=r"no manifest\.json"):
        verify(copy)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"tables": {}}', '{"config": {}, "tables": {}}', '{"config": {}}']
)
def test_manifest_that_is_not_one_is_refused(text: str, copy: Path) -> None:
    (copy / "manifest.json").write_text(text)
    with pytest.raises(Unverifiable):
        verify(copy)


def test_manifest_with_a_foreign_config_is_refused(copy: Path) -> None:
    edited(copy, lambda manifest: manifest["config"].update(planet="Mars"))
    with pytest.raises(Unverifiable, match="planet"):
        verify(copy)


def test_manifest_with_an_unknown_table_is_refused(copy: Path) -> None:
    edited(copy, lambda manifest: manifest["tables"].update(pets={"rows": 1, "version": 0}))
    with pytest.raises(Unverifiable, match="pets"):
        verify(copy)


def test_version_that_does_not_exist_is_refused(copy: Path) -> None:
    edited(copy, lambda manifest: manifest["tables"]["devices"].update(version=99))
    with pytest.raises(Unverifiable, match="devices"):
        verify(copy)


def test_missing_table_is_refused(copy: Path) -> None:
    shutil.rmtree(copy / "devices")
    with pytest.raises(Unverifiable, match="devices"):
        verify(copy)


def test_missing_file_is_refused(copy: Path) -> None:
    parquet_of(copy, "content_engagements").unlink()
    with pytest.raises(Unverifiable, match=r"content_engagements.*missing"):
        verify(copy)


def test_truncated_file_is_refused(copy: Path) -> None:
    path = parquet_of(copy, "identity_mappings")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(Unverifiable, match=r"identity_mappings.*committed"):
        verify(copy)


def test_overwritten_file_of_the_same_size_is_refused(copy: Path) -> None:
    path = parquet_of(copy, "households")
    path.write_bytes(b"\0" * path.stat().st_size)
    with pytest.raises(Unverifiable, match="households"):
        verify(copy)


def test_rule_names_are_unique() -> None:
    names = [rule.name for rule in (*catalogue_rules(), *read_rulebook(bindings(Config())).rules)]
    assert len(names) == len(set(names))


def test_every_segment_is_in_the_rules() -> None:
    sql = " ".join(rule.sql for rule in read_rulebook(bindings(Config())).rules)
    assert [segment.name for segment in SEGMENTS if f"'{segment.name}'" not in sql] == []


def test_every_household_table_can_be_sliced() -> None:
    assert {table.name for table in EVERY if table.axis == "households"} == set(KEYS_PER_HOUSEHOLD)


def test_slices_hold_every_key_once() -> None:
    cuts = [(part.start, part.end) for part in slices(1, 250, 100)]
    assert cuts == [(None, 101), (101, 201), (201, None)]


@pytest.mark.parametrize(
    ("households", "unit", "taken"),
    [(100, 100, 100), (100, 30, 90), (100, 200, 100), (100, 250, 84), (30, 200_000, 30)],
)
def test_slices_are_whole_units_or_even_parts_of_one(households: int, unit: int, taken: int) -> None:
    assert in_step(households, unit) == taken
