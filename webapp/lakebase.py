"""Passwords of a Lakebase database: tokens of an hour, fetched anew before they expire."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from webapp.workspace import Unavailable, Workspace, translated

EARLY_SECONDS = 300.0
"""A token is renewed so long before it expires."""


@dataclass
class Tokens:
    """The password of the app's own role. Open connections outlive it; only logging in asks for it."""

    workspace: Workspace
    endpoint: str
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def current(self) -> str:
        """A token that is good for some minutes."""
        with self._lock:
            if time.time() > self._until - EARLY_SECONDS:
                self._renew()
            return self._token

    def forget(self, refused: str) -> None:
        """A token that the database refused is not used again."""
        with self._lock:
            if refused == self._token:
                self._until = 0.0

    def _renew(self) -> None:
        with translated("the database's password"):
            made = self.workspace.client.postgres.generate_database_credential(endpoint=self.endpoint)
        if not made.token:
            raise Unavailable("the database's password: the workspace gave none; try again")
        self._token = made.token
        self._until = _seconds(made.expire_time)


def _seconds(moment: Any) -> float:
    """Seconds since 1970 of what the SDK gives for a moment; without one, an hour from now is not taken for granted."""
    if moment is None:
        return time.time() + 2 * EARLY_SECONDS
    if hasattr(moment, "ToSeconds"):
        return float(moment.ToSeconds())
    read = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
    return read.replace(tzinfo=read.tzinfo or timezone.utc).timestamp()
