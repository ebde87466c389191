"""Golden values: 200 households of the default configuration, with the first rows of each table to read.

A change here is a change of everybody's data. If it is meant: python -m tests.laws.test_golden, and say so in CHANGELOG.md.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from deltalake import DeltaTable

from generation.spec.catalog import TABLES, location
from tests.builders import dataset, fingerprints

GOLDEN = Path(__file__).with_name("golden_200.json")


def described(path: Path) -> dict[str, Any]:
    """Fingerprint and first two rows of every table."""
    marks = fingerprints(path)
    return {table.name: {"fingerprint": marks[table.name], "first_rows": _first(path, table.name)} for table in TABLES}


def _first(path: Path, name: str) -> list[dict[str, str]]:
    table = next(table for table in TABLES if table.name == name)
    files = DeltaTable(path / location(table)).file_uris()
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    found = connection.execute(f"SELECT * FROM read_parquet({files!r}) ORDER BY {table.primary_key} LIMIT 2")
    names = [column[0] for column in found.description]
    return [{key: str(value) for key, value in zip(names, row, strict=True)} for row in found.fetchall()]


def test_two_hundred_households_are_what_they_were(good_dataset: Path) -> None:
    golden = json.loads(GOLDEN.read_text())
    found = described(good_dataset)
    for name, expected in golden.items():
        assert found[name]["first_rows"] == expected["first_rows"], name
        assert found[name]["fingerprint"] == expected["fingerprint"], name
    assert set(found) == set(golden)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(json.dumps(described(dataset(Path(folder) / "d")), indent=1) + "\n")
