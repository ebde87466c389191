"""Jobs in the database. `_moved` is the only code that writes a job's state, and always by compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from webapp.lifecycle import ENDED, HELD, State, after_loss, check
from webapp.store.database import now
from webapp.store.models import Job, JobEvent

JOB: sa.Table = Job.__table__  # type: ignore[attr-defined]  # SQLModel does not declare the attribute
EVENT: sa.Table = JobEvent.__table__  # type: ignore[attr-defined]  # as above

CLAIM_LOCK = 0x1D6A_A5
"""PostgreSQL's advisory lock of claims and submits: limits are counted, which row locks cannot guard."""

RETRY_SECONDS = 1.0
LONGEST_REASON = 2000

COLLISIONS = 3
"""How often a submit is tried when something is in its way that has gone before it can be named."""

STRANDED_SECONDS = 60.0
"""After this others look after what a host has left undone."""


class TargetTaken(Exception):
    """Another unfinished job writes to the same target; `job_id` names it."""

    def __init__(self, job_id: str, owner: str) -> None:
        super().__init__(f"job {job_id} is writing to this target")
        self.job_id, self.owner = job_id, owner


class KeyReused(Exception):
    """The idempotency key stands for another request."""


class TooManyQueued(Exception):
    """The owner has as many waiting jobs as allowed."""

    def __init__(self, queued: int, limit: int) -> None:
        super().__init__(f"{queued} jobs are waiting, {limit} are allowed")
        self.queued, self.limit = queued, limit


@dataclass(frozen=True)
class Capacity:
    """How much may run: jobs at a time on the claiming host, and of one owner."""

    host: str
    slots: int
    per_owner: int


@dataclass(frozen=True)
class Move:
    """A compare-and-set: which jobs may be moved, where to, by whom and why."""

    before: Sequence[State]
    after: State
    actor: str
    reason: str | None = None
    attempt: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    where: Sequence[sa.ColumnElement[bool]] = ()


def job_of(row: sa.RowMapping) -> Job:
    """A row as the model's object, not bound to a session."""
    return Job(**row)


