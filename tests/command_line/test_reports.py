"""Commands that tell something: their words, their JSON, and that preview shows the rows a run makes."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from pyarrow import parquet

from generation.spec.catalog import TABLE_BY_NAME, TABLES, location
from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.files import load
from generation.spec.presets import PRESET_BY_NAME
from tests.builders import fingerprints
from tests.command_line.terminal import FAILURE, Terminal, in_a_process


@pytest.mark.parametrize("name", PRESET_BY_NAME)
def test_a_printed_configuration_loads_back(name: str, terminal: Terminal) -> None:
    assert load(terminal("config", "--preset", name).out, "c") == PRESET_BY_NAME[name].config


def test_a_printed_configuration_is_a_configuration_file(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(terminal("config", "--preset", "standard").out)
    assert terminal("estimate", str(file)).out == terminal("estimate", "--preset", "standard").out


def test_flags_win_over_the_file_and_the_file_over_the_preset(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("households: {count: 77}\nengagement: {titles: 99}\n")
    arguments = ("estimate", str(file), "--preset", "standard", "--set", "campaigns.count=3", "--json")
    tables = [terminal(*arguments, *flags).json["tables"] for flags in ((), ("--households", "55"))]
    assert [table["households"]["rows"] for table in tables] == [77, 55]
    assert [(table["content_catalog"]["rows"], table["campaigns"]["rows"]) for table in tables] == [(99, 3)] * 2


def test_presets_are_listed_with_what_they_are_for(terminal: Terminal) -> None:
    assert [line.split(maxsplit=1) for line in terminal("presets").out.splitlines()] == [
        [preset.name, preset.says] for preset in PRESET_BY_NAME.values()
    ]


def test_presets_are_json_where_asked_for(terminal: Terminal) -> None:
    listed = terminal("presets", "--json").json
    assert {preset["name"]: preset["households"] for preset in listed} == {
        "starter": 10_000, "small": 1_000, "standard": 1_000_000,
        "measurement-clean": 20_000, "measurement-confounded": 20_000, "measurement-null": 20_000,
        "identity-easy": 10_000, "identity-medium": 10_000, "identity-hard": 10_000,
    }  # fmt: skip


def test_an_estimate_is_json_where_asked_for(terminal: Terminal) -> None:
    told, expected = terminal("estimate", "--json").json, estimate(Config())
    assert {name: table["rows"] for name, table in told["tables"].items()} == {
        name: table.rows for name, table in expected.tables.items()
    }
    assert (told["rows"], told["bytes"]) == (expected.rows, expected.bytes)
    assert told["seconds"] > 0


def test_an_estimate_of_a_billion_households_is_immediate(terminal: Terminal) -> None:
    assert terminal("estimate", "--households", "1000000000", "--json").json["rows"] > 10**11


def plain(value: Any) -> Any:
    """A value as JSON shows it."""
    match value:
        case dt.datetime():
            return str(value.astimezone(dt.timezone.utc).replace(tzinfo=None))
        case dt.date() | Decimal():
            return str(value)
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case list():
            return [tuple(plain(part) for part in item) if isinstance(item, tuple) else plain(item) for item in value]
    return value


def first_rows(root: Path, table: str, count: int) -> list[dict[str, Any]]:
    """The first rows of a dataset's table by key."""
    rows = parquet.read_table(DeltaTable(root / location(TABLE_BY_NAME[table])).file_uris())
    rows = rows.sort_by(TABLE_BY_NAME[table].primary_key).slice(0, count)
    maps = [field.name for field in rows.schema if str(field.type).startswith("map")]
    return [plain(row | {name: dict(row[name]) for name in maps}) for row in rows.to_pylist()]


@pytest.mark.parametrize(
    "table",
    ["households", "campaigns", "identity_mappings", "audience_attributes", "conversions", "outcome_metrics"],
)
def test_preview_shows_the_first_rows_of_the_dataset(table: str, good_dataset: Path) -> None:
    said = in_a_process(
        "preview", "--preset", "small", "--households", "200", "--table", table, "--rows", "8", "--json"
    )
    assert (said.code, said.err) == (0, "")
    assert said.json["rows"] == first_rows(good_dataset, table, 8)


def test_a_good_dataset_is_verified_with_exit_0(good_dataset: Path, terminal: Terminal) -> None:
    said = terminal("verify", str(good_dataset))
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("verdict: good, ")


def test_a_violation_is_told_with_exit_1(good_dataset: Path, terminal: Terminal, tmp_path: Path) -> None:
    root = Path(shutil.copytree(good_dataset, tmp_path / "copy"))
    manifest = json.loads((root / "manifest.json").read_text())
    manifest["tables"]["devices"]["rows"] += 1
    (root / "manifest.json").write_text(json.dumps(manifest))
    words, told = terminal("verify", str(root)), terminal("verify", str(root), "--json")
    assert (words.code, told.code) == (FAILURE, FAILURE)
    assert "row_count on devices" in words.out
    assert [finding["rule"] for finding in told.json["findings"]] == ["row_count"]


