"""Predictions that cannot be meant are refused by name, value and remedy."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from generation.score.predictions import read_predictions
from generation.spec.problems import InvalidConfig
from tests.score.truth import Truth, write

TRUTH = Truth({1: 100, 2: 100, 3: 200})
CLUSTERS, PAIRS = ("record_id", "cluster_id"), ("record_id_l", "record_id_r", "match_probability")


def refusal(path: Path, threshold: float | None = None) -> str:
    with TRUTH.connection() as connection, pytest.raises(InvalidConfig) as refused:
        read_predictions(connection, path, threshold)
    return str(refused.value)


@pytest.mark.parametrize(
    ("columns", "rows", "says"),
    [
        (("record", "cluster"), [(1, 1)], "has the columns record, cluster; name them record_id and cluster_id"),
        (CLUSTERS, [(1, "a"), (9, "a"), (8, "a")], "record_id '8' is not in the dataset's source_records"),
        (CLUSTERS, [(1, "a"), (1, "a")], "record_id '1' is there twice; give each record one cluster"),
        (CLUSTERS, [("one", "a")], "record_id 'one' is no record's number; give the record_id of source_records"),
        (CLUSTERS, [("1.5", "a")], "record_id '1.5' is no record's number"),
        (CLUSTERS, [(None, "a")], "record_id (nothing) is no record's number"),
        (CLUSTERS, [(2, None)], "cluster_id of record '2' is empty; give it a cluster or leave the record out"),
        (PAIRS, [(1, 2, 1.2)], "match_probability '1.2' is no number from 0 to 1"),
        (PAIRS, [(1, 2, "high")], "match_probability 'high' is no number from 0 to 1"),
        (PAIRS, [(2, 2, 1)], "record_id_l and record_id_r are both '2'; leave pairs of a record with itself out"),
        (PAIRS, [(1, 7, 1)], "record_id_r '7' is not in the dataset's source_records"),
    ],
)
def test_a_refusal_names_column_value_and_remedy(
    tmp_path: Path, columns: tuple[str, ...], rows: list[tuple[object, ...]], says: str
) -> None:
    assert says in refusal(write(tmp_path / "p.csv", columns, rows))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", CLUSTERS, [("x", "a"), (1, None), (1, "b"), (9, "a")])
    with TRUTH.connection() as connection, pytest.raises(InvalidConfig) as refused:
        read_predictions(connection, path, None)
    assert [p.code for p in refused.value.problems] == ["not_a_number", "unknown_record", "twice", "no_cluster"]


def test_a_threshold_without_probabilities_is_refused(tmp_path: Path) -> None:
    pairs = write(tmp_path / "pairs.csv", PAIRS[:2], [(1, 2)])
    assert "--threshold 0.5 needs the column match_probability" in refusal(pairs, 0.5)
    assert "is for pairs" in refusal(write(tmp_path / "p.csv", CLUSTERS, [(1, 1)]), 0.5)


def test_files_that_are_no_predictions_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    assert "does not exist" in refusal(tmp_path / "nowhere.csv")
    assert "is neither .parquet nor .csv" in refusal(write(tmp_path / "p.txt", CLUSTERS, [(1, 1)]))
    assert "cannot be read" in refusal(write(tmp_path / "p.parquet", CLUSTERS, [(1, 1)]))
    assert "holds no .parquet file" in refusal(folder)


def test_whole_numbers_kept_as_fractions_are_records(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1.0::DOUBLE AS unique_id, 5 AS cluster_id) TO '{path}' (FORMAT parquet)")
    assert TRUTH.score_file(path).clusters == 3
