"""Everything the workspace was asked, for assertions; secrets are left out."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.databricks.wire import Request

SECRET_HEADERS = ("authorization", "cookie")
SECRET_FIELDS = ("client_secret", "assertion", "subject_token")
OMITTED = "(left out)"


@dataclass(frozen=True)
class RecordedRequest:
    """A request, who made it, and the status it was answered with (0 when the reply was lost)."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    principal: str | None
    status: int

    def json(self) -> Any:
        """The body as a JSON value."""
        return json.loads(self.body or b"null")


@dataclass(frozen=True)
class RecordedStatement:
    """A SQL statement with its parameters filled in (or, in angle brackets, a write through the DataFrame API).

    `via` is `warehouse`, `run <run id>` or `console`; `error` what the sender was told, if it failed.
    """

    text: str
    principal: str
    via: str
    error: str | None = None


class Record:
    """Requests and statements in the order they were answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[RecordedRequest] = []
        self._statements: list[RecordedStatement] = []

    def request(self, request: Request, principal: str | None, status: int) -> None:
        """Notes a request without its secrets."""
        headers = {k: OMITTED if k.lower() in SECRET_HEADERS else v for k, v in request.headers.items()}
        body = OMITTED.encode() if _carries_secret(request) else request.body
        with self._lock:
            self._requests.append(
                RecordedRequest(request.method, request.path, request.query, headers, body, principal, status)
            )

    def statement(self, statement: RecordedStatement) -> None:
        """Notes a statement."""
        with self._lock:
            self._statements.append(statement)

    def requests(self, path: str = "", method: str | None = None) -> list[RecordedRequest]:
        """Requests whose path contains `path`."""
        with self._lock:
            return [r for r in self._requests if path in r.path and method in (None, r.method)]

    def statements(self, text: str = "", via: str = "") -> list[RecordedStatement]:
        """Statements that contain `text`, whatever their case, from a place whose name starts with `via`."""
        with self._lock:
            return [s for s in self._statements if text.lower() in s.text.lower() and s.via.startswith(via)]


def _carries_secret(request: Request) -> bool:
    form = request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
    return form and any(name in SECRET_FIELDS for name, _ in parse_qsl(request.body.decode("utf-8", "replace")))
