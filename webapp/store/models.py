"""The tables of the store. Rows are validated before they get here: SQLModel does not validate table models."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field, SQLModel

from webapp.lifecycle import ENDED, HELD, State

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMES

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""JSON; a missing value is NULL, not the JSON word null."""

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite counts up only columns that are exactly INTEGER."""


def _in(states: frozenset[State] | type[State]) -> str:
    return "(" + ", ".join(f"'{state}'" for state in sorted(states)) + ")"


class WizardSession(SQLModel, table=True):
    """A draft: what the user has answered so far, whether it is valid yet or not."""

    __tablename__ = "wizard_session"
    __table_args__ = (sa.Index(None, "owner", "updated_at"),)

    id: str = Field(primary_key=True, max_length=36)
    owner: str = Field(max_length=200)
    name: str = Field(max_length=200)
    """output.name of the draft, for lists."""
    config: dict[str, Any] = Field(sa_type=JSON, nullable=False)
    version: int
    """Counts saves; a save names the version it changes, or it is refused."""
    step: str = Field(max_length=20)
    """The first step that has not been answered."""
    origin: str = Field(max_length=200)
    """What it was begun from, in words: a preset, an earlier job, a file."""
    created_at: float = Field(sa_type=sa.Double)
    updated_at: float = Field(sa_type=sa.Double)


class Job(SQLModel, table=True):
    """A request for a dataset and what came of it. Times are seconds since 1970 by the database's clock."""

    __tablename__ = "job"
    __table_args__ = (
        sa.UniqueConstraint("owner", "idempotency_key"),
        sa.CheckConstraint(f"state in {_in(State)}", name="state_known"),
        sa.CheckConstraint(f"(state in {_in(HELD)}) = (lease_until is not null)", name="lease_while_held"),
        sa.CheckConstraint(f"(state in {_in(HELD)}) = (holder is not null)", name="holder_while_held"),
        sa.CheckConstraint(f"(state in {_in(ENDED)}) = (finished_at is not null)", name="finished_when_ended"),
        sa.CheckConstraint("(state = 'succeeded') = (manifest_hash is not null)", name="manifest_when_succeeded"),
        sa.CheckConstraint("(state = 'failed') = (error is not null)", name="error_when_failed"),
        sa.CheckConstraint("published_at is null or state = 'succeeded'", name="published_after_success"),
        sa.CheckConstraint("attempt >= 0 and attempt <= max_attempts + shutdowns", name="attempts_in_bounds"),
        # A target is taken until its job has ended and, after success, the manifest lies where readers look.
        sa.Index(
            "uq_job_target_taken",
            "target",
            unique=True,
            sqlite_where=sa.text("finished_at is null or (state = 'succeeded' and published_at is null)"),
            postgresql_where=sa.text("finished_at is null or (state = 'succeeded' and published_at is null)"),
        ),
        sa.Index(None, "owner", "created_at"),
        sa.Index(None, "owner", "state", "created_at"),
        sa.Index(None, "state", "lease_until"),
        sa.Index(None, "created_at"),
        sa.Index(None, "host"),
        sa.Index(None, "target", "finished_at"),
    )

    id: str = Field(primary_key=True, max_length=36)
    owner: str = Field(max_length=200)
    name: str = Field(max_length=200)
    idempotency_key: str | None = Field(default=None, max_length=200)
    request_hash: str = Field(max_length=64)
    """What was asked for under the key; the same key with something else is a mistake."""
    session_id: str | None = Field(default=None, max_length=36)
    parent_id: str | None = Field(default=None, max_length=36)
    """The job this one repeats."""
    shared: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether everybody who can open the app may see it."""

    backend: str = Field(max_length=20)
    target: str = Field(max_length=1000)
    config: dict[str, Any] = Field(sa_type=JSON, nullable=False)
    config_hash: str = Field(max_length=64)
    households: int = Field(sa_type=sa.BigInteger)

    state: str = Field(max_length=10)
    attempt: int = 0
    """The fencing token: every write of a supervisor names it."""
    max_attempts: int
    shutdowns: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Attempts ended by an orderly shutdown; they do not count against max_attempts."""
    holder: str | None = Field(default=None, max_length=200)
    lease_until: float | None = Field(default=None, sa_type=sa.Double)
    host: str | None = Field(default=None, max_length=200)
    """Where the latest attempt runs or ran, until its processes are known to be gone."""
    processes: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """The processes of the latest attempt on that host, or the remote run."""
    not_before: float = Field(default=0.0, sa_type=sa.Double, sa_column_kwargs={"server_default": "0"})
    """A retried job is not claimed earlier."""

    progress: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    rows: int | None = Field(default=None, sa_type=sa.BigInteger)
    """Rows of all tables of a succeeded job."""
    error: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    manifest_hash: str | None = Field(default=None, max_length=64)
    manifest: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    certificate: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    request_id: str | None = Field(default=None, max_length=64)

    created_at: float = Field(sa_type=sa.Double)
    started_at: float | None = Field(default=None, sa_type=sa.Double)
    cancel_at: float | None = Field(default=None, sa_type=sa.Double)
    finished_at: float | None = Field(default=None, sa_type=sa.Double)
    published_at: float | None = Field(default=None, sa_type=sa.Double)


class JobEvent(SQLModel, table=True):
    """One move of a job, written in the transaction that made it and never changed."""

    __tablename__ = "job_event"
    __table_args__ = (
        sa.CheckConstraint(f"after in {_in(State)}", name="after_known"),
        sa.CheckConstraint(f"before is null or before in {_in(State)}", name="before_known"),
    )

    n: int | None = Field(default=None, sa_column=sa.Column(BIG_KEY, primary_key=True, autoincrement=True))
    job_id: str = Field(foreign_key="job.id", index=True, max_length=36, ondelete="CASCADE")
    before: str | None = Field(default=None, max_length=10)
    after: str = Field(max_length=10)
    attempt: int
    at: float = Field(sa_type=sa.Double)
    actor: str = Field(max_length=200)
    """Who made the move: api, dispatcher, supervisor, with host and process."""
    reason: str | None = Field(default=None, max_length=2000)
