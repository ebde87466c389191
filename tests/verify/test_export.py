"""The rules as files: run by DuckDB alone they find what the judge finds."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from generation.verify import verify
from generation.verify.export import export
from tests.verify.planted import changed, plant, removed


def run_alone(folder: Path) -> dict[str, int]:
    """Broken rules with their counts, by the files and a bare DuckDB."""
    connection = duckdb.connect()
    for name in ("tables.sql", "relations.sql"):
        connection.execute((folder / name).read_text())
    return {rule: count for rule, _, count in connection.execute((folder / "verify.sql").read_text()).fetchall()}


def test_the_files_find_nothing_in_a_good_dataset(good_dataset: Path, tmp_path: Path) -> None:
    count = export(good_dataset, tmp_path)
    assert run_alone(tmp_path) == {}
    written = "".join(path.read_text() for path in (tmp_path / "rules").glob("*.sql"))
    assert written.count("AS violations") == count > 300


@pytest.mark.parametrize(
    "fault",
    [
        changed("household_size_equals_members", "households", "size = size + 1"),
        removed("response_has_outcomes", "outcome_metrics"),
    ],
    ids=lambda fault: fault.rule,
)
def test_the_files_find_what_the_judge_finds(fault, good_dataset: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    faulty = plant(fault, good_dataset, tmp_path / "faulty")
    export(faulty, tmp_path / "rules")
    expected = {finding.rule: finding.count for finding in verify(faulty).findings}
    assert run_alone(tmp_path / "rules") == expected and fault.rule in expected


def test_every_rule_is_run_by_itself(good_dataset: Path, tmp_path: Path) -> None:
    export(good_dataset, tmp_path)
    connection = duckdb.connect()
    for name in ("tables.sql", "relations.sql", "rules/households.sql"):
        connection.execute((tmp_path / name).read_text())
    assert connection.fetchall()[0][2] == 0
