"""The embedded database that reads files: one a request, in memory, without the network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

SECONDS = 10.0
"""A query of a page that takes longer is ended."""
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "1GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


class TooSlow(Exception):
    """The query took longer, or needed more memory, than a page may."""


@contextmanager
def connected(seconds: float | None = SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in UTC; queries that take longer in all raise `TooSlow`."""
    connection = duckdb.connect(config=SETTINGS)
    timer = threading.Timer(seconds, connection.interrupt) if seconds else None
    try:
        connection.execute("SET TimeZone = 'UTC'")
        if timer:
            timer.start()
        yield connection
    except (duckdb.InterruptException, duckdb.OutOfMemoryException) as error:
        raise TooSlow from error
    finally:
        if timer:
            timer.cancel()
        connection.close()
