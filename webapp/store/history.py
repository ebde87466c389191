"""Past jobs as lists show them: searched, filtered, sorted and paged by the database, without the large columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import sqlalchemy as sa

from webapp.lifecycle import State
from webapp.store.jobs import JOB

PAGE = 25

Sort = Literal["created", "name", "households", "rows", "duration", "state"]

_DURATION = JOB.c.finished_at - JOB.c.started_at
_SORTED: dict[str, sa.ColumnElement[object]] = {
    "created": JOB.c.created_at,
    "name": JOB.c.name,
    "households": JOB.c.households,
    "rows": sa.func.coalesce(JOB.c.rows, 0),
    "duration": sa.func.coalesce(_DURATION, 0),
    "state": JOB.c.state,
}
_COLUMNS = (
    JOB.c.id, JOB.c.name, JOB.c.owner, JOB.c.shared, JOB.c.state, JOB.c.households, JOB.c.rows, JOB.c.created_at,
    JOB.c.started_at, JOB.c.finished_at,
)  # fmt: skip


class Entry(NamedTuple):
    """A job in a list."""

    id: str
    name: str
    owner: str
    shared: bool
    state: str
    households: int
    rows: int | None
    created_at: float
    started_at: float | None
    finished_at: float | None

    @property
    def seconds(self) -> float | None:
        """From its first start to its end."""
        ended = self.finished_at is not None and self.started_at is not None
        return (self.finished_at or 0) - (self.started_at or 0) if ended else None


@dataclass(frozen=True)
class Wanted:
    """Which jobs, in which order, and which page of them (from 1)."""

    text: str = ""
    state: str = ""
    whose: Literal["", "mine", "shared"] = ""
    sort: Sort = "created"
    descending: bool = True
    page: int = 1


@dataclass(frozen=True)
class Found:
    """A page of jobs and how many there are in all."""

    entries: list[Entry]
    total: int


class History:
    """The jobs a user may see."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def find(self, owner: str, wanted: Wanted) -> Found:
        """The wanted page; two queries, whatever there is."""
        where = _conditions(owner, wanted)
        order = _SORTED[wanted.sort].desc() if wanted.descending else _SORTED[wanted.sort].asc()
        page = sa.select(*_COLUMNS).where(*where).order_by(order, JOB.c.id).limit(PAGE).offset(PAGE * (wanted.page - 1))
        with self._engine.connect().execution_options(reads_only=True) as connection:
            total = int(connection.execute(sa.select(sa.func.count()).select_from(JOB).where(*where)).scalar_one())
            entries = [Entry(**row) for row in connection.execute(page).mappings()]
        return Found(entries, total)


def _conditions(owner: str, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    mine, shared = JOB.c.owner == owner, sa.and_(JOB.c.shared, JOB.c.owner != owner)
    conditions = [{"mine": mine, "shared": shared}.get(wanted.whose, sa.or_(mine, JOB.c.shared))]
    if wanted.state in set(State):
        conditions.append(JOB.c.state == wanted.state)
    if wanted.text:
        # The user's % and _ stand for themselves.
        name = JOB.c.name.icontains(wanted.text, autoescape=True)
        conditions.append(sa.or_(name, JOB.c.id.startswith(wanted.text.lower(), autoescape=True)))
    return conditions
