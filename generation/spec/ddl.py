"""Spark SQL statements that make the catalogue's tables and, in Unity Catalog, declare their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generation.spec.table import Column, Table
from generation.spec.types import Array, ColumnType, Map, Struct


def identifier(*parts: str) -> str:
    """A name in backticks, part by part, so that any catalog, schema, table or column name is taken literally."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def literal(text: str) -> str:
    """A string literal that Spark SQL reads back as `text`."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def create_table(table: Table, qualified_name: str) -> str:
    """The statement that makes an empty Delta table with comments and NOT NULL columns.

    `qualified_name` is used as it is written: `identifier` quotes one.
    """
    return f"CREATE TABLE {qualified_name} {_body(table)}\nCOMMENT {literal(table.comment)}"


def create_clustered_table(table: Table, qualified_name: str, properties: Mapping[str, str]) -> str:
    """The statement that makes the table in Unity Catalog unless it is there, clustered by its key."""
    said = ", ".join(f"{literal(name)} = {literal(value)}" for name, value in properties.items())
    return (
        f"CREATE TABLE IF NOT EXISTS {qualified_name} {_body(table)}\nCLUSTER BY ({identifier(table.primary_key)})\n"
        f"COMMENT {literal(table.comment)}\nTBLPROPERTIES ({said})"
    )


def add_columns(qualified_name: str, columns: Sequence[Column]) -> str:
    """The statement that adds columns of a later release; rows that are there already have no value for them."""
    added = ", ".join(f"{identifier(c.name)} {_type(c.type)} COMMENT {literal(c.comment)}" for c in columns)
    return f"ALTER TABLE {qualified_name} ADD COLUMNS ({added})"


def set_properties(qualified_name: str, properties: Mapping[str, str]) -> str:
    """The statement that says which configuration a table was made from."""
    said = ", ".join(f"{literal(name)} = {literal(value)}" for name, value in properties.items())
    return f"ALTER TABLE {qualified_name} SET TBLPROPERTIES ({said})"


def set_tags(qualified_name: str, tags: Mapping[str, str]) -> str:
    """The statement that tags a table for governance; it needs APPLY TAG."""
    said = ", ".join(f"{literal(name)} = {literal(value)}" for name, value in tags.items())
    return f"ALTER TABLE {qualified_name} SET TAGS ({said})"


def _body(table: Table) -> str:
    columns = ",\n  ".join(_column(column) for column in table.columns)
    return f"(\n  {columns}\n)\nUSING DELTA"


def add_primary_key(table: Table, qualified_name: str) -> str:
    """The statement that declares the key; RELY lets the optimizer use it, so the keys must have been verified."""
    return (
        f"ALTER TABLE {qualified_name} ADD CONSTRAINT {identifier(f'{table.name}_pk')} "
        f"PRIMARY KEY ({identifier(table.primary_key)}) RELY"
    )


def add_foreign_keys(table: Table, qualified_names: Mapping[str, str]) -> tuple[str, ...]:
    """One statement a foreign key; `qualified_names` maps a table's name to where it is.

    They are accepted once the primary keys of the tables referred to are declared.
    """
    return tuple(
        f"ALTER TABLE {qualified_names[table.name]} ADD CONSTRAINT {identifier(f'{table.name}_{key.column}_fk')} "
        f"FOREIGN KEY ({identifier(key.column)}) REFERENCES {qualified_names[key.table]} ({identifier(key.key)})"
        for key in table.foreign_keys
    )


def _column(column: Column) -> str:
    null = "" if column.nullable else " NOT NULL"
    return f"{identifier(column.name)} {_type(column.type)}{null} COMMENT {literal(column.comment)}"


def _type(type_: ColumnType) -> str:
    """The type with the comments of its struct fields, which `ColumnType.ddl` leaves out."""
    if isinstance(type_, Struct):
        fields = (f"{identifier(f.name)}: {_type(f.type)} COMMENT {literal(f.comment)}" for f in type_.fields)
        return f"STRUCT<{', '.join(fields)}>"
    if isinstance(type_, Array):
        return f"ARRAY<{_type(type_.element)}>"
    if isinstance(type_, Map):
        return f"MAP<{_type(type_.key)}, {_type(type_.value)}>"
    return type_.ddl
