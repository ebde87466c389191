"""A client over the fake backend, and jobs in every state without any process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from generation.spec.config import Config
from webapp import create_app, runner
from webapp.auth import LOCAL
from webapp.processes import this_host
from webapp.services import Services, services_of
from webapp.settings import Settings
from webapp.store.database import migrate
from webapp.store.jobs import Capacity
from webapp.store.models import Job
from webapp.supervisor import Supervisor

MakeJob = Callable[[str, str], Job]


@pytest.fixture
def services(tmp_path: Path) -> Services:
    settings = Settings(datasets_dir=tmp_path / "datasets", backend="fake", fake_step_seconds=0, max_attempts=1)
    migrate(settings.store_url)
    return services_of(settings)


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services=services).test_client()


@pytest.fixture
def make_job(services: Services) -> MakeJob:
    """A job of a name, brought to a state."""

    def make(name: str, state: str) -> Job:
        config = Config.model_validate({"households": {"count": 100}, "output": {"name": name}})
        job, _ = runner.start(services, LOCAL, runner.Request(config, request_id="request-1"))
        jobs = services.store.jobs
        if state in ("running", "succeeded", "failed", "cancelling"):
            claimed = jobs.claim("test", Capacity(this_host(), 100, 100))
            assert claimed is not None and claimed.id == job.id
            if state == "succeeded":
                Supervisor(services, claimed).run()
            if state == "failed":
                jobs.fail(claimed, "test", "RunFailed", "the disk is full; free space")
        if state in ("cancelled", "cancelling"):
            jobs.cancel(job.id, "test")
        found = jobs.get(job.id)
        assert found is not None and found.state == state
        return found

    return make
