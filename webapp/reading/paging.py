"""A page of a table's rows, in the order of any column.

By its key a table of any size is paged at once: only the files are read that hold the page's keys. Any other order reads one
column of the whole table, within the time a page may take.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb

from generation.spec.table import Column
from generation.spec.types import Scalar
from webapp.reading.database import connected
from webapp.reading.snapshot import File, Snapshot


@dataclass(frozen=True)
class Order:
    """By a column; the key settles ties."""

    column: Column
    descending: bool = False


@dataclass(frozen=True)
class Wanted:
    """Which rows: all, or those with a value in a column; in which order; how many, after how many others."""

    order: Order
    limit: int
    offset: int = 0
    where: Column | None = None
    value: Any = None


class NoSuchValue(Exception):
    """The text is no value of the column's type; the message says what is."""


def value_of(column: Column, text: str) -> Any:
    """A typed text as a value of a column; raises `NoSuchValue`."""
    kind = column.type.ddl.partition("(")[0]
    try:
        return _READ[kind](text.strip())
    except (ValueError, KeyError, InvalidOperation, OverflowError):
        raise NoSuchValue(f"{column.name} is {_SAID[kind]}, and {text[:60]!r} is not; give another value") from None


def _whole(text: str) -> int:
    number = int(text.replace(",", ""))
    if not -(2**63) <= number < 2**63:
        raise ValueError(text)
    return number


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text.removesuffix(" UTC"))
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


_READ: dict[str, Any] = {
    "BIGINT": _whole,
    "INT": _whole,
    "DOUBLE": float,
    "DECIMAL": Decimal,
    "STRING": str,
    "BOOLEAN": lambda text: {"true": True, "false": False}[text.lower()],
    "DATE": dt.date.fromisoformat,
    "TIMESTAMP": _moment,
}
_SAID = {
    "BIGINT": "a whole number",
    "INT": "a whole number",
    "DOUBLE": "a number",
    "DECIMAL": "an amount like 12.50",
    "STRING": "a text",
    "BOOLEAN": "true or false",
    "DATE": "a date like 2026-01-01",
    "TIMESTAMP": "a time like 2026-01-01 12:30:00",
}


def page(snapshot: Snapshot, wanted: Wanted) -> list[tuple[Any, ...]]:
    """The rows; nested values come as JSON text. Raises `TooSlow`."""
    with connected() as connection:
        if wanted.where is None and wanted.order.column.name == snapshot.table.primary_key:
            return _by_key(connection, snapshot, wanted)
        return _by_column(connection, snapshot, wanted)


def _by_column(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, wanted: Wanted) -> list[tuple[Any, ...]]:
    key, column = snapshot.table.primary_key, wanted.order.column.name
    way = "DESC" if wanted.order.descending else "ASC"
    order = f'"{key}" {way}' if column == key else f'"{column}" {way} NULLS LAST, "{key}"'
    where, values = ("", []) if wanted.where is None else (f'WHERE "{wanted.where.name}" = ?', [wanted.value])
    is_by_key = wanted.where is not None and wanted.where.name == key
    source = snapshot.of_files(snapshot.holding(wanted.value)) if is_by_key else snapshot.source
    sql = f"SELECT {selected(snapshot)} FROM {source} {where} ORDER BY {order} LIMIT {wanted.limit} OFFSET {wanted.offset}"
    return connection.execute(sql, values).fetchall()


def _by_key(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, wanted: Wanted) -> list[tuple[Any, ...]]:
    files, before = _around(snapshot, wanted)
    if not files:
        return []
    key, way = f'"{snapshot.table.primary_key}"', "DESC" if wanted.order.descending else "ASC"
    source = snapshot.of_files(files)
    # The keys alone first: of the other columns only the rows of the page are then read.
    keys = f"SELECT {key} FROM {source} ORDER BY 1 {way} LIMIT {wanted.limit} OFFSET {wanted.offset - before}"
    ends = connection.execute(f"SELECT MIN({key}), MAX({key}) FROM ({keys})").fetchone()
    if ends is None or ends[0] is None:
        return []
    sql = f"SELECT {selected(snapshot)} FROM {source} WHERE {key} BETWEEN {ends[0]:d} AND {ends[1]:d} ORDER BY {key} {way}"
    return connection.execute(sql).fetchall()


def _around(snapshot: Snapshot, wanted: Wanted) -> tuple[list[File], int]:
    """The files that hold the page, and how many rows come before them."""
    files: list[File] = []
    before = passed = 0
    groups = snapshot.groups()
    for group in reversed(groups) if wanted.order.descending else groups:
        rows = sum(file.rows for file in group)
        if passed + rows <= wanted.offset:
            before += rows
        elif passed < wanted.offset + wanted.limit:
            files.extend(group)
        passed += rows
    return files, before


def selected(snapshot: Snapshot) -> str:
    """SQL for all columns, as they can be written in a line."""
    return ", ".join(_readable(column) for column in snapshot.columns)


def _readable(column: Column) -> str:
    if isinstance(column.type, Scalar):
        return f'"{column.name}"'
    return f'to_json("{column.name}")::VARCHAR AS "{column.name}"'
