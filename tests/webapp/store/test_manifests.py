"""Manifests of past jobs, from which forecasts learn."""

from __future__ import annotations

from typing import Any

from tests.webapp.store.builders import HERE, MADE, brought_to, queued, running
from webapp.lifecycle import State
from webapp.store.models import Job
from webapp.store.store import Store

ME = "supervisor:here/1_2:7"
"""With a mark that means any character where texts are compared."""


def made(store: Store, mark: str, actor: str = ME, **values: Any) -> Job:
    """A job that has succeeded, and left its host."""
    job = store.jobs.succeed(running(store.jobs, **values), actor, {**MADE, "manifest": {"mark": mark}})
    assert job is not None
    store.jobs.gone(job)
    return job


def marks(store: Store, by: str = "supervisor:here/1_2:", limit: int = 10) -> list[Any]:
    return [found["mark"] for found in store.jobs.manifests("fake", by, limit)]


def test_manifests_come_newest_first_and_no_more_than_asked_for(store: Store) -> None:
    for mark in "abc":
        made(store, mark)
    assert set(marks(store)) == {"a", "b", "c"}
    assert len(marks(store, limit=2)) == 2


def test_only_jobs_that_succeeded_on_that_backend_and_host_count(store: Store) -> None:
    for state in (State.FAILED, State.CANCELLED):
        brought_to(store.jobs, state)
    made(store, "elsewhere", actor="supervisor:there:7")
    made(store, "alike", actor="supervisor:here/1x2:7")
    made(store, "cluster", backend="databricks")
    made(store, "here")
    assert marks(store) == ["here"]
    assert sorted(marks(store, by="")) == ["alike", "elsewhere", "here"]


def test_jobs_that_took_several_attempts_do_not_count(store: Store) -> None:
    first = running(store.jobs)
    store.jobs.lose(first, "dispatcher", "gone")
    again = store.jobs.claim("test", HERE)
    assert again is not None and again.attempt == 2
    store.jobs.succeed(again, ME, {**MADE, "manifest": {"mark": "again"}})
    assert marks(store) == []
    queued(store.jobs)
    assert marks(store) == []
