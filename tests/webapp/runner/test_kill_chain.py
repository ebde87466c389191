"""No generating process outlives the supervisor that it was started by, however that goes."""

from __future__ import annotations

import time

import pytest

from tests.webapp.stage import Stage, freeze, gone_within, thaw, until

MANY = {"households": {"count": 20_000}}
"""A dataset that takes longer than any of these tests."""


@pytest.fixture
def local(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> object:
    """A host that makes real datasets, over SQLite: the database has no part in this."""
    with Stage(tmp_path_factory.mktemp("chain") / "datasets", sqlite_url, {"IDGRAPH_BACKEND": "local"}) as made:
        yield made


def test_a_worker_is_gone_within_two_seconds_after_its_supervisor_was_killed(local: Stage) -> None:
    job = local.submit(**MANY)
    dispatcher = local.dispatcher()
    supervisor, worker = local.supervised(job), local.supervised(job, by="worker")
    until(lambda: local.units(job) > 0, 60, "units")
    dispatcher.kill()
    supervisor.kill()
    assert gone_within(worker, 2) < 2


def test_a_worker_is_gone_after_the_lease_when_its_supervisor_stands_still(local: Stage) -> None:
    job = local.submit(**MANY)
    dispatcher = local.dispatcher()
    supervisor, worker = local.supervised(job), local.supervised(job, by="worker")
    until(lambda: local.units(job) > 0, 60, "units")
    dispatcher.kill()
    freeze(supervisor)
    assert 2 < gone_within(worker, 6) < 5, "the lease is three seconds long"
    thaw(supervisor)
    gone_within(supervisor, 5)


def test_a_dispatcher_ends_what_a_cancelled_job_left_behind(local: Stage) -> None:
    """Supervisor and worker both stand still, and nobody is there when the job is cancelled."""
    job = local.submit(**MANY)
    dispatcher = local.dispatcher()
    supervisor, worker = local.supervised(job), local.supervised(job, by="worker")
    dispatcher.kill()
    freeze(supervisor)
    freeze(worker)
    local.jobs.cancel(job.id, "test")
    local.jobs.cancelled(local.job(job), "test", "by hand")
    local.dispatcher()
    assert gone_within(supervisor, 15) + gone_within(worker, 1) < 16
    local.when(job, lambda now: now.host is None and now.processes is None, "nothing left")


def test_a_dispatcher_that_stops_leaves_its_supervisors_alone(local: Stage) -> None:
    job = local.submit(**MANY)
    dispatcher = local.dispatcher()
    supervisor, worker = local.supervised(job), local.supervised(job, by="worker")
    dispatcher.terminate()
    assert dispatcher.wait(timeout=10) == 0
    time.sleep(0.5)
    assert supervisor.is_running() and worker.is_running() and local.job(job).state == "running"
    supervisor.terminate()
    assert gone_within(worker, 5) < 5
    waiting = local.reached(job, "queued")
    assert (waiting.shutdowns, waiting.attempt) == (1, 1)
