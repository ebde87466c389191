"""Leases and attempts: whoever lost a job can neither renew, report, publish nor end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.webapp.store.builders import HERE, MADE, ME, at_once, brought_to, moves, queued, running, state_of
from webapp.lifecycle import State
from webapp.store.jobs import Jobs
from webapp.store.models import Job
from webapp.store.store import Store

Write = Callable[[Jobs, Job], Any]

WRITES: dict[str, Write] = {
    "beat": lambda jobs, job: jobs.beat(job.id, job.attempt, holder="zombie", progress={"done": 99}),
    "succeed": lambda jobs, job: jobs.succeed(job, "zombie", MADE),
    "fail": lambda jobs, job: jobs.fail(job, "zombie", "BAD", "it is bad"),
    "lose": lambda jobs, job: jobs.lose(job, "zombie", "lost"),
    "release": lambda jobs, job: jobs.release(job, "zombie"),
    "cancelled": lambda jobs, job: jobs.cancelled(job, "zombie", "stopped"),
}
"""Everything that a supervisor writes."""


def outdated(jobs: Jobs) -> tuple[Job, Job]:
    """A job's first attempt, which was lost, and its second, which runs."""
    first = running(jobs)
    jobs.lose(first, ME, "the lease ran out")
    second = jobs.claim(ME, HERE)
    assert second is not None and second.attempt == 2
    return first, second


def silenced(store: Store, seconds: float) -> None:
    """All leases are as if nobody had renewed them for so long after they ran out."""
    with store.engine.begin() as connection:
        connection.execute(sa.text(f"update job set lease_until = {store.jobs.clock() - seconds}"))


@pytest.mark.parametrize("name", WRITES)
def test_an_attempt_that_lost_its_job_changes_nothing(store: Store, name: str) -> None:
    first, second = outdated(store.jobs)
    assert WRITES[name](store.jobs, first) is None
    assert store.jobs.get(first.id) == second


@pytest.mark.parametrize("name", WRITES)
def test_an_attempt_that_lost_its_job_cannot_even_end_its_cancelling(store: Store, name: str) -> None:
    first, _ = outdated(store.jobs)
    cancelling = store.jobs.cancel(first.id, ME)
    assert WRITES[name](store.jobs, first) is None
    assert store.jobs.get(first.id) == cancelling


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("end", [State.SUCCEEDED, State.FAILED, State.CANCELLED], ids=lambda state: state.value)
def test_nothing_changes_an_ended_job(store: Store, end: State, name: str) -> None:
    job = brought_to(store.jobs, end)
    assert WRITES[name](store.jobs, job) is None
    assert store.jobs.get(job.id) == job


def test_a_beat_renews_the_lease_and_stores_what_was_seen(store: Store) -> None:
    job = running(store.jobs)
    silenced(store, 1)
    seen = {"holder": "me", "progress": {"done": 1}, "processes": {"host": "here"}}
    assert store.jobs.beat(job.id, 1, **seen) is State.RUNNING
    now = store.jobs.get(job.id)
    assert now is not None and (now.holder, now.progress, now.processes) == tuple(seen.values())
    assert (now.lease_until or 0) > store.jobs.clock() + 8


def test_a_beat_says_that_the_job_is_to_be_cancelled(store: Store) -> None:
    job = running(store.jobs)
    store.jobs.cancel(job.id, ME)
    assert store.jobs.beat(job.id, 1) is State.CANCELLING


def test_a_lost_job_waits_again_fails_at_last_and_says_why(store: Store) -> None:
    job = queued(store.jobs, max_attempts=2)
    for attempt, after in ((1, "queued"), (2, "failed")):
        claimed = store.jobs.claim(ME, HERE)
        assert claimed is not None and claimed.attempt == attempt
        assert store.jobs.lose(claimed, ME, "killed").state == after  # type: ignore[union-attr]
    error = store.jobs.get(job.id).error  # type: ignore[union-attr]
    assert error is not None and error["code"] == "WORKER_LOST" and "lost 2 times, last: killed" in error["message"]


def test_an_attempt_ended_by_a_shutdown_does_not_count(store: Store) -> None:
    job = queued(store.jobs, max_attempts=1)
    for _ in range(3):
        assert store.jobs.release(store.jobs.claim(ME, HERE), ME).state == "queued"  # type: ignore[union-attr, arg-type]
    last = store.jobs.claim(ME, HERE)
    assert last is not None and last.attempt == 4
    assert store.jobs.lose(last, ME, "killed").state == "failed"  # type: ignore[union-attr]
    assert state_of(store.jobs, job) == "failed"


@pytest.mark.parametrize("name", ["lose", "release"])
def test_a_job_that_is_lost_while_it_is_cancelled_is_cancelled(store: Store, name: str) -> None:
    job = running(store.jobs)
    store.jobs.cancel(job.id, ME)
    assert WRITES[name](store.jobs, job).state == "cancelled"


