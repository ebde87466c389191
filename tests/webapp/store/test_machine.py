"""Any sequence of what dispatchers, supervisors and users do leaves every job as a plain model says."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.webapp.store.builders import HERE, MADE, ME, a_job
from webapp.lifecycle import ENDED, HELD, LEGAL, State
from webapp.store.models import Job
from webapp.store.store import Store


@dataclass
class Model:
    """What is known of a job."""

    state: State = State.QUEUED
    attempt: int = 0
    shutdowns: int = 0
    published: bool = False


class Machine(RuleBasedStateMachine):
    """The store over SQLite beside the model. Attempts that were claimed once may write at any time afterwards."""

    migrated: ClassVar[Path]
    jobs, attempts = Bundle("jobs"), Bundle("attempts")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store(f"sqlite:///{shutil.copy(self.migrated, self.folder / 'store.db')}", lease_seconds=10)
        self.models: dict[str, Model] = {}
        self.submitted: list[str] = []

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    def holds(self, job: Job) -> Model | None:
        """The model if this attempt still has the job."""
        model = self.models[job.id]
        return model if model.attempt == job.attempt and model.state in HELD else None

    @rule(target=jobs, limit=st.integers(1, 2))
    def submit(self, limit: int) -> str:
        job, _ = self.store.jobs.submit(a_job(max_attempts=limit), 1_000)
        self.models[job.id] = Model()
        self.submitted.append(job.id)
        return job.id

    @rule(target=attempts)
    def claim(self) -> Job:
        waiting = [job_id for job_id in self.submitted if self.models[job_id].state is State.QUEUED]
        job = self.store.jobs.claim(ME, HERE)
        if job is None:
            assert not waiting
            return (
                a_job(id=self.submitted[0]) if self.submitted else Job(**{**a_job().model_dump(), "id": self.submit(1)})
            )
        assert job.id in waiting
        model = self.models[job.id]
        model.state, model.attempt = State.RUNNING, model.attempt + 1
        assert job.attempt == model.attempt
        return job

    @rule(job=attempts)
    def beat(self, job: Job) -> None:
        model = self.holds(job)
        assert self.store.jobs.beat(job.id, job.attempt) == (model.state if model else None)

    @rule(job=attempts)
    def succeed(self, job: Job) -> None:
        model = self.holds(job)
        may = model is not None and model.state is State.RUNNING
        assert (self.store.jobs.succeed(job, ME, MADE) is not None) == may
        if model is not None and may:
            model.state = State.SUCCEEDED

    @rule(job=attempts)
    def fail(self, job: Job) -> None:
        model = self.holds(job)
        may = model is not None and model.state is State.RUNNING
        assert (self.store.jobs.fail(job, ME, "BAD", "it is bad") is not None) == may
        if model is not None and may:
            model.state = State.FAILED

    @rule(job=attempts)
    def lose(self, job: Job) -> None:
        model = self.holds(job)
        assert (self.store.jobs.lose(job, ME, "lost") is not None) == (model is not None)
        if model is None:
            return
        used_up = model.attempt - model.shutdowns >= job.max_attempts
        after = State.FAILED if used_up else State.QUEUED
        model.state = State.CANCELLED if model.state is State.CANCELLING else after
        self.hurry()

    def hurry(self) -> None:
        """Retries wait for nothing here."""
        with self.store.engine.begin() as connection:
            connection.exec_driver_sql("update job set not_before = 0")

    @rule(job=attempts)
    def release(self, job: Job) -> None:
        model = self.holds(job)
        assert (self.store.jobs.release(job, ME) is not None) == (model is not None)
        if model is not None and model.state is State.RUNNING:
            model.state, model.shutdowns = State.QUEUED, model.shutdowns + 1
        elif model is not None:
            model.state = State.CANCELLED

    @rule(job=attempts)
    def cancelled(self, job: Job) -> None:
        model = self.holds(job)
        may = model is not None and model.state is State.CANCELLING
        assert (self.store.jobs.cancelled(job, ME, "stopped") is not None) == may
        if model is not None and may:
            model.state = State.CANCELLED

    @rule(job_id=jobs)
    def cancel(self, job_id: str) -> None:
        model = self.models[job_id]
        after = {State.QUEUED: State.CANCELLED, State.RUNNING: State.CANCELLING}.get(model.state)
        assert (self.store.jobs.cancel(job_id, ME) is not None) == (after is not None)
        model.state = after or model.state

    @rule(job_id=jobs)
    def publish(self, job_id: str) -> None:
        self.store.jobs.published(job_id)
        self.models[job_id].published |= self.models[job_id].state is State.SUCCEEDED

    @rule(job_id=consumes(jobs))
    def forget(self, job_id: str) -> None:
        job = self.store.jobs.get(job_id)
        assert job is not None
        self.store.jobs.gone(job)
        ended = self.models[job_id].state in ENDED
        assert self.store.jobs.delete(job_id) == ended
        if ended:
            self.submitted.remove(job_id)

    @invariant()
    def the_store_is_as_the_model_says(self) -> None:
        for job_id in self.submitted:
            job, model = self.store.jobs.get(job_id), self.models[job_id]
            assert job is not None
            seen = Model(State(job.state), job.attempt, job.shutdowns, job.published_at is not None)
            assert seen == model

    @invariant()
    def every_event_is_a_legal_move_that_follows_the_one_before(self) -> None:
        for job_id in self.submitted:
            before = None
            for event in self.store.jobs.events(job_id):
                assert event.before == before and (before and State(before), State(event.after)) in LEGAL
                before = event.after
            assert before == self.models[job_id].state


@pytest.fixture
def _migrated(migrated_sqlite: Path) -> Iterator[None]:
    Machine.migrated = migrated_sqlite
    yield


@pytest.mark.usefixtures("_migrated")
class TestAnySequenceOfEvents(Machine.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
