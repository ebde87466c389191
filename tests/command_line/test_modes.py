"""What a second command on the same folder does: nothing, a refusal, a new version, or more households."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from pyarrow import parquet

from generation.spec.catalog import TABLES, location
from tests.builders import fingerprints
from tests.command_line.terminal import BAD_INPUT, Said, Terminal, in_a_process, tree


def manifest(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "manifest.json").read_text()))


def data(root: Path) -> dict[str, bytes]:
    """The dataset's files without the run directory."""
    return {name: content for name, content in tree(root).items() if not name.startswith("_run/")}


def again(root: Path, households: int, *options: str) -> Said:
    return in_a_process(
        "generate", "--preset", "small", "--households", str(households), *options, "--output", str(root)
    )


@pytest.fixture(scope="module")
def appended(smaller: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 households, then 80 more."""
    root = Path(shutil.copytree(smaller, tmp_path_factory.mktemp("appended") / "dataset"))
    said = again(root, 200, "--mode", "append")
    assert said.code == 0, said.err
    return root


@pytest.fixture(scope="module")
def regenerated(good_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 households, then 120 in their place."""
    root = Path(shutil.copytree(good_dataset, tmp_path_factory.mktemp("regenerated") / "dataset"))
    said = again(root, 120, "--mode", "regenerate", "--json")
    assert said.code == 0, said.err
    assert (said.json["serial"], said.json["unchanged"]) == (2, False)
    return root


def test_the_same_again_is_verified_and_changes_nothing(good_dataset: Path, terminal: Terminal) -> None:
    before = data(good_dataset)
    said = terminal("generate", "--preset", "small", "--households", "200", "--output", str(good_dataset))
    assert (said.code, said.err) == (0, "")
    assert "already there, verified" in said.out
    assert data(good_dataset) == before


def test_the_same_again_with_another_engine_or_unit_is_the_same(good_dataset: Path, terminal: Terminal) -> None:
    said = terminal("generate", "--households", "200", "--set", "output.unit_households=100", "--engine", "local",
                    "--output", str(good_dataset), "--json")  # fmt: skip
    assert (said.code, said.json["unchanged"], said.json["ok"]) == (0, True, True)


@pytest.mark.parametrize(
    ("options", "named"),
    [(("--seed", "43"), "output.seed"), (("--set", "campaigns.reach=0.1"), "campaigns.reach")],
    ids=["seed", "reach"],
)
def test_another_configuration_is_refused_by_name(
    options: tuple[str, ...], named: str, good_dataset: Path, terminal: Terminal
) -> None:
    before = tree(good_dataset)
    said = terminal("generate", "--households", "200", *options, "--output", str(good_dataset))
    assert said.code == BAD_INPUT
    assert f"already holds another dataset (different: {named})" in said.line
    assert "--mode regenerate" in said.line
    assert tree(good_dataset) == before


@pytest.mark.parametrize(
    ("households", "options", "named"),
    [(100, (), "households.count 100"), (300, ("--seed", "43"), "output.seed")],
    ids=["fewer", "another seed"],
)
def test_appending_anything_but_households_is_refused(
    households: int, options: tuple[str, ...], named: str, good_dataset: Path, terminal: Terminal
) -> None:
    before = tree(good_dataset)
    said = terminal("generate", "--households", str(households), *options, "--mode", "append",
                    "--output", str(good_dataset))  # fmt: skip
    assert said.code == BAD_INPUT
    assert f"but {named} does; use --mode regenerate" in said.line
    assert tree(good_dataset) == before


def test_appended_households_make_the_dataset_of_a_fresh_run(appended: Path, good_dataset: Path) -> None:
    assert fingerprints(appended) == fingerprints(good_dataset)
    assert manifest(appended)["config_hash"] == manifest(good_dataset)["config_hash"]


def test_appended_rows_and_bytes_are_counted_with_the_old(appended: Path, good_dataset: Path) -> None:
    made, fresh = manifest(appended)["tables"], manifest(good_dataset)["tables"]
    assert {name: table["rows"] for name, table in made.items()} == {n: t["rows"] for n, t in fresh.items()}
    for table in TABLES:
        delta = DeltaTable(appended / location(table), version=made[table.name]["version"])
        sizes = pa.table(delta.get_add_actions(flatten=True))["size_bytes"].to_pylist()
        assert made[table.name]["bytes"] == sum(sizes)


def test_appending_leaves_the_files_of_the_old_households_alone(appended: Path, smaller: Path) -> None:
    old = {name: content for name, content in data(smaller).items() if name.endswith((".parquet", "0.json"))}
    kept = data(appended)
    assert {name: kept.get(name) == content for name, content in old.items()} == dict.fromkeys(old, True)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_regenerated_table_has_the_new_rows_and_still_the_old_version(
    table: Any, regenerated: Path, good_dataset: Path, smaller: Path
) -> None:
    new, old, fresh = (manifest(root)["tables"][table.name] for root in (regenerated, good_dataset, smaller))
    assert (new["rows"], new["fingerprint"]) == (fresh["rows"], fresh["fingerprint"])
    assert new["version"] > old["version"]
    then = DeltaTable(regenerated / location(table), version=old["version"])
    good = DeltaTable(good_dataset / location(table))
    assert parquet.read_table(then.file_uris()).equals(parquet.read_table(good.file_uris()))


def test_a_regenerated_dataset_is_judged_good(regenerated: Path, terminal: Terminal) -> None:
    assert terminal("verify", str(regenerated)).code == 0


def test_regenerating_the_same_configuration_makes_a_new_version_of_the_same_rows(
    smaller: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(smaller, tmp_path / "copy"))
    assert again(root, 120, "--mode", "regenerate").code == 0
    assert (manifest(root)["serial"], fingerprints(root)) == (2, fingerprints(smaller))
