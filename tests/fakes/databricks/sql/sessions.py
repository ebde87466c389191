"""Who runs statements, from where, with which defaults for short names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from tests.fakes.databricks.principals import Principal
from tests.fakes.databricks.sql.failures import failure

DEFAULT_CATALOG, DEFAULT_SCHEMA = "main", "default"


class Spark(Protocol):
    """The embedded engine as a session sees it."""

    def sql(self, text: str) -> pa.Table:
        """The result of a query or command."""

    def write(self, query: str, path: Path) -> None:
        """Makes the result of a query the content of the Delta table at a path, in one commit, schema included."""


def no_engine() -> Spark:
    """Sessions without compute."""
    raise failure("UNSUPPORTED_OPERATION", "There is no compute in this session.", "0A000")


@dataclass
class Session:
    """A connection to the warehouse, or a run's Spark session."""

    principal: Principal
    via: str
    spark: Callable[[], Spark] = no_engine
    catalog: str = DEFAULT_CATALOG
    schema: str = DEFAULT_SCHEMA
    settings: dict[str, str] = field(default_factory=dict)

    def table(self, parts: Sequence[str]) -> str:
        """The full name of a table or volume."""
        return ".".join([*(self.catalog, self.schema)[: max(0, 3 - len(parts))], *parts])

    def schema_of(self, parts: Sequence[str]) -> str:
        """The full name of a schema."""
        return ".".join(parts if len(parts) > 1 else [self.catalog, *parts])


def rowset(columns: dict[str, pa.DataType], rows: Sequence[Sequence[Any]] = ()) -> pa.Table:
    """A result."""
    schema = pa.schema(list(columns.items()))
    found = list(zip(*rows, strict=True)) if rows else [[] for _ in columns]
    return pa.table([pa.array(list(c), type_) for c, type_ in zip(found, schema.types, strict=True)], schema=schema)


def texts(*names: str) -> dict[str, pa.DataType]:
    """Columns of strings."""
    return {name: pa.string() for name in names}


NOTHING = rowset({})
"""What DDL returns."""
