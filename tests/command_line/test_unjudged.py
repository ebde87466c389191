"""What is no dataset, or no longer one, is neither judged good nor met with a crash."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.command_line.terminal import FAILURE, UNJUDGED, Terminal
from tests.verify.planted import load, rewrite


@pytest.fixture
def copy(good_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good_dataset, tmp_path / "copy"))


def edited(root: Path, edit: Callable[[dict], object]) -> None:
    manifest = json.loads((root / "manifest.json").read_text())
    edit(manifest)
    (root / "manifest.json").write_text(json.dumps(manifest))


def a_file_of(root: Path, table: str) -> Path:
    return sorted((root / table).rglob("*.parquet"))[0]


def empty(root: Path) -> None:
    shutil.rmtree(root)
    root.mkdir()


def absent(root: Path) -> None:
    shutil.rmtree(root)


def a_file(root: Path) -> None:
    shutil.rmtree(root)
    root.write_text("not a folder")


def without_a_table(root: Path) -> None:
    shutil.rmtree(root / "conversions")


def without_a_log(root: Path) -> None:
    shutil.rmtree(root / "devices" / "_delta_log")


def truncated(root: Path) -> None:
    path = a_file_of(root, "content_engagements")
    path.write_bytes(path.read_bytes()[:500])


def emptied(root: Path) -> None:
    a_file_of(root, "individuals").write_bytes(b"")


def zeroed(root: Path) -> None:
    path = a_file_of(root, "households")
    path.write_bytes(b"\0" * path.stat().st_size)


def foreign(root: Path) -> None:
    (root / "manifest.json").write_text(json.dumps({"metadata": {"dbt_version": "1.8"}, "nodes": {}}))


def unreadable(root: Path) -> None:
    (root / "manifest.json").write_bytes(b"\xff\xfe\x00{")


def of_a_later_format(root: Path) -> None:
    edited(root, lambda manifest: manifest.update(manifest_version=2, generator="9.0.0"))


def of_a_later_version_with_a_table(root: Path) -> None:
    edited(root, lambda manifest: manifest.update(generator="9.0.0"))
    edited(root, lambda manifest: manifest["tables"].update(pets=manifest["tables"]["devices"]))


def of_an_earlier_version_without_a_table(root: Path) -> None:
    edited(root, lambda manifest: manifest.update(generator="0.0.1"))
    edited(root, lambda manifest: manifest["tables"].pop("conversions"))


def of_another_version_with_other_columns(root: Path) -> None:
    connection = duckdb.connect()
    load(connection, root, "devices")
    connection.execute("ALTER TABLE devices DROP COLUMN os")
    rewrite(connection, root, "devices")
    edited(root, lambda manifest: manifest.update(generator="0.0.1"))


def with_another_configuration(root: Path) -> None:
    edited(root, lambda manifest: manifest["config"]["campaigns"].update(frequency_cap=200))


def of_a_version_that_is_gone(root: Path) -> None:
    edited(root, lambda manifest: manifest["tables"]["devices"].update(version=7))


DAMAGES: dict[Callable[[Path], None], str] = {
    empty: "has no manifest.json",
    absent: "has no manifest.json",
    a_file: "not readable",
    without_a_table: "table conversions is missing",
    without_a_log: "table devices is missing",
    truncated: "bytes,",
    emptied: "bytes,",
    zeroed: "households",
    foreign: "the manifest is foreign",
    unreadable: "not readable JSON",
    of_a_later_format: "manifest_version 2, this version reads 1; verify with version 9.0.0",
    of_a_later_version_with_a_table: "unknown tables pets",
    of_an_earlier_version_without_a_table: "lacks the tables conversions; verify with version 0.0.1",
    of_another_version_with_other_columns: "other columns in devices (os)",
    with_another_configuration: "is not the one of its config_hash",
    of_a_version_that_is_gone: "cannot be opened at version 7",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_what_cannot_be_judged_is_told_in_one_line(
    damage: Callable[[Path], None], terminal: Terminal, copy: Path
) -> None:
    damage(copy)
    said = terminal("verify", str(copy))
    assert said.code == UNJUDGED
    assert DAMAGES[damage] in said.line
    assert terminal("verify", str(copy), "--json").json["ok"] is False


@pytest.mark.parametrize("command", ["report", "realism", "rules", "fingerprint"])
@pytest.mark.parametrize("damage", [empty, foreign, truncated, without_a_table], ids=lambda damage: damage.__name__)
def test_every_reader_refuses_it_alike(
    command: str, damage: Callable[[Path], None], terminal: Terminal, copy: Path, tmp_path: Path
) -> None:
    damage(copy)
    output = ("--output", str(tmp_path / "there")) if command == "rules" else ()
    said = terminal(command, str(copy), *output)
    assert said.code == UNJUDGED and DAMAGES[damage] in said.line


def test_a_row_that_breaks_no_rule_is_not_that_of_the_fingerprint(terminal: Terminal, copy: Path) -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    load(connection, copy, "individuals")
    connection.execute("UPDATE individuals SET first_name = first_name || 'a' WHERE individual_id = 16")
    rewrite(connection, copy, "individuals")
    said = terminal("verify", str(copy), "--json")
    assert said.code == FAILURE
    assert [(one["rule"], one["table"]) for one in said.json["findings"]] == [("fingerprint", "individuals")]


def test_a_thinned_table_breaks_no_rule_but_misses_its_targets(terminal: Terminal, copy: Path) -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    load(connection, copy, "identity_mappings")
    connection.execute("DELETE FROM identity_mappings WHERE identifier_type = 'loyalty_id' AND individual_id % 3 > 0")
    rewrite(connection, copy, "identity_mappings")
    edited(copy, lambda manifest: manifest["tables"]["identity_mappings"].pop("fingerprint"))
    assert terminal("verify", str(copy)).code == 0
    said = terminal("verify", str(copy), "--targets", "--json")
    assert said.code == FAILURE
    found = [finding["rule"] for finding in said.json["findings"]]
    assert found == ["target.demographics.identity.coverage.loyalty_id"]


def test_a_report_of_a_broken_dataset_names_the_rule_and_fails(terminal: Terminal, copy: Path, tmp_path: Path) -> None:
    edited(copy, lambda manifest: manifest["tables"]["devices"].update(rows=1))
    said = terminal("report", str(copy), "--output", str(tmp_path / "there"))
    assert said.code == FAILURE
    assert "rules are broken" in (tmp_path / "there" / "report.html").read_text(encoding="utf-8")
