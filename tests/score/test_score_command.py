"""`idgraph score` on a dataset: page, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable

from generation.__main__ import main
from generation.spec.catalog import TABLE_BY_NAME, location
from generation.spec.sources import SOURCES


@pytest.fixture(scope="module")
def by_email(identity_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predictions of somebody who trusts e-mail addresses alone."""
    path = tmp_path_factory.mktemp("predictions") / "by email.parquet"
    files = DeltaTable(identity_dataset / location(TABLE_BY_NAME["source_records"])).file_uris()
    sql = f"""
        SELECT record_id, COALESCE(hashed_email, sha256(email), record_id::VARCHAR) AS cluster_id
        FROM read_parquet({files!r})
    """
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    return path


def test_who_trusts_addresses_is_right_mostly_and_finds_half(
    by_email: Path, identity_dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(by_email), "--dataset", str(identity_dataset), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    pairs = found["overall"]["pairwise"]
    assert 0.9 < pairs["precision"] < 1 and 0.3 < pairs["recall"] < 0.6
    assert set(found["by_source"]) == set(SOURCES) and len(found["by_source_pair"]) == 28
    assert found["by_source"]["public_records"]["pairwise"]["recall"] == 0  # they hold no address
    assert found["by_hard_case"]["family_mailbox"]["pairwise"]["precision"] < pairs["precision"]


def test_the_page_tells_what_the_json_tells(
    by_email: Path, identity_dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["score", str(by_email), "--dataset", str(identity_dataset), "--json"])
    found = json.loads(capsys.readouterr().out)["overall"]
    assert main(["score", str(by_email), "--dataset", str(identity_dataset)]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("overall")]
    ratios = [found[kind][name] for kind in ("pairwise", "b_cubed") for name in ("precision", "recall", "f1")]
    assert line.split()[1:7] == [f"{ratio:.4f}" for ratio in ratios]


def test_a_dataset_without_records_is_refused(
    good_dataset: Path, by_email: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(by_email), "--dataset", str(good_dataset), "--json"]) == 2
    said = capsys.readouterr()
    assert "has no source_records" in said.err and "demographics.sources.enabled=true" in said.err
    assert json.loads(said.out)["errors"][0]["code"] == "no_answer_key"


@pytest.mark.parametrize("threshold", ["1.5", "-0.1", "half", "nan"])
def test_a_threshold_that_is_no_probability_is_refused(
    threshold: str, by_email: Path, identity_dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["score", str(by_email), "--dataset", str(identity_dataset), f"--threshold={threshold}"])
    assert ended.value.code == 2 and f"got '{threshold}'" in capsys.readouterr().err


def test_a_folder_that_is_no_dataset_is_a_failure(
    tmp_path: Path, by_email: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(by_email), "--dataset", str(tmp_path)]) == 3
    assert "has no manifest.json; generate it first" in capsys.readouterr().err
