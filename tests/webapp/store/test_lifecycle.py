"""The states of a job: which moves there are, and that the store makes these and no other."""

from __future__ import annotations

import itertools

import pytest

from tests.webapp.store.builders import MADE, ME, a_job, brought_to, moves, state_of
from webapp.lifecycle import ENDED, HELD, LEGAL, IllegalMove, State, after_loss, check
from webapp.store.jobs import Move
from webapp.store.store import Store

NEEDED = {
    State.SUCCEEDED: MADE,
    State.FAILED: {"error": {"code": "BAD"}},
    State.RUNNING: {"holder": ME, "lease_until": 1e12, "attempt": 1},
}
"""What the database asks of a job in a state."""

PAIRS = list(itertools.product(State, State))


def test_no_ended_job_ever_moves() -> None:
    assert not [move for move in LEGAL if move[0] in ENDED]


def test_a_job_that_is_being_cancelled_can_only_be_cancelled() -> None:
    assert [after for before, after in LEGAL if before is State.CANCELLING] == [State.CANCELLED]


def test_every_state_but_the_ends_leads_to_an_end() -> None:
    reached = set(ENDED)
    for _ in State:
        reached |= {before for before, after in LEGAL if after in reached and before is not None}
    assert reached == set(State)


def test_held_states_are_reached_through_a_claim_only() -> None:
    assert {before for before, after in LEGAL if after is State.RUNNING} == {State.QUEUED}
    assert {before for before, after in LEGAL if after in HELD} == {State.QUEUED, State.RUNNING}


def test_the_last_loss_of_a_worker_fails_the_job() -> None:
    assert [after_loss(attempt, 3) for attempt in (1, 2, 3, 4)] == [State.QUEUED] * 2 + [State.FAILED] * 2


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=lambda state: state.value)
def test_the_store_makes_every_legal_move_and_no_other(store: Store, before: State, after: State) -> None:
    job = brought_to(store.jobs, before)
    known = moves(store.jobs, job)
    move = Move((before,), after, ME, values=NEEDED.get(after, {}))
    if (before, after) in LEGAL:
        moved = store.jobs.move(job.id, move)
        assert moved is not None and moved.state == after
        assert moves(store.jobs, job)[:-1] == known and moves(store.jobs, job)[-1][:2] == (before, after)
    else:
        with pytest.raises(IllegalMove, match=f"never goes from {before} to {after}"):
            store.jobs.move(job.id, move)
        assert (state_of(store.jobs, job), moves(store.jobs, job)) == (before, known)


def test_a_job_begins_by_waiting() -> None:
    check(None, State.QUEUED)
    for state in set(State) - {State.QUEUED}:
        with pytest.raises(IllegalMove):
            check(None, state)


@pytest.mark.parametrize("before", State, ids=lambda state: state.value)
def test_a_job_that_is_not_as_a_move_expects_stays_as_it_is(store: Store, before: State) -> None:
    job = brought_to(store.jobs, before)
    other = next(state for state in (State.QUEUED, State.RUNNING) if state is not before)
    after = next(after for known, after in LEGAL if known is other)
    assert store.jobs.move(job.id, Move((other,), after, ME)) is None
    assert state_of(store.jobs, job) == before


def test_a_move_of_an_unknown_job_is_none(store: Store) -> None:
    assert store.jobs.move(a_job().id, Move((State.QUEUED,), State.CANCELLED, ME)) is None
    assert store.jobs.cancel("nobody", ME) is None
