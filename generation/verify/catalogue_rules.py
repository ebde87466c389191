"""Rules that follow from the catalogue alone: keys, NOT NULL columns, numbers, declared values and foreign keys."""

from __future__ import annotations

from collections.abc import Iterator

from generation.spec import keys
from generation.spec.catalog import EVERY
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import DOUBLE, Struct
from generation.verify.bindings import quoted
from generation.verify.rule import Rule, Scope

DENSE = {
    "households": 1, "individuals": 1, "devices": 1, "identity_mappings": keys.IDENTIFIER_SLOT, "content_engagements": 1,
    "campaign_exposures": 1,
}  # fmt: skip
"""Tables with many keys near each other, and how far apart their nearest keys mostly are."""

_BITS = 62


def catalogue_rules() -> tuple[Rule, ...]:
    """Every rule that a table's declaration implies, in catalogue order."""
    return tuple(rule for table in EVERY for rule in table_rules(table))


def table_rules(table: Table) -> Iterator[Rule]:
    """The rules of one table, named `<kind>.<table>.<column>`."""
    yield _unique(table)
    for column in table.columns:
        yield from _not_null(table, column)
        yield from _not_nan(table, column)
        if column.values:
            yield _declared(table, column)
    for key in table.foreign_keys:
        yield _resolves(table, key)


def _scope(table: Table) -> Scope:
    return "slice" if table.axis == "households" else "whole"


def _unique(table: Table) -> Rule:
    key = table.primary_key
    sql = f"SELECT {key} AS key FROM {table.name} {_crowded(table)}GROUP BY {key} HAVING COUNT(*) > 1"
    return Rule(f"unique.{table.name}.{key}", table.name, f"{key} is unique.", sql, scope=_scope(table))


def _crowded(table: Table) -> str:
    """A join that leaves the rows whose key may be there twice, where keys are dense: few groups, a bit for each key.

    Equal keys have the same word and the same bit of it, so a word with fewer bits than rows is left.
    """
    if table.name not in DENSE:
        return ""
    key, stride = f"{table.name}.{table.primary_key}", DENSE[table.name]
    low, high = f"{key} % {stride}", f"{key} % {_BITS * stride}"
    word = f"{key} - {high} + {low}"
    bit = f"SHIFTLEFT(CAST(1 AS BIGINT), CAST(ABS({high} - {low}) / {stride} AS INT))"
    return (
        f"SEMI JOIN (SELECT {word} AS word FROM {table.name} GROUP BY {word} "
        f"HAVING COALESCE(BIT_COUNT(BIT_OR({bit})), 0) <> COUNT(*)) AS crowded ON crowded.word IS NOT DISTINCT FROM {word} "
    )


def _not_null(table: Table, column: Column) -> Iterator[Rule]:
    """A rule for the column and one for each field of a struct; none for a column that may be null."""
    if column.nullable:
        return
    fields = column.type.fields if isinstance(column.type, Struct) else ()
    for path in (column.name, *(f"{column.name}.{field.name}" for field in fields)):
        said = f"{path} is never null."
        sql = f"{table.name}.{path} IS NULL"
        # A row without key is in no slice.
        scope: Scope = "whole" if path == table.primary_key else _scope(table)
        yield Rule(f"not_null.{table.name}.{path}", table.name, said, sql, table.name, scope)


def _not_nan(table: Table, column: Column) -> Iterator[Rule]:
    """A rule for each DOUBLE: NaN is neither inside nor outside a range on every engine."""
    parts = [(f".{field.name}", field.type) for field in column.type.fields] if isinstance(column.type, Struct) else []
    for path, kind in [("", column.type), *parts]:
        if kind == DOUBLE:
            name = f"{table.name}.{column.name}{path}"
            yield Rule(
                f"not_nan.{name}", table.name, f"{name} is a number.", f"ISNAN({name})", table.name, _scope(table)
            )


def _declared(table: Table, column: Column) -> Rule:
    said = f"{column.name} is one of its declared values."
    # Of a NOT IN every value is compared with every row; of this, with the rows that are left.
    sql = " AND ".join(f"{column.name} <> {quoted([value])}" for value in column.values)
    return Rule(f"declared.{table.name}.{column.name}", table.name, said, sql, table.name, _scope(table))


def _resolves(table: Table, key: ForeignKey) -> Rule:
    """Null keys resolve; where they may not be null, another rule says so."""
    name, column = table.name, f"{table.name}.{key.column}"
    # A join reads the two keys alone; EXISTS inside a condition would carry every column of the table along.
    orphans = f"{name} ANTI JOIN {key.table} AS parent ON parent.{key.key} = {column}"
    said = f"{key.column} is the {key.key} of a row of {key.table}."
    return Rule(f"resolves.{column}", name, said, f"{column} IS NOT NULL", orphans, _scope(table), key.column)