def test_a_cancel_is_never_lost_between_running_and_waiting(store: Store) -> None:
    """The job goes back to the queue at the moment of the cancel: either way it is cancelled in the end."""
    for _ in range(60):
        job = running(store.jobs)
        at_once([lambda job=job: store.jobs.lose(job, ME, "lost"), lambda job=job: store.jobs.cancel(job.id, ME)])  # type: ignore[misc]
        if state_of(store.jobs, job) == "cancelling":
            store.jobs.cancelled(job, ME, "stopped")
        assert state_of(store.jobs, job) == "cancelled", moves(store.jobs, job)


def test_a_cancel_and_a_success_at_once_end_the_job_once(store: Store) -> None:
    for _ in range(60):
        job = running(store.jobs)
        at_once([lambda job=job: store.jobs.succeed(job, ME, MADE), lambda job=job: store.jobs.cancel(job.id, ME)])  # type: ignore[misc]
        store.jobs.cancelled(job, ME, "stopped")
        ends = [after for _, after, _ in moves(store.jobs, job) if after in ("succeeded", "cancelled", "failed")]
        assert ends == [state_of(store.jobs, job)]


def test_a_second_cancel_changes_nothing(store: Store) -> None:
    job = running(store.jobs)
    first = store.jobs.cancel(job.id, ME)
    assert store.jobs.cancel(job.id, ME) is None and store.jobs.get(job.id) == first
    waiting = queued(store.jobs)
    assert store.jobs.cancel(waiting.id, ME) is not None and store.jobs.cancel(waiting.id, ME) is None


def test_a_lease_that_was_renewed_meanwhile_is_not_taken(store: Store) -> None:
    job = running(store.jobs)
    silenced(store, 1)
    seen = store.jobs.get(job.id)
    store.jobs.beat(job.id, 1)
    assert seen is not None
    assert store.jobs.lose(seen, ME, "silent", store.jobs.lease_is_out()) is None
    assert store.jobs.lose(seen, ME, "silent", store.jobs.not_renewed(seen)) is None
    now = store.jobs.get(job.id)
    assert now is not None and store.jobs.lose(now, ME, "silent", store.jobs.not_renewed(now)) is not None


def test_a_lease_runs_out_by_the_clock_of_a_database_that_has_one(store: Store) -> None:
    job = running(store.jobs)
    assert store.jobs.silent() == []
    silenced(store, 1)
    has_clock = store.engine.dialect.name == "postgresql"
    assert [found.id for found in store.jobs.silent()] == [job.id] * has_clock


@pytest.mark.parametrize("write", [WRITES["lose"], WRITES["fail"]], ids=["lose", "fail"])
def test_a_reason_of_any_length_is_taken_and_cut(store: Store, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    job = running(store.jobs, max_attempts=1)
    text = "x" * 5_000
    if write is WRITES["lose"]:
        store.jobs.lose(job, ME, text)
    else:
        store.jobs.fail(job, ME, "BAD", text)
    assert len(store.jobs.events(job.id)[-1].reason or "") == 2_000
    assert state_of(store.jobs, job) == "failed"


def test_what_was_left_on_a_host_is_known_until_it_is_gone(store: Store) -> None:
    job = brought_to(store.jobs, State.CANCELLED)
    assert [found.id for found in store.jobs.left_on("here")] == [job.id] and store.jobs.left_on("there") == []
    assert store.jobs.any_unsettled("here") and not store.jobs.any_unsettled("there")
    store.jobs.gone(job)
    assert store.jobs.left_on("here") == [] and not store.jobs.any_unsettled("here")
    assert store.jobs.get(job.id).processes is None  # type: ignore[union-attr]


def test_a_host_publishes_what_it_made_and_others_after_a_while(store: Store) -> None:
    job = brought_to(store.jobs, State.SUCCEEDED)
    assert [found.id for found in store.jobs.unpublished("here")] == [job.id]
    assert store.jobs.unpublished("there") == []
    with store.engine.begin() as connection:
        connection.execute(sa.text("update job set finished_at = finished_at - 61"))
    assert [found.id for found in store.jobs.unpublished("there")] == [job.id]
    store.jobs.published(job.id)
    assert store.jobs.unpublished("here") == []


def test_a_job_that_is_cancelled_for_too_long_is_named(store: Store) -> None:
    job = running(store.jobs)
    store.jobs.cancel(job.id, ME)
    assert store.jobs.cancelling_for(5) == []
    with store.engine.begin() as connection:
        connection.execute(sa.text("update job set cancel_at = cancel_at - 6"))
    assert [found.id for found in store.jobs.cancelling_for(5)] == [job.id]
