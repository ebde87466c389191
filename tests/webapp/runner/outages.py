"""A database that goes away for a while: a crashed server, or a file that somebody has locked."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.webapp.postgres import Cluster
from webapp.store.database import migrate


@dataclass(frozen=True)
class Outage:
    """A migrated database, and how to take it away."""

    url: str
    away: Callable[[], AbstractContextManager[None]]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else can write to, or begin anything in, an SQLite file."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        connection.close()


@contextmanager
def crashed(cluster: Cluster) -> Iterator[None]:
    """A server that ended without closing anything."""
    cluster.crash()
    try:
        yield
    finally:
        cluster.start()


@pytest.fixture(params=["sqlite", "postgres"])
def outage(request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path) -> Outage:
    """A database of either kind."""
    if request.param == "sqlite":
        path = Path(shutil.copy(migrated_sqlite, tmp_path / "store.db"))
        return Outage(f"sqlite:///{path}", lambda: locked(path))
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.start().url("postgres")
    migrate(url)
    return Outage(url, lambda: crashed(cluster))
