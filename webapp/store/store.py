"""The store: sessions, jobs and history over one database."""

from __future__ import annotations

from functools import cached_property

import sqlalchemy as sa

from webapp.store.database import engine_of, is_current
from webapp.store.history import History
from webapp.store.jobs import Jobs
from webapp.store.sessions import Sessions


class Store:
    """Everything the app remembers. Several processes use the same database; none keeps state of its own."""

    def __init__(self, url: str, lease_seconds: float) -> None:
        self.engine = engine_of(url)
        self._lease = lease_seconds

    @cached_property
    def jobs(self) -> Jobs:
        """Jobs and what happened to them."""
        return Jobs(self.engine, self._lease)

    @cached_property
    def sessions(self) -> Sessions:
        """Drafts of the wizard."""
        return Sessions(self.engine)

    @cached_property
    def history(self) -> History:
        """Past jobs, for lists."""
        return History(self.engine)

    def is_ready(self) -> bool:
        """Whether the database answers and has the tables this code was written for."""
        try:
            return is_current(self.engine)
        except sa.exc.SQLAlchemyError:
            return False

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()
