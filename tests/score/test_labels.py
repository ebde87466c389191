"""Labels of a dataset are right, hard, the same every time, and in the shape their tools read."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable

from generation.__main__ import main
from generation.score.labels import CLUSTERS, COLUMNS, DEDUPE, SPLINK, ZINGG
from generation.score.scorer import score
from generation.spec.catalog import TABLE_BY_NAME, location


@pytest.fixture(scope="module")
def labels(identity_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """At most 400 pairs of 1,000 households, written by the command."""
    folder = tmp_path_factory.mktemp("labels") / "new"
    assert main(["labels", "--dataset", str(identity_dataset), "--output", str(folder), "--pairs", "400"]) == 0
    return folder


@pytest.fixture(scope="module")
def people(identity_dataset: Path) -> dict[str, str]:
    """Whose record each is, as text."""
    files = DeltaTable(identity_dataset / location(TABLE_BY_NAME["person_links"])).file_uris()
    with duckdb.connect() as connection:
        sql = f"SELECT record_id::VARCHAR, individual_id::VARCHAR FROM read_parquet({files!r})"
        return dict(connection.execute(sql).fetchall())


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_clusters_score_one(labels: Path, identity_dataset: Path) -> None:
    found = score(identity_dataset, labels / CLUSTERS)
    assert (found.overall.pairs.f1, found.overall.bcubed.f1, found.notes) == (1, 1, ())
    assert all(case.caught == 0 for case in found.by_case.values()) and found.overall.pairs.true > 5_000


def test_half_of_the_pairs_are_of_one_person_and_no_label_is_wrong(labels: Path, people: dict[str, str]) -> None:
    pairs = rows(labels / SPLINK)
    scores = [pair["clerical_match_score"] for pair in pairs]
    assert (scores.count("1.0"), scores.count("0.0")) == (200, 200)
    for pair in pairs:
        same = people[pair["unique_id_l"]] == people[pair["unique_id_r"]]
        assert pair["clerical_match_score"] == str(float(same))


def test_pairs_of_two_people_have_something_in_common(labels: Path) -> None:
    told = ("last_name", "birth_date", "email", "hashed_email", "phone", "street_address", "tv_id", "ip_address")
    for one, other in examples(labels)["distinct"]:
        common = [name for name in told if one[name] and str(one[name]).lower() == str(other[name]).lower()]
        assert common or one["hashed_email"] != other["hashed_email"], (one, other)


def examples(labels: Path) -> dict[str, list[list[dict[str, Any]]]]:
    found = json.loads((labels / DEDUPE).read_text(encoding="utf-8"))
    assert all(pair["__class__"] == "tuple" for kind in found.values() for pair in kind)
    return {kind: [pair["__value__"] for pair in pairs] for kind, pairs in found.items()}


def test_every_tool_gets_the_same_pairs(labels: Path) -> None:
    splink = {(r["unique_id_l"], r["unique_id_r"], r["clerical_match_score"] == "1.0") for r in rows(labels / SPLINK)}
    zingg = rows(labels / ZINGG)
    assert list(zingg[0]) == ["z_cluster", "z_isMatch", *COLUMNS]
    couples = zip(zingg[::2], zingg[1::2], strict=True)
    assert all(one["z_cluster"] == other["z_cluster"] for one, other in zip(zingg[::2], zingg[1::2], strict=True))
    assert {(one["record_id"], other["record_id"], one["z_isMatch"] == "1") for one, other in couples} == splink
    dedupe = examples(labels)
    assert {
        (str(one["record_id"]), str(other["record_id"]), kind == "match")
        for kind, pairs in dedupe.items()
        for one, other in pairs
    } == splink


def test_the_same_seed_gives_the_same_files_and_another_other_pairs(
    labels: Path, identity_dataset: Path, tmp_path: Path
) -> None:
    for seed in ("0", "1"):
        arguments = ("--output", str(tmp_path / seed), "--pairs", "400", "--seed", seed)
        assert main(["labels", "--dataset", str(identity_dataset), *arguments]) == 0
    for name in (CLUSTERS, SPLINK, ZINGG, DEDUPE):
        assert (tmp_path / "0" / name).read_bytes() == (labels / name).read_bytes()
    assert len({pair["unique_id_l"] for pair in rows(tmp_path / "1" / SPLINK)} - {
        pair["unique_id_l"] for pair in rows(labels / SPLINK)
    }) > 100  # fmt: skip


@pytest.mark.parametrize("option", [("--pairs", "1"), ("--pairs", "²"), ("--seed", "-1"), ("--output", "/proc/labels")])
def test_options_that_cannot_be_are_refused(
    option: tuple[str, str], identity_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["labels", "--dataset", str(identity_dataset), "--output", str(tmp_path), *option]
    try:
        code = main(arguments)
    except SystemExit as error:
        code = int(error.code or 0)
    said = capsys.readouterr().err
    assert code == 2 and option[0] in said and option[1] in said and len(said.splitlines()) == 1