def test_fingerprints_are_those_of_the_manifest(good_dataset: Path, terminal: Terminal) -> None:
    told = terminal("fingerprint", str(good_dataset)).json
    manifest = json.loads((good_dataset / "manifest.json").read_text())["tables"]
    assert told == {name: {"rows": manifest[name]["rows"], "fingerprint": mark}
                    for name, mark in fingerprints(good_dataset).items()}  # fmt: skip
    assert list(told) == [table.name for table in TABLES]


def test_documents_are_written_and_named(terminal: Terminal, tmp_path: Path) -> None:
    said = terminal("docs", "--output", str(tmp_path / "new" / "docs"))
    written = sorted(Path(line) for line in said.out.splitlines())
    assert written == sorted((tmp_path / "new" / "docs").iterdir())
    assert {path.name for path in written} == {"data-dictionary.md", "er-diagram.md", "configuration.md"}
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in written)


def test_the_version_and_the_help_end_with_exit_0(terminal: Terminal) -> None:
    assert terminal("--version").out.startswith("idgraph ")
    assert all(name in terminal("--help").out for name in ("generate", "preview", "verify", "fingerprint"))


def test_a_relative_output_is_kept_as_the_whole_path(terminal: Terminal, tmp_path: Path, good_dataset: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    copy = Path(shutil.copytree(good_dataset, tmp_path / "copy"))
    file = tmp_path / "config.yaml"
    file.write_text("output: {path: copy}")
    monkeypatch.chdir(tmp_path)
    assert terminal("generate", str(file), "--households", "200").code == 0
    assert json.loads((copy / "_run" / "config.json").read_text())["output"]["path"] == str(copy)


def test_a_manifest_makes_the_same_rows_again(smaller: Path, tmp_path: Path) -> None:
    manifest = smaller / "manifest.json"
    done = in_a_process("generate", "--from-manifest", str(manifest), "--output", str(tmp_path / "again"))
    assert done.code == 0, done.err
    assert f"all {len(fingerprints(smaller))} equal" in done.out
    assert fingerprints(tmp_path / "again") == fingerprints(smaller)


def test_a_manifest_that_promises_other_fingerprints_is_a_failure(smaller: Path, tmp_path: Path) -> None:
    manifest = json.loads((smaller / "manifest.json").read_text())
    manifest["tables"]["devices"]["fingerprint"] = manifest["tables"]["campaigns"]["fingerprint"]
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(manifest))
    (run := tmp_path / "run").mkdir()
    shutil.copytree(smaller, run / "dataset")
    said = in_a_process("generate", "--from-manifest", str(file), "--output", str(run / "dataset"))
    assert (said.code, "1 of 14 fingerprints differ" in said.err, "devices" in said.err) == (FAILURE, True, True)


@pytest.mark.parametrize(
    ("text", "why"), [("{}", "corrupt or foreign"), ("[", "corrupt or foreign"), (None, "cannot be read")]
)
def test_a_foreign_manifest_is_not_made_again(text: str | None, why: str, terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    if text is not None:
        file.write_text(text)
    said = terminal("generate", "--from-manifest", str(file), "--output", str(tmp_path / "again"))
    assert said.code == 2 and why in said.line and "--from-manifest" in said.line


def test_a_manifest_and_a_setting_contradict_each_other(terminal: Terminal, smaller: Path, tmp_path: Path) -> None:
    flags = ("--from-manifest", str(smaller / "manifest.json"), "--seed", "7", "--output", str(tmp_path / "again"))
    said = terminal("generate", *flags)
    assert said.code == 2 and "leave out seed" in said.line


def test_a_manifest_says_all_that_is_promised(smaller: Path) -> None:
    manifest = json.loads((smaller / "manifest.json").read_text())
    assert manifest["notice"].startswith("Synthetic data")
    assert manifest["engine_version"].startswith("Sail ")
    assert {"generate", "commit", "verify", "fingerprint", "report"} <= set(manifest["seconds"])
    for name, entry in manifest["tables"].items():
        files = DeltaTable(smaller / entry["location"], version=entry["version"]).file_uris()
        assert entry["bytes"] == sum(Path(file).stat().st_size for file in files), name


def test_a_report_is_written_beside_the_dataset_or_where_asked_for(
    terminal: Terminal, smaller: Path, tmp_path: Path
) -> None:
    said = terminal("report", str(smaller), "--output", str(tmp_path / "here"))
    assert said.code == 0 and "settings within their tolerance" in said.out
    assert (tmp_path / "here" / "report.json").read_bytes() == (smaller / "_run" / "report.json").read_bytes()
    assert terminal("report", str(smaller), "--output", str(tmp_path / "here"), "--json").json["ok"] is True
