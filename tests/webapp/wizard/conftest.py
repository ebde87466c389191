"""An app over a fresh database and the fake backend, and its client."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp import create_app
from webapp.services import Services
from webapp.settings import Settings
from webapp.store.database import migrate


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(datasets_dir=tmp_path, backend="fake", fake_step_seconds=0, log_level="error")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file to start from."""
    settings = Settings(datasets_dir=tmp_path_factory.mktemp("migrated"))
    migrate(settings.store_url)
    return settings.state_dir / "store.db"


@pytest.fixture
def app(settings: Settings, migrated: Path) -> Iterator[Flask]:
    settings.state_dir.mkdir(parents=True)
    shutil.copy(migrated, settings.state_dir / "store.db")
    app = create_app(settings)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    yield app
    app.extensions["idgraph"].store.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def services(app: Flask) -> Services:
    found: Services = app.extensions["idgraph"]
    return found
