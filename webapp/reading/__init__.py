"""Rows of a finished table, read from its files at one Delta version: by pages, and as whole files."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pa_csv  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from generation.spec.table import Column, Table
from generation.spec.types import Scalar

SECONDS = 10.0
"""A query of a page that takes longer is ended."""
BATCH = 50_000
"""Rows of a download that are in memory at a time."""


class Gone(Exception):
    """The table, or this version of it, is not there."""


class TooSlow(Exception):
    """The query took longer than a page may."""


@dataclass(frozen=True)
class Snapshot:
    """A table's files at one version."""

    table: Table
    files: tuple[str, ...]

    @classmethod
    def of(cls, folder: Path, table: Table, version: int) -> Snapshot:
        """The version of the table in a folder; raises `Gone`."""
        try:
            files = tuple(sorted(DeltaTable(str(folder), version=version).file_uris()))
        except (DeltaError, OSError) as error:
            raise Gone(f"table {table.name}") from error
        if not all(Path(file).is_file() for file in files):
            raise Gone(f"a file of table {table.name}")
        return cls(table, files)

    @property
    def source(self) -> str:
        """SQL for all rows."""
        if not self.files:
            nulls = ", ".join(f'NULL AS "{column.name}"' for column in self.table.columns)
            return f"(SELECT {nulls} WHERE FALSE)"
        return "read_parquet([" + ", ".join("'" + file.replace("'", "''") + "'" for file in self.files) + "])"

    def page(self, sort: str, descending: bool, limit: int, offset: int) -> list[tuple[Any, ...]]:
        """Rows in an order; the key settles ties. Nested values come as JSON text. Raises `TooSlow`."""
        key = self.table.primary_key
        way = "DESC" if descending else "ASC"
        order = f'"{key}" {way}' if sort == key else f'"{self.table.column(sort).name}" {way} NULLS LAST, "{key}"'
        chosen = ", ".join(_readable(column) for column in self.table.columns)
        # The page's rows are found by key first: nested values are then read for these alone.
        sql = f"SELECT {chosen} FROM {self.source} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
        with connected() as connection:
            return connection.execute(sql).fetchall()

    def null_shares(self) -> dict[str, float]:
        """Share of nulls of every column that may be null."""
        columns = [column.name for column in self.table.columns if column.nullable]
        if not columns:
            return {}
        counts = ", ".join(f'AVG(("{name}" IS NULL)::DOUBLE)' for name in columns)
        with connected() as connection:
            row = connection.execute(f"SELECT {counts} FROM {self.source}").fetchone() or ()
        return {name: float(share or 0) for name, share in zip(columns, row, strict=True)}

    def parquet(self) -> Iterator[bytes]:
        """The whole table as one Parquet file, piece by piece, in the order of its key's files."""
        with connected(None) as connection:
            batches = _batches(connection, f"SELECT * FROM {self.source}")
            yield from _written(batches, lambda sink: pq.ParquetWriter(sink, batches.schema, compression="zstd"))

    def csv(self) -> Iterator[bytes]:
        """The whole table as CSV with a heading, piece by piece; nested values are JSON text."""
        chosen = ", ".join(_readable(column) for column in self.table.columns)
        with connected(None) as connection:
            batches = _batches(connection, f"SELECT {chosen} FROM {self.source}")
            yield from _written(batches, lambda sink: pa_csv.CSVWriter(sink, batches.schema))


def _batches(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The rows of a query, a part at a time."""
    return connection.sql(sql).to_arrow_reader(BATCH)


def _readable(column: Column) -> str:
    if isinstance(column.type, Scalar):
        return f'"{column.name}"'
    return f'to_json("{column.name}")::VARCHAR AS "{column.name}"'


class _Sink:
    """A file that forgets what was taken from it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._told, self.closed = 0, False

    def write(self, data: Any) -> int:
        """Keeps a copy until it is taken."""
        part = bytes(data)
        self._parts.append(part)
        self._told += len(part)
        return len(part)

    def tell(self) -> int:
        """Bytes written so far."""
        return self._told

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """No more comes."""
        self.closed = True

    def writable(self) -> bool:
        """Always."""
        return True

    def readable(self) -> bool:
        """Never."""
        return False

    def seekable(self) -> bool:
        """Never."""
        return False

    def take(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _written(batches: pa.RecordBatchReader, opened: Any) -> Iterator[bytes]:
    sink = _Sink()
    file = pa.PythonFile(sink, mode="w")
    writer = opened(file)
    for batch in batches:
        writer.write_batch(batch)
        yield sink.take()
    writer.close()
    yield sink.take()


@contextmanager
def connected(seconds: float | None = SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own in memory, in UTC, without the network; a query that takes longer raises `TooSlow`."""
    connection = duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": "false", "memory_limit": "1GB"})
    timer = threading.Timer(seconds, connection.interrupt) if seconds else None
    try:
        connection.execute("SET TimeZone = 'UTC'")
        if timer:
            timer.start()
        yield connection
    except duckdb.InterruptException as error:
        raise TooSlow from error
    finally:
        if timer:
            timer.cancel()
        connection.close()
