"""A whole table as one file, made piece by piece: what is in memory does not grow with the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pa_csv  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from webapp.reading.database import connected
from webapp.reading.paging import selected
from webapp.reading.snapshot import Snapshot

BATCH = 50_000
"""Rows that are in memory at a time, and of a row group."""


def parquet(snapshot: Snapshot) -> Iterator[bytes]:
    """A Parquet file with all rows; nested values stay nested."""
    columns = ", ".join(f'"{column.name}"' for column in snapshot.columns)
    with connected(None) as connection:
        batches = _batches(connection, f"SELECT {columns} FROM {snapshot.source}")
        yield from _written(batches, lambda sink: pq.ParquetWriter(sink, batches.schema, compression="zstd"))


def csv(snapshot: Snapshot) -> Iterator[bytes]:
    """A CSV file with a heading and all rows; nested values are JSON text, times are in UTC.

    Texts stand as they are, also those that begin like a formula: this is data for programs. Nothing in it was typed by
    anybody.
    """
    with connected(None) as connection:
        batches = _batches(connection, f"SELECT {selected(snapshot)} FROM {snapshot.source}")
        yield from _written(batches, lambda sink: pa_csv.CSVWriter(sink, batches.schema))


def _batches(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The rows of a query, a part at a time."""
    return connection.sql(sql).to_arrow_reader(BATCH)


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


def _written(batches: pa.RecordBatchReader, opened: Callable[[Any], Any]) -> Iterator[bytes]:
    sink = _Sink()
    writer = opened(pa.PythonFile(sink, mode="w"))
    for batch in batches:
        writer.write_batch(batch)
        yield sink.take()
    writer.close()
    yield sink.take()
