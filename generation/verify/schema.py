"""Whether stored tables have the columns and types of the catalogue, and what DuckDB calls those types."""

from __future__ import annotations

from typing import Any

from generation.spec.table import Column
from generation.spec.types import Array, ColumnType, Map, Struct
from generation.verify.dataset import StoredTable
from generation.verify.verdict import Finding

SCHEMA_RULE = "schema"

_DUCKDB = {"STRING": "VARCHAR", "INT": "INTEGER"}


def schema_finding(stored: StoredTable) -> Finding | None:
    """What of names, order and types differs from the catalogue; comments and nullability are not compared."""
    declared = [(column.name, bare(column.type.delta_json())) for column in stored.table.columns]
    found = [(field["name"], bare(field["type"])) for field in stored.fields]
    if declared == found:
        return None
    differing = [name for name, kind in declared if (name, kind) not in found]
    differing += [name for name, kind in found if (name, kind) not in declared]
    names = tuple(dict.fromkeys(differing)) or ("order of columns",)
    return Finding(SCHEMA_RULE, stored.table.name, "Columns and types are those of the catalogue.", len(names), names)


def bare(kind: Any) -> Any:
    """A Delta type without comments and nullability."""
    if not isinstance(kind, dict):
        return kind
    if kind["type"] == "struct":
        return ("struct", tuple((field["name"], bare(field["type"])) for field in kind["fields"]))
    if kind["type"] == "array":
        return ("array", bare(kind["elementType"]))
    return ("map", bare(kind["keyType"]), bare(kind["valueType"]))


def duckdb_type(kind: ColumnType) -> str:
    """DuckDB's name of a type, for columns of tables without any file."""
    if isinstance(kind, Array):
        return f"{duckdb_type(kind.element)}[]"
    if isinstance(kind, Map):
        return f"MAP({duckdb_type(kind.key)}, {duckdb_type(kind.value)})"
    if isinstance(kind, Struct):
        return f"STRUCT({', '.join(f'{field.name} {duckdb_type(field.type)}' for field in kind.fields)})"
    return _DUCKDB.get(kind.ddl, kind.ddl)


def stored_column(column: Column) -> str:
    """The column as rules read it: timestamps as UTC without zone."""
    if column.type.ddl == "TIMESTAMP":
        # A cast would ask the time zone library for every value.
        return f'MAKE_TIMESTAMP(EPOCH_US("{column.name}")) AS "{column.name}"'
    return f'"{column.name}"'
