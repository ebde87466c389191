"""Wizard sessions in the database: drafts that are saved by version, so that no tab overwrites another unseen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from webapp.store.database import now
from webapp.store.models import WizardSession

SESSION: sa.Table = WizardSession.__table__  # type: ignore[attr-defined]  # SQLModel does not declare the attribute


class StaleVersion(Exception):
    """The draft has been saved by somebody else since; `current` is what it is now."""

    def __init__(self, current: WizardSession) -> None:
        super().__init__(f"the draft has version {current.version} by now")
        self.current = current


@dataclass(frozen=True)
class Draft:
    """What a save writes."""

    config: dict[str, Any]
    name: str
    step: str


class Sessions:
    """The wizard sessions of a store."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine, self._now = engine, now(engine)

    def create(self, session_id: str, owner: str, origin: str, draft: Draft) -> WizardSession:
        """A new session, at version 1."""
        values = {"id": session_id, "owner": owner, "origin": origin, "version": 1, **vars(draft)}
        values |= {"created_at": self._now, "updated_at": self._now}
        with self._engine.begin() as connection:
            row = connection.execute(sa.insert(SESSION).values(**values).returning(SESSION)).mappings().one()
        return WizardSession(**row)

    def get(self, session_id: str) -> WizardSession | None:
        """The session, whoever owns it."""
        with self._engine.connect().execution_options(reads_only=True) as connection:
            row = connection.execute(sa.select(SESSION).where(SESSION.c.id == session_id)).mappings().first()
        return None if row is None else WizardSession(**row)

    def save(self, session_id: str, version: int | None, draft: Draft) -> WizardSession:
        """The session with the draft, one version on. Raises `StaleVersion` if `version` is not the current one; None
        saves over whatever there is. Saving what is there already changes nothing.
        """
        with self._engine.begin() as connection:
            query = sa.select(SESSION).where(SESSION.c.id == session_id)
            query = query.with_for_update() if self._engine.dialect.name == "postgresql" else query
            current = WizardSession(**connection.execute(query).mappings().one())
            if version is not None and current.version != version:
                raise StaleVersion(current)
            if vars(draft) == {"config": current.config, "name": current.name, "step": current.step}:
                return current
            values = {**vars(draft), "version": current.version + 1, "updated_at": self._now}
            change = sa.update(SESSION).where(SESSION.c.id == session_id).values(**values).returning(SESSION)
            return WizardSession(**connection.execute(change).mappings().one())

    def of(self, owner: str, limit: int) -> list[WizardSession]:
        """An owner's sessions, the latest first."""
        query = sa.select(SESSION).where(SESSION.c.owner == owner).order_by(SESSION.c.updated_at.desc()).limit(limit)
        with self._engine.connect().execution_options(reads_only=True) as connection:
            return [WizardSession(**row) for row in connection.execute(query).mappings()]

    def delete(self, session_id: str) -> bool:
        """Forgets a draft."""
        with self._engine.begin() as connection:
            return connection.execute(sa.delete(SESSION).where(SESSION.c.id == session_id)).rowcount > 0
