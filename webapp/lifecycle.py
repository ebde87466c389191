"""The states of a job and the moves between them. Pure: nothing here knows a database or a process."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


ENDED = frozenset({State.CANCELLED, State.SUCCEEDED, State.FAILED})
"""States that no job ever leaves; running it again is a new job."""

HELD = frozenset({State.RUNNING, State.CANCELLING})
"""States in which a supervisor holds the lease."""

LEGAL: frozenset[tuple[State | None, State]] = frozenset(
    {
        (None, State.QUEUED),
        (State.QUEUED, State.RUNNING),
        (State.QUEUED, State.CANCELLED),
        (State.RUNNING, State.QUEUED),
        (State.RUNNING, State.SUCCEEDED),
        (State.RUNNING, State.FAILED),
        (State.RUNNING, State.CANCELLING),
        (State.CANCELLING, State.CANCELLED),
    }
)
"""Every move there is. A job that is being cancelled is never published: `cancelling` leads to `cancelled` only."""


class IllegalMove(Exception):
    """Code asked for a move that is not in `LEGAL`; a mistake in the code, not in the data."""


def check(before: State | None, after: State) -> None:
    """Raises `IllegalMove` unless the move is legal."""
    if (before, after) not in LEGAL:
        raise IllegalMove(f"a job never goes from {before} to {after}")


def after_loss(attempt: int, max_attempts: int) -> State:
    """Where a running job goes when its worker is gone: tried again, until the attempts are used up."""
    return State.FAILED if attempt >= max_attempts else State.QUEUED
