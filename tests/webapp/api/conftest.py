"""An app over a fresh database and the fake backend, a client of it, and jobs that run in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp import create_app
from webapp.processes import this_host
from webapp.services import Services
from webapp.settings import Settings
from webapp.store.database import migrate
from webapp.store.jobs import Capacity
from webapp.store.models import Job
from webapp.supervisor import Supervisor

MakeApp = Callable[..., Flask]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file to start from."""
    settings = Settings(datasets_dir=tmp_path_factory.mktemp("migrated"))
    migrate(settings.store_url)
    return settings.state_dir / "store.db"


@pytest.fixture
def make_app(tmp_path: Path, migrated: Path) -> Iterator[MakeApp]:
    """Makes an app over the fake backend with other settings than usual."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        values = {"backend": "fake", "fake_step_seconds": 0, "log_level": "error", **changes}
        settings = Settings(datasets_dir=tmp_path, **values)
        if not settings.database_url and not (settings.state_dir / "store.db").exists():
            settings.state_dir.mkdir(parents=True, exist_ok=True)
            shutil.copy(migrated, settings.state_dir / "store.db")
        made.append(create_app(settings))
        return made[-1]

    yield make
    for app in made:
        app.extensions["idgraph"].store.close()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def services(app: Flask) -> Services:
    found: Services = app.extensions["idgraph"]
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def claim(services: Services) -> Callable[[], Job]:
    """Claims the next waiting job, as a dispatcher would."""

    def next_job() -> Job:
        job = services.store.jobs.claim("test", Capacity(this_host(), 8, 8))
        assert job is not None, "no job is waiting"
        return job

    return next_job


@pytest.fixture
def run_next(services: Services, claim: Callable[[], Job]) -> Callable[[], str]:
    """Sees the next waiting job through, in this process; its id."""

    def run() -> str:
        job = claim()
        Supervisor(services, job).run()
        return job.id

    return run