class Jobs:
    """The jobs of a store."""

    def __init__(self, engine: sa.Engine, lease_seconds: float) -> None:
        self._engine, self._lease = engine, lease_seconds
        self._now = now(engine)
        self._is_postgres = engine.dialect.name == "postgresql"
        # SQLite's clock ticks in milliseconds, and more than one job may be submitted in one.
        self._order = (JOB.c.created_at, JOB.c.id if self._is_postgres else sa.literal_column("rowid"))

    # --- asking -------------------------------------------------------------------------------------------------------

    def get(self, job_id: str) -> Job | None:
        """The job, whoever owns it."""
        return self._one(sa.select(JOB).where(JOB.c.id == job_id))

    def clock(self) -> float:
        """The database's time, seconds since 1970."""
        with self._reading() as connection:
            return float(connection.execute(sa.select(self._now)).scalar_one())

    def by_key(self, owner: str, key: str) -> Job | None:
        """The job an owner started under an idempotency key."""
        return self._one(sa.select(JOB).where(JOB.c.owner == owner, JOB.c.idempotency_key == key))

    def events(self, job_id: str) -> list[JobEvent]:
        """What happened to a job, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(EVENT).where(EVENT.c.job_id == job_id).order_by(EVENT.c.n)).mappings()
            return [JobEvent(**row) for row in rows]

    def position(self, job: Job) -> int:
        """How many jobs wait before a queued one."""
        ahead = sa.select(sa.func.count()).where(JOB.c.state == State.QUEUED, JOB.c.created_at < job.created_at)
        with self._reading() as connection:
            return int(connection.execute(ahead).scalar_one())

    def latest(self, owner: str, limit: int) -> list[Job]:
        """An owner's jobs, the newest first."""
        mine = sa.select(JOB).where(JOB.c.owner == owner).order_by(JOB.c.created_at.desc(), JOB.c.id)
        return self._all(mine.limit(limit))

    def unfinished(self) -> list[Job]:
        """Jobs that have not ended, oldest first."""
        return self._all(sa.select(JOB).where(JOB.c.finished_at.is_(None)).order_by(JOB.c.created_at))

    def last_on(self, target: str) -> Job | None:
        """The job that published last on a target."""
        query = sa.select(JOB).where(JOB.c.target == target, JOB.c.state == State.SUCCEEDED)
        return self._one(query.order_by(JOB.c.finished_at.desc()).limit(1))

    def manifests(self, backend: str, by: str, limit: int) -> list[dict[str, Any]]:
        """Manifests of the jobs of a backend that succeeded last, at the first attempt, by an actor whose name begins so."""
        # The job itself no longer knows its host once its processes are gone.
        where = sa.exists().where(
            EVENT.c.job_id == JOB.c.id, EVENT.c.after == State.SUCCEEDED, EVENT.c.actor.startswith(by, autoescape=True)
        )
        made = (JOB.c.backend == backend, JOB.c.state == State.SUCCEEDED, JOB.c.attempt == 1, where)
        query = sa.select(JOB.c.manifest).where(*made).order_by(JOB.c.finished_at.desc()).limit(limit)
        with self._reading() as connection:
            return [dict(found) for found in connection.execute(query).scalars() if found]

    # --- starting -----------------------------------------------------------------------------------------------------

    def submit(self, job: Job, queued_limit: int) -> tuple[Job, bool]:
        """The stored job and whether this call stored it; the same key and request give the same job.

        Raises `KeyReused`, `TooManyQueued` or `TargetTaken`, and stores nothing then.
        """
        for _ in range(COLLISIONS):
            try:
                return self._stored(job, queued_limit)
            except sa.exc.IntegrityError as error:
                collision = error
                known = self._collision(job, error)
            if known is not None:
                return known, False
        raise collision

    def _stored(self, job: Job, queued_limit: int) -> tuple[Job, bool]:
        with self._engine.begin() as connection:
            self._serialise(connection)
            known = self._known(connection, job)
            if known is not None:
                return known, False
            self._check_queue(connection, job.owner, queued_limit)
            return self._insert(connection, job), True

    def _known(self, connection: sa.Connection, job: Job) -> Job | None:
        if job.idempotency_key is None:
            return None
        query = sa.select(JOB).where(JOB.c.owner == job.owner, JOB.c.idempotency_key == job.idempotency_key)
        row = connection.execute(query).mappings().first()
        if row is not None and row["request_hash"] != job.request_hash:
            raise KeyReused(job.idempotency_key)
        return None if row is None else job_of(row)

    def _check_queue(self, connection: sa.Connection, owner: str, limit: int) -> None:
        waiting = sa.select(sa.func.count()).where(JOB.c.owner == owner, JOB.c.state == State.QUEUED)
        queued = int(connection.execute(waiting).scalar_one())
        if queued >= limit:
            raise TooManyQueued(queued, limit)

    def _insert(self, connection: sa.Connection, job: Job) -> Job:
        values = {**job.model_dump(), "state": State.QUEUED, "attempt": 0, "created_at": self._now}
        row = connection.execute(sa.insert(JOB).values(**values).returning(JOB)).mappings().one()
        self._note(connection, row, None, Move((), State.QUEUED, "api", reason="submitted"))
        return job_of(row)

    def _collision(self, job: Job, error: sa.exc.IntegrityError) -> Job | None:
        """The job that was stored under the same key meanwhile; None if what was in the way has gone again. Raises
        `TargetTaken`.
        """
        with self._reading() as connection:
            known = self._known(connection, job)
        if known is not None:
            return known
        taken = sa.or_(JOB.c.finished_at.is_(None), JOB.c.published_at.is_(None) & (JOB.c.state == State.SUCCEEDED))
        other = self._one(sa.select(JOB).where(JOB.c.target == job.target, taken))
        if other is not None:
            raise TargetTaken(other.id, other.owner) from error
        return None

    # --- running ------------------------------------------------------------------------------------------------------

    def claim(self, holder: str, capacity: Capacity) -> Job | None:
        """The next waiting job, now running under a fresh lease and attempt; None if none may run now.

        Owners with fewer running jobs come first, then who waits longest; an owner's jobs run in the order of submission.
        """
        with self._engine.begin() as connection:
            self._serialise(connection)
            job_id = self._next(connection, capacity)
            if job_id is None:
                return None
            values = {
                "attempt": JOB.c.attempt + 1,
                "holder": holder,
                "host": capacity.host,
                "lease_until": self._now + self._lease,
                "started_at": sa.func.coalesce(JOB.c.started_at, self._now),
            }
            return self._moved(connection, job_id, Move((State.QUEUED,), State.RUNNING, holder, values=values))

    def _next(self, connection: sa.Connection, capacity: Capacity) -> str | None:
        held = sa.select(JOB.c.owner, JOB.c.host).where(JOB.c.state.in_(HELD))
        running = connection.execute(held).all()
        if sum(row.host == capacity.host for row in running) >= capacity.slots:
            return None
        waiting = (JOB.c.state == State.QUEUED, JOB.c.not_before <= self._now)
        first = sa.func.min(JOB.c.created_at).label("first")
        owners = connection.execute(sa.select(JOB.c.owner, first).where(*waiting).group_by(JOB.c.owner)).all()
        counted = [(sum(row.owner == owner for row in running), since, owner) for owner, since in owners]
        allowed = sorted(entry for entry in counted if entry[0] < capacity.per_owner)
        if not allowed:
            return None
        mine = sa.select(JOB.c.id).where(JOB.c.owner == allowed[0][2], *waiting).order_by(*self._order)
        return str(connection.execute(mine.limit(1)).scalar_one())

    def beat(self, job_id: str, attempt: int, **seen: Any) -> State | None:
        """Renews the lease and stores what the supervisor saw (`holder`, `progress`, `processes`); returns the state, or
        None when this attempt no longer holds the job.
        """
        mine = (JOB.c.id == job_id, JOB.c.attempt == attempt, JOB.c.state.in_(HELD))
        values = {"lease_until": self._now + self._lease, **seen}
        with self._engine.begin() as connection:
            state = connection.execute(sa.update(JOB).where(*mine).values(**values).returning(JOB.c.state)).scalar()
        return None if state is None else State(state)

    def succeed(self, job: Job, actor: str, made: Mapping[str, Any]) -> Job | None:
        """The one write that publishes: `made` has the manifest, its hash, the certificate and the rows. None when this
        attempt no longer holds the job, or somebody cancels it.
        """
        move = Move((State.RUNNING,), State.SUCCEEDED, actor, attempt=job.attempt, values=made)
        return self.move(job.id, move)

    def published(self, job_id: str) -> None:
        """The manifest of a succeeded job lies where readers look; its target is free."""
        mine = (JOB.c.id == job_id, JOB.c.state == State.SUCCEEDED, JOB.c.published_at.is_(None))
        with self._engine.begin() as connection:
            connection.execute(sa.update(JOB).where(*mine).values(published_at=self._now))

    def fail(self, job: Job, actor: str, code: str, message: str) -> Job | None:
        """The job has failed for good. None when this attempt no longer holds it."""
        error = {"code": code, "message": message, "attempt": job.attempt}
        move = Move((State.RUNNING,), State.FAILED, actor, f"{code}: {message}", job.attempt, {"error": error})
        return self.move(job.id, move)

    def lose(self, job: Job, actor: str, reason: str, *where: sa.ColumnElement[bool]) -> Job | None:
        """The attempt's worker is gone: tried again, failed after the last attempt, or cancelled if that was asked for."""
        cancelled = Move((State.CANCELLING,), State.CANCELLED, actor, reason, job.attempt, where=where)
        after = after_loss(job.attempt - job.shutdowns, job.max_attempts)
        if after is State.FAILED:
            last = reason[:LONGEST_REASON]
            message = f"the worker was lost {job.max_attempts} times, last: {last}; run it again, or make it smaller"
            values: dict[str, Any] = {"error": {"code": "WORKER_LOST", "message": message, "attempt": job.attempt}}
        else:
            values = {"not_before": self._now + RETRY_SECONDS * (job.attempt - 1)}
        lost = Move((State.RUNNING,), after, actor, reason, job.attempt, values, where)
        return self.move(job.id, lost, cancelled)

    def release(self, job: Job, actor: str) -> Job | None:
        """An orderly shutdown gives the job back; the attempt does not count."""
        values = {"shutdowns": JOB.c.shutdowns + 1}
        back = Move((State.RUNNING,), State.QUEUED, actor, "SHUTDOWN", job.attempt, values)
        cancelled = Move((State.CANCELLING,), State.CANCELLED, actor, "SHUTDOWN", job.attempt)
        return self.move(job.id, back, cancelled)

    def cancel(self, job_id: str, actor: str) -> Job | None:
        """A waiting job is cancelled, a running one is being cancelled; None when there was nothing to cancel."""
        values = {"cancel_at": self._now}
        at_once = Move((State.QUEUED,), State.CANCELLED, actor, "asked for", values=values)
        soon = Move((State.RUNNING,), State.CANCELLING, actor, "asked for", values=values)
        return self.move(job_id, at_once, soon)

    def cancelled(self, job: Job, actor: str, reason: str) -> Job | None:
        """The work of a job that is being cancelled has ended."""
        return self.move(job.id, Move((State.CANCELLING,), State.CANCELLED, actor, reason, job.attempt))

    # --- looking after ------------------------------------------------------------------------------------------------

    def held(self) -> list[Job]:
        """Jobs that run, wherever."""
        return self._all(sa.select(JOB).where(JOB.c.state.in_(HELD)))

    def silent(self) -> list[Job]:
        """Jobs whose lease has run out by the database's clock. None on SQLite, whose clock is that of each process."""
        if not self._is_postgres:
            return []
        return self._all(sa.select(JOB).where(JOB.c.state.in_(HELD), JOB.c.lease_until < self._now))

    def lease_is_out(self) -> sa.ColumnElement[bool]:
        """A condition for `lose`: that the lease is still out when the move is made."""
        return JOB.c.lease_until < self._now

    def not_renewed(self, job: Job) -> sa.ColumnElement[bool]:
        """A condition for `lose`: that nobody has renewed the lease since the job was read."""
        return JOB.c.lease_until == job.lease_until

    def cancelling_for(self, seconds: float) -> list[Job]:
        """Jobs whose cancelling takes longer than this."""
        late = JOB.c.cancel_at < self._now - seconds
        return self._all(sa.select(JOB).where(JOB.c.state == State.CANCELLING, late))

    def left_on(self, host: str) -> list[Job]:
        """Ended jobs whose processes on a host are not known to be gone."""
        return self._all(sa.select(JOB).where(JOB.c.state.in_(ENDED), JOB.c.host == host))

    def gone(self, job: Job) -> None:
        """The processes of an ended job's last attempt are gone."""
        mine = (JOB.c.id == job.id, JOB.c.attempt == job.attempt, JOB.c.state.in_(ENDED))
        with self._engine.begin() as connection:
            connection.execute(sa.update(JOB).where(*mine).values(host=None, processes=None))

    def any_waiting(self) -> bool:
        """Whether any job could be claimed now; cheap, so that claims need not be tried in vain."""
        waiting = sa.exists().where(JOB.c.state == State.QUEUED, JOB.c.not_before <= self._now)
        return self._is(waiting)

    def any_unsettled(self, host: str) -> bool:
        """Whether a dispatcher on a host may soon have something to do."""
        unfinished = sa.exists().where(JOB.c.finished_at.is_(None))
        unpublished = sa.exists().where(JOB.c.state == State.SUCCEEDED, JOB.c.published_at.is_(None))
        return self._is(sa.or_(unfinished, unpublished, sa.exists().where(JOB.c.host == host)))

    def unpublished(self, host: str) -> list[Job]:
        """Succeeded jobs of a host whose manifest does not lie where readers look yet, and any such job after a while."""
        due = sa.or_(JOB.c.host == host, JOB.c.host.is_(None), JOB.c.finished_at < self._now - STRANDED_SECONDS)
        return self._all(sa.select(JOB).where(JOB.c.state == State.SUCCEEDED, JOB.c.published_at.is_(None), due))

    # --- changing what is not the state ---------------------------------------------------------------------------------

    def share(self, job_id: str, shared: bool) -> None:
        """Whether others may see the job."""
        with self._engine.begin() as connection:
            connection.execute(sa.update(JOB).where(JOB.c.id == job_id).values(shared=shared))

    def delete(self, job_id: str) -> bool:
        """Forgets an ended job and its events, once nothing of it runs any more; its dataset stays where it is."""
        gone = sa.or_(JOB.c.host.is_(None), JOB.c.finished_at < self._now - STRANDED_SECONDS)
        ended = (JOB.c.id == job_id, JOB.c.state.in_(ENDED), gone)
        with self._engine.begin() as connection:
            return connection.execute(sa.delete(JOB).where(*ended)).rowcount > 0

    # --- the one way to write a state -------------------------------------------------------------------------------------

    def move(self, job_id: str, *moves: Move) -> Job | None:
        """Makes the first move that the job is right for, with its event; None if there is none. In one transaction: between
        two, a job that is cancelled could get past both from the one state to the other.
        """
        with self._engine.begin() as connection:
            for move in moves:
                moved = self._moved(connection, job_id, move)
                if moved is not None:
                    return moved
        return None

    def _moved(self, connection: sa.Connection, job_id: str, move: Move) -> Job | None:
        query = sa.select(JOB.c.state).where(JOB.c.id == job_id)
        before = connection.execute(query.with_for_update() if self._is_postgres else query).scalar()
        if before is None or before not in move.before:
            return None
        check(State(before), move.after)
        expected = [JOB.c.id == job_id, JOB.c.state == before, *move.where]
        expected += [] if move.attempt is None else [JOB.c.attempt == move.attempt]
        values: dict[str, Any] = {"state": move.after, **move.values}
        if move.after not in HELD:
            values |= {"holder": None, "lease_until": None}
        if move.after in ENDED:
            values["finished_at"] = self._now
        row = connection.execute(sa.update(JOB).where(*expected).values(**values).returning(JOB)).mappings().first()
        if row is None:
            return None
        self._note(connection, row, State(before), move)
        return job_of(row)

    def _note(self, connection: sa.Connection, row: sa.RowMapping, before: State | None, move: Move) -> None:
        entry = {"job_id": row["id"], "before": before, "after": move.after, "attempt": row["attempt"]}
        reason = move.reason and move.reason[:LONGEST_REASON]
        connection.execute(sa.insert(EVENT).values(**entry, at=self._now, actor=move.actor, reason=reason))

    # --- connections --------------------------------------------------------------------------------------------------

    def _serialise(self, connection: sa.Connection) -> None:
        """One claim or submit at a time; on SQLite every transaction that writes already is."""
        if self._is_postgres:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CLAIM_LOCK)))

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(reads_only=True)

    def _is(self, condition: sa.ColumnElement[bool]) -> bool:
        with self._reading() as connection:
            return bool(connection.execute(sa.select(condition)).scalar_one())

    def _one(self, query: sa.Select[Any]) -> Job | None:
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else job_of(row)

    def _all(self, query: sa.Select[Any]) -> list[Job]:
        with self._reading() as connection:
            return [job_of(row) for row in connection.execute(query).mappings()]
