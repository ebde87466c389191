"""Lakebase credentials: short-lived tokens that serve as the password of a Postgres role."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.databricks.wire import ApiError, Call, Reply, Route, reply

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace


@dataclass
class Lakebase:
    """The endpoints that exist and the passwords handed out for them; `seconds` is how long a new one lasts."""

    seconds: float = 3600
    endpoints: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict)

    def issue(self, role: str, seconds: float) -> tuple[str, float]:
        """A password for a role, and its end."""
        token, end = f"lakebase-{secrets.token_urlsafe(24)}", time.time() + seconds
        with self._lock:
            self._tokens[token] = (role, end)
        return token, end

    def accepts(self, role: str, token: str) -> bool:
        """Whether a login with this password would succeed now."""
        held = self._tokens.get(token)
        return held is not None and held[0] == role and held[1] > time.time()

    def expire(self) -> None:
        """Ends all passwords handed out so far; connections that are open stay open."""
        with self._lock:
            self._tokens = {token: (role, 0.0) for token, (role, _) in self._tokens.items()}


def credentials(workspace: Workspace, call: Call) -> Reply:
    """A password for the caller's own role; `ttl` is a duration such as "600s"."""
    endpoint = call.body.get("endpoint", "")
    if endpoint not in workspace.lakebase.endpoints:
        raise ApiError(404, "NOT_FOUND", f"Endpoint '{endpoint}' not found.")
    seconds = workspace.lakebase.seconds
    if "ttl" in call.body:
        seconds = min(seconds, float(str(call.body["ttl"]).rstrip("s")))
    token, end = workspace.lakebase.issue(call.principal.name, seconds)
    expires = dt.datetime.fromtimestamp(end, dt.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    return reply({"token": token, "expire_time": expires})


ROUTES = [Route("POST", "/api/2.0/postgres/credentials", credentials, "postgres")]
