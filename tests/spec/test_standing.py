"""What a target folder holds decides how a run begins: jobs have run directories of their own, the command line one inside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generation.spec.catalog import TABLES, location
from generation.spec.config import Config
from generation.spec.files import to_json
from generation.spec.identity import config_hash
from generation.spec.problems import InvalidConfig
from generation.spec.report import Manifest
from generation.spec.run_directory import CLAIM, MANIFEST, write_json
from generation.spec.standing import RUN_FOLDER, Standing, check_room, claim_target, claimant, standing


def config(root: Path, *, households: int = 100, mode: str = "create") -> Config:
    """A small configuration for a target."""
    return Config.model_validate(
        {"households": {"count": households}, "output": {"path": str(root), "mode": mode, "name": "one"}}
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty target."""
    return tmp_path / "one"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The run directory of the job that asks."""
    return tmp_path / "_app" / "runs" / "mine"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The run directory of another job."""
    return tmp_path / "_app" / "runs" / "other"


def leave_tables(root: Path) -> list[Path]:
    """Tables without a manifest, as a run leaves them that was ended."""
    tables = [root / location(table) / "part.parquet" for table in TABLES]
    for file in tables:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"rows")
    return tables


def publish(root: Path, made_of: Config, serial: int = 1) -> bytes:
    """A manifest, as a run leaves it that succeeded."""
    values = {
        "generator": "0",
        "config_hash": config_hash(made_of),
        "engine": "embedded",
        "serial": serial,
        "tables": {},
    }
    manifest = Manifest.model_validate({**values, "config": json.loads(to_json(made_of)), "seconds": {}})
    write_json(root / MANIFEST, manifest.model_dump())
    return (root / MANIFEST).read_bytes()


def asked(folder: Path, of: Config, *, resumable: bool = False) -> Standing | None:
    return standing(folder, of, resumable=resumable)


def test_an_empty_target_takes_a_first_dataset(root: Path, mine: Path) -> None:
    assert asked(mine, config(root)) == Standing(1)
    root.mkdir()
    assert asked(mine, config(root)) == Standing(1)


def test_what_is_not_ours_is_left_alone(root: Path, mine: Path) -> None:
    root.mkdir()
    (root / "thesis.doc").write_text("years of work")
    with pytest.raises(
        InvalidConfig, match=r"already holds something else \(thesis\.doc\); choose an empty or new folder"
    ):
        asked(mine, config(root))


def test_another_jobs_unpublished_tables_are_no_obstacle(root: Path, mine: Path, other: Path) -> None:
    claim_target(root, other, TABLES)
    leave_tables(root)
    assert asked(mine, config(root, households=5_000)) == Standing(1)


def test_taking_a_target_removes_what_another_job_left_unpublished(root: Path, mine: Path, other: Path) -> None:
    claim_target(root, other, TABLES)
    tables = leave_tables(root)
    claim_target(root, mine, TABLES)
    assert not any(file.exists() for file in tables) and claimant(root) == mine


def test_taking_a_target_again_keeps_ones_own_tables(root: Path, mine: Path) -> None:
    claim_target(root, mine, TABLES)
    tables = leave_tables(root)
    claim_target(root, mine, TABLES)
    assert all(file.exists() for file in tables) and claimant(root) == mine


def test_taking_a_target_never_touches_a_published_dataset(root: Path, mine: Path, other: Path) -> None:
    claim_target(root, other, TABLES)
    tables, manifest = leave_tables(root), publish(root, config(root))
    claim_target(root, mine, TABLES)
    assert all(file.exists() for file in tables) and (root / MANIFEST).read_bytes() == manifest


def test_taking_a_target_removes_tables_only(root: Path, mine: Path, other: Path) -> None:
    claim_target(root, other, TABLES)
    leave_tables(root)
    (root / "notes.txt").write_text("somebody's")
    claim_target(root, mine, TABLES)
    assert (root / "notes.txt").read_text() == "somebody's"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run_directory": null}', '{"other": 1}', "\x00"])
def test_a_claim_that_cannot_be_read_is_none(root: Path, mine: Path, text: str) -> None:
    root.mkdir()
    (root / CLAIM).write_text(text)
    assert claimant(root) is None
    leave_tables(root)
    with pytest.raises(InvalidConfig, match="already holds something else"):
        asked(mine, config(root))


def test_a_dataset_of_the_same_configuration_is_there_already(root: Path, mine: Path) -> None:
    publish(root, config(root))
    assert asked(mine, config(root)) is None


def test_a_dataset_of_another_configuration_is_not_replaced_without_being_asked(root: Path, mine: Path) -> None:
    publish(root, config(root))
    with pytest.raises(InvalidConfig, match=r"households\.count.*use --mode regenerate"):
        asked(mine, config(root, households=200))


def test_regenerating_makes_the_next_version(root: Path, mine: Path, other: Path) -> None:
    publish(root, config(root), serial=4)
    claim_target(root, other, TABLES)
    found = asked(mine, config(root, households=200, mode="regenerate"))
    assert found is not None and (found.serial, found.appends) == (5, False)


def test_appending_goes_on_after_the_last_household(root: Path, mine: Path) -> None:
    publish(root, config(root))
    found = asked(mine, config(root, households=200, mode="append"))
    assert found is not None and (found.serial, found.first_household, found.appends) == (2, 101, True)


def test_there_is_nothing_to_append_to_in_an_unpublished_target(root: Path, mine: Path, other: Path) -> None:
    claim_target(root, other, TABLES)
    leave_tables(root)
    with pytest.raises(InvalidConfig, match="holds no published dataset to append to"):
        asked(mine, config(root, mode="append"))


def test_the_command_lines_own_unfinished_run_is_taken_up_or_refused(root: Path) -> None:
    inside = root / RUN_FOLDER
    claim_target(root, inside, TABLES)
    leave_tables(root)
    write_json(inside / "run.json", {"run": f"v0001-{config_hash(config(root))[:12]}"})
    assert asked(inside, config(root), resumable=True) == Standing(1)
    with pytest.raises(InvalidConfig, match="unfinished run of another configuration; use --mode regenerate"):
        asked(inside, config(root, households=200))
    assert asked(inside, config(root, households=200, mode="regenerate")) == Standing(1)


def test_a_job_takes_over_what_the_command_line_left_unpublished(root: Path, mine: Path) -> None:
    inside = root / RUN_FOLDER
    claim_target(root, inside, TABLES)
    tables = leave_tables(root)
    write_json(inside / "run.json", {"run": "v0001-000000000000"})
    assert asked(mine, config(root)) == Standing(1)
    claim_target(root, mine, TABLES)
    assert not any(file.exists() for file in tables)


@pytest.mark.parametrize("sign", ["[1]", "{a}", "*", "?"])
def test_a_folder_that_engines_would_take_for_a_pattern_is_refused(sign: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="pattern of file names; choose a folder without"):
        check_room(tmp_path / sign, config(tmp_path / sign))
