"""Claiming: every job once, within the limits, in a fair order, and quickly however many wait."""

from __future__ import annotations

import statistics
import time

import sqlalchemy as sa

from tests.webapp.store.builders import HERE, ME, a_job, at_once, moves, queued, running
from webapp.store.jobs import JOB, Capacity
from webapp.store.store import Store


def test_a_claimed_job_runs_under_a_fresh_lease(store: Store) -> None:
    job = running(store.jobs)
    assert (job.state, job.attempt, job.holder, job.host) == ("running", 1, ME, "here")
    assert 8 < (job.lease_until or 0) - store.jobs.clock() <= 10
    assert moves(store.jobs, job)[-1] == ("queued", "running", 1)


def test_nothing_is_claimed_where_nothing_waits(store: Store) -> None:
    assert store.jobs.claim(ME, HERE) is None and not store.jobs.any_waiting()


def test_six_claimers_share_thirty_jobs_without_any_twice(store: Store) -> None:
    for _ in range(30):
        queued(store.jobs)

    def claim_all() -> list[str]:
        claimed = []
        while (job := store.jobs.claim(ME, HERE)) is not None:
            claimed.append(job.id)
        return claimed

    results = at_once([claim_all] * 6)
    claimed = [job_id for result in results for job_id in result]  # type: ignore[union-attr]
    assert len(claimed) == 30 and len(set(claimed)) == 30


def test_a_host_runs_as_many_jobs_as_it_has_slots(store: Store) -> None:
    for _ in range(4):
        queued(store.jobs)
    small = Capacity("small", slots=2, per_owner=100)
    assert sum(store.jobs.claim(ME, small) is not None for _ in range(3)) == 2
    assert store.jobs.claim(ME, Capacity("other", slots=1, per_owner=100)) is not None


def test_an_owner_runs_as_many_jobs_as_allowed_over_all_hosts(store: Store) -> None:
    for _ in range(3):
        queued(store.jobs)
    for host in ("one", "two", "three"):
        store.jobs.claim(ME, Capacity(host, slots=10, per_owner=2))
    assert len(store.jobs.held()) == 2


def test_claims_at_once_keep_within_the_limits(store: Store) -> None:
    for _ in range(12):
        queued(store.jobs)
    at_once([lambda: store.jobs.claim(ME, Capacity("here", slots=3, per_owner=100))] * 12)
    assert len(store.jobs.held()) == 3


def test_an_owner_with_nothing_running_comes_before_one_with_much_waiting(store: Store) -> None:
    many = [queued(store.jobs, owner="ann") for _ in range(5)]
    one = queued(store.jobs, owner="bob")
    order = [store.jobs.claim(ME, Capacity("here", 10, 2)) for _ in range(3)]
    assert [job and job.id for job in order] == [many[0].id, one.id, many[1].id]


def test_of_equals_the_one_who_waits_longest_comes_first(store: Store) -> None:
    jobs = [queued(store.jobs, owner=f"user {n}") for n in (3, 1, 2)]
    assert [store.jobs.claim(ME, HERE).id for _ in jobs] == [job.id for job in jobs]  # type: ignore[union-attr]


def test_a_users_jobs_run_in_the_order_of_submission_however_quickly_they_came(store: Store) -> None:
    with store.engine.begin() as connection:
        for n in range(40):
            values = {**a_job().model_dump(), "id": f"{39 - n:036d}", "name": str(n), "created_at": 1.0}
            connection.execute(sa.insert(JOB).values(**values))
    if store.engine.dialect.name == "postgresql":
        with store.engine.begin() as connection:  # its clock has microseconds: no two are equal
            connection.execute(sa.text("update job set created_at = name::int"))
    assert [store.jobs.claim(ME, HERE).name for _ in range(40)] == [str(n) for n in range(40)]  # type: ignore[union-attr]


def test_nobody_starves_behind_a_user_who_always_has_more(store: Store) -> None:
    for _ in range(5):
        queued(store.jobs, owner="greedy")
    waiting = queued(store.jobs, owner="patient")
    claims = 0
    while (job := store.jobs.claim(ME, Capacity("here", slots=1, per_owner=2))) is not None and job.id != waiting.id:
        store.jobs.fail(job, ME, "BAD", "it is bad")
        queued(store.jobs, owner="greedy")
        claims += 1
    assert claims == 5, "the jobs that were there before, and none that came later"


def test_a_retried_job_waits_its_time_and_lets_others_pass(store: Store) -> None:
    job = running(store.jobs)
    store.jobs.lose(job, ME, "test")
    again = store.jobs.claim(ME, HERE)
    assert again is not None and (again.id, again.attempt) == (job.id, 2), "the first retry comes at once"
    store.jobs.lose(again, ME, "test")
    assert store.jobs.claim(ME, HERE) is None
    other = queued(store.jobs)
    assert store.jobs.claim(ME, HERE).id == other.id  # type: ignore[union-attr]
    time.sleep(1.1)
    assert store.jobs.claim(ME, HERE).attempt == 3  # type: ignore[union-attr]


def test_a_claim_grows_far_less_than_the_queue_and_reads_few_rows(store: Store) -> None:
    rows = [{**a_job(owner=f"user {n % 50}").model_dump(), "created_at": float(n)} for n in range(1_000)]
    fetched: list[int] = []
    sa.event.listen(store.engine, "after_cursor_execute", lambda *what: fetched.append(what[1].rowcount))
    spent = {}
    for waiting in (rows[:50], rows[50:]):
        with store.engine.begin() as connection:
            connection.execute(sa.insert(JOB), waiting)
        fetched.clear()
        spent[len(waiting)] = statistics.median(_seconds_of_a_claim(store) for _ in range(25))
    assert spent[950] < 10 * spent[50], f"{spent[950] / spent[50]:.1f} times as long for twenty times the jobs"
    assert max(fetched) <= 50, "one row an owner at the most"


def _seconds_of_a_claim(store: Store) -> float:
    begun = time.perf_counter()
    assert store.jobs.claim(ME, Capacity("here", 1_000, 2)) is not None
    return time.perf_counter() - begun
