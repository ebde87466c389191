"""Databases of both kinds, migrated once and copied for every test, and real processes over them."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webapp.postgres import Cluster, Postgres, cluster, programs, server
from tests.webapp.stage import Stage
from webapp.store.database import migrate
from webapp.store.store import Store

LEASE_SECONDS = 10.0


def missing(what: str) -> None:
    """Stops the test: in CI it fails, for there everything has to be installed."""
    remedy = f"{what} is not installed (Debian: apt-get install postgresql), and TEST_PG_DSN names no server"
    if os.environ.get("CI") or os.environ.get("IDGRAPH_CI") == "1":
        pytest.fail(remedy)
    pytest.skip(remedy)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server: that of TEST_PG_DSN, or a throw-away one."""
    dsn, found = os.environ.get("TEST_PG_DSN"), programs()
    if not dsn and found is None:
        missing("PostgreSQL")
    with server(dsn, found) as running:
        yield running


@pytest.fixture
def postgres_cluster() -> Iterator[Cluster]:
    """The files of a PostgreSQL server of the test's own, which it may crash."""
    found = programs()
    if found is None:
        missing("PostgreSQL's initdb")
        raise AssertionError
    with cluster(found) as files:
        yield files


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> Iterator[str]:
    """The name of a migrated database, to copy."""
    name = f"migrated_{uuid.uuid4().hex}"
    postgres.execute(f"CREATE DATABASE {name}")
    migrate(postgres.url(name))
    yield name
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "store.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated SQLite database."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'store.db')}"


@pytest.fixture
def postgres_url(postgres: Postgres, migrated_postgres: str) -> Iterator[str]:
    """A migrated PostgreSQL database."""
    with postgres.database(migrated_postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of either kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of either kind without any tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """The store over a migrated database of either kind."""
    opened = Store(store_url, LEASE_SECONDS)
    yield opened
    opened.close()


@pytest.fixture
def stage(store_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A host with short leases and nothing running yet, over a database of either kind."""
    with Stage(tmp_path / "datasets", store_url) as made:
        yield made
