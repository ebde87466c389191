"""Source records and their answer key as DuckDB reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from deltalake import DeltaTable

from generation.spec.catalog import TABLE_BY_NAME, location
from generation.spec.sources import VALUE_COLUMNS

TABLES = ("source_records", "person_links", "cell_corruptions", "hard_cases")


def opened(root: Path, prefix: str = "", connection: duckdb.DuckDBPyConnection | None = None) -> Any:
    """A connection with a view of each table, and `cells`: record_id, column_name and value of every cell."""
    connection = connection or duckdb.connect()
    for name in TABLES:
        files = DeltaTable(root / location(TABLE_BY_NAME[name])).file_uris()
        nothing = ", ".join(f"NULL AS {column.name}" for column in TABLE_BY_NAME[name].columns)
        rows = f"FROM read_parquet({files!r}, file_row_number = true, filename = true)"
        connection.execute(f"CREATE VIEW {prefix}{name} AS {rows if files else f'SELECT {nothing} WHERE FALSE'}")
    texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in VALUE_COLUMNS)
    connection.execute(
        f"CREATE TABLE {prefix}cells AS FROM (SELECT record_id, source, {texts} FROM {prefix}source_records) "
        f"UNPIVOT INCLUDE NULLS (value FOR column_name IN ({', '.join(VALUE_COLUMNS)}))"
    )
    return connection
