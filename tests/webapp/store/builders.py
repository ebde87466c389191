"""Jobs as tests of the store need them: valid rows without a configuration that anybody could run."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from webapp.lifecycle import State
from webapp.store.jobs import Capacity, Jobs
from webapp.store.models import Job

T = TypeVar("T")

HERE = Capacity("here", slots=1_000, per_owner=1_000)
ME = "test"


def a_job(**values: Any) -> Job:
    """A job that was not submitted yet, with a target of its own."""
    job_id = str(uuid.uuid4())
    known = {
        "id": job_id, "owner": "ann", "name": "one", "request_hash": "r" * 64, "backend": "fake", "target": job_id,
        "config": {"a": 1}, "config_hash": "c" * 64, "households": 100, "state": State.QUEUED, "max_attempts": 3,
        "created_at": 0.0,
    }  # fmt: skip
    return Job(**{**known, **values})


def queued(jobs: Jobs, **values: Any) -> Job:
    """A job that waits."""
    return jobs.submit(a_job(**values), 10_000)[0]


def running(jobs: Jobs, **values: Any) -> Job:
    """A job that runs, its first attempt."""
    waiting = queued(jobs, **values)
    claimed = jobs.claim(ME, HERE)
    assert claimed is not None and claimed.id == waiting.id, "another job was waiting"
    return claimed


MADE = {"manifest": {"tables": {}}, "certificate": {"ok": True}, "manifest_hash": "m" * 64, "rows": 0}
"""What a job made."""


def brought_to(jobs: Jobs, state: State, **values: Any) -> Job:
    """A job in a state, by the way that jobs go."""
    if state is State.QUEUED:
        return queued(jobs, **values)
    job = running(jobs, **values)
    steps: dict[State, Callable[[], Job | None]] = {
        State.RUNNING: lambda: job,
        State.CANCELLING: lambda: jobs.cancel(job.id, ME),
        State.CANCELLED: lambda: jobs.cancel(job.id, ME) and jobs.cancelled(job, ME, "done"),
        State.SUCCEEDED: lambda: jobs.succeed(job, ME, MADE),
        State.FAILED: lambda: jobs.fail(job, ME, "BAD", "it is bad"),
    }
    reached = steps[state]()
    assert reached is not None and reached.state == state
    return reached


def moves(jobs: Jobs, job: Job) -> list[tuple[str | None, str, int]]:
    """What happened to a job: before, after and attempt."""
    return [(event.before, event.after, event.attempt) for event in jobs.events(job.id)]


def state_of(jobs: Jobs, job: Job) -> str:
    """The job's state as it is now."""
    found = jobs.get(job.id)
    assert found is not None
    return found.state


def at_once(actions: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What actions come to that all begin at the same moment, each in a thread of its own."""
    barrier, results = threading.Barrier(len(actions)), [None] * len(actions)  # type: list[Any]

    def act(place: int) -> None:
        barrier.wait()
        try:
            results[place] = actions[place]()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=act, args=(place,)) for place in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(results)
