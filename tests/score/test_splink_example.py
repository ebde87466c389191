"""The reference run reads what datasets have; Splink itself is not among the tests' packages."""

from __future__ import annotations

import ast
from pathlib import Path

import duckdb
from deltalake import DeltaTable

from generation.spec.catalog import TABLE_BY_NAME, location
from generation.spec.sources import VALUE_COLUMNS

EXAMPLE = Path(__file__).parents[2] / "examples" / "splink_reference.py"


def constant(name: str) -> str:
    """The value of a text at the top of the example."""
    for statement in ast.parse(EXAMPLE.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            return str(ast.literal_eval(statement.value))
    raise AssertionError(f"the example has no {name}")


def test_the_example_understands_source_records(identity_dataset: Path) -> None:
    files = DeltaTable(identity_dataset / location(TABLE_BY_NAME["source_records"])).file_uris()
    with duckdb.connect() as connection:
        connection.execute(constant("PREPARED").format(files=files))
        known = (
            "count(*), count(DISTINCT unique_id), count(birth_date), count(email_hash) - count(email), count(street)"
        )
        found = connection.execute(f"SELECT {known} FROM records").fetchall()[0]
    assert found[0] == found[1] and min(found) > 500


def test_the_example_never_sees_the_answer_key() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert not [name for name in ("person_links", "hard_cases", "cell_corruptions", "individual") if name in text]
    assert [name for name in VALUE_COLUMNS if name not in text and name != "street_address"] == []
