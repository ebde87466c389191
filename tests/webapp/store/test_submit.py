"""Submitting: once for a key, one job a target, and not more than may wait."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.webapp.store.builders import HERE, MADE, ME, a_job, at_once, brought_to, moves, queued, running
from webapp.lifecycle import State
from webapp.store.jobs import KeyReused, TargetTaken, TooManyQueued
from webapp.store.store import Store

TAKING = (State.QUEUED, State.RUNNING, State.CANCELLING, State.SUCCEEDED)
"""States of a job whose target is not free; success frees it when the dataset lies where readers look."""


def test_a_submitted_job_waits_and_has_its_event(store: Store) -> None:
    job, is_new = store.jobs.submit(a_job(), 10)
    assert (is_new, job.state, job.attempt) == (True, "queued", 0)
    assert moves(store.jobs, job) == [(None, "queued", 0)]
    assert abs(job.created_at - store.jobs.clock()) < 5


def test_what_was_submitted_is_read_back_equal(store: Store) -> None:
    config = {"text": "Ünï – 雪", "numbers": [1, 2.5, 10**18], "nothing": None, "nested": {"deep": [{}]}}
    job = queued(store.jobs, config=config, session_id="s", request_id="r")
    found = store.jobs.get(job.id)
    assert found == job and found.config == config


def test_values_that_are_missing_are_null_to_the_database(store: Store) -> None:
    queued(store.jobs)
    with store.engine.connect() as connection:
        query = "select count(*) from job where processes is null and manifest is null and error is null and progress is null"
        assert connection.execute(sa.text(query)).scalar_one() == 1


def test_the_same_key_and_request_give_the_same_job(store: Store) -> None:
    first, _ = store.jobs.submit(a_job(idempotency_key="k"), 10)
    again, is_new = store.jobs.submit(a_job(idempotency_key="k", target="another"), 10)
    assert (again.id, is_new) == (first.id, False)
    assert store.jobs.by_key("ann", "k") == first


def test_the_same_key_of_another_owner_is_another_job(store: Store) -> None:
    first = queued(store.jobs, idempotency_key="k")
    assert queued(store.jobs, idempotency_key="k", owner="bob").id != first.id


def test_a_key_with_another_request_is_refused(store: Store) -> None:
    queued(store.jobs, idempotency_key="k")
    with pytest.raises(KeyReused):
        store.jobs.submit(a_job(idempotency_key="k", request_hash="x" * 64), 10)


def test_a_known_key_gives_its_job_even_when_nothing_more_may_wait(store: Store) -> None:
    first, _ = store.jobs.submit(a_job(idempotency_key="k"), 1)
    assert store.jobs.submit(a_job(idempotency_key="k"), 1) == (first, False)


def test_twelve_submits_of_one_key_at_once_make_one_job(store: Store) -> None:
    submits = [lambda: store.jobs.submit(a_job(idempotency_key="k"), 10)] * 12
    results = at_once(submits)
    assert not [result for result in results if isinstance(result, Exception)], results
    assert len({job.id for job, _ in results}) == 1 and sum(is_new for _, is_new in results) == 1
    assert len(store.jobs.unfinished()) == 1


def test_twelve_submits_to_one_target_at_once_make_one_job(store: Store) -> None:
    results = at_once([lambda: store.jobs.submit(a_job(target="t"), 100)] * 12)
    taken = [result for result in results if isinstance(result, TargetTaken)]
    assert len(taken) == 11 and {error.job_id for error in taken} == {store.jobs.unfinished()[0].id}


def test_as_many_as_allowed_may_wait_even_when_asked_at_once(store: Store) -> None:
    results = at_once([lambda: store.jobs.submit(a_job(), 5)] * 12)
    refused = [result for result in results if isinstance(result, TooManyQueued)]
    assert len(refused) == 7 and {(error.queued, error.limit) for error in refused} == {(5, 5)}


def test_running_jobs_and_those_of_others_do_not_count_as_waiting(store: Store) -> None:
    running(store.jobs)
    queued(store.jobs, owner="bob")
    assert store.jobs.submit(a_job(), 1)[1]


@pytest.mark.parametrize("state", TAKING, ids=lambda state: state.value)
def test_a_target_is_taken_until_its_job_has_ended_and_is_published(store: Store, state: State) -> None:
    job = brought_to(store.jobs, state, target="t", owner="bob")
    with pytest.raises(TargetTaken) as refused:
        store.jobs.submit(a_job(target="t"), 10)
    assert (refused.value.job_id, refused.value.owner) == (job.id, "bob")


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED], ids=lambda state: state.value)
def test_a_job_that_came_to_nothing_frees_its_target(store: Store, state: State) -> None:
    brought_to(store.jobs, state, target="t")
    assert store.jobs.submit(a_job(target="t"), 10)[1]


def test_a_published_job_frees_its_target_and_was_the_last_on_it(store: Store) -> None:
    job = brought_to(store.jobs, State.SUCCEEDED, target="t")
    store.jobs.published(job.id)
    brought_to(store.jobs, State.FAILED, target="t")
    last = store.jobs.last_on("t")
    assert store.jobs.submit(a_job(target="t"), 10)[1] and last is not None and last.id == job.id


def test_what_was_in_the_way_and_has_gone_is_not_blamed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other job ends between the refused insert and the question which job it was."""
    brought_to(store.jobs, State.FAILED, target="t")
    other = running(store.jobs, target="t")
    collision = store.jobs._collision

    def late(*arguments: Any) -> Any:
        store.jobs.fail(other, ME, "BAD", "it is bad")
        return collision(*arguments)

    monkeypatch.setattr(store.jobs, "_collision", late)
    assert store.jobs.submit(a_job(target="t"), 10)[1]


def test_an_id_that_is_there_already_is_an_error_and_not_tried_for_ever(store: Store) -> None:
    job = queued(store.jobs)
    with pytest.raises(sa.exc.IntegrityError):
        store.jobs.submit(a_job(id=job.id), 10)


def test_publishing_again_changes_nothing(store: Store) -> None:
    job = brought_to(store.jobs, State.SUCCEEDED)
    store.jobs.published(job.id)
    first = store.jobs.get(job.id)
    store.jobs.published(job.id)
    assert store.jobs.get(job.id) == first


def test_only_a_succeeded_job_can_be_published(store: Store) -> None:
    job = running(store.jobs)
    store.jobs.published(job.id)
    assert store.jobs.get(job.id).published_at is None  # type: ignore[union-attr]


def test_an_ended_job_is_forgotten_with_its_events_once_nothing_of_it_runs(store: Store) -> None:
    job = running(store.jobs)
    assert not store.jobs.delete(job.id)
    store.jobs.succeed(job, ME, MADE)
    assert not store.jobs.delete(job.id), "its processes are not known to be gone"
    store.jobs.gone(job)
    assert store.jobs.delete(job.id)
    assert (store.jobs.get(job.id), store.jobs.events(job.id), store.jobs.claim(ME, HERE)) == (None, [], None)


def test_a_job_of_a_host_that_never_came_back_can_be_forgotten_after_a_while(store: Store) -> None:
    job = brought_to(store.jobs, State.CANCELLED)
    with store.engine.begin() as connection:
        connection.execute(sa.text("update job set finished_at = finished_at - 61"))
    assert store.jobs.delete(job.id)
