"""What travels: requests, replies, and errors in the words of the platform."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.databricks.principals import Principal

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Request:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty body is an empty object."""
        if not self.body.strip():
            return {}
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise ApiError(400, "MALFORMED_REQUEST", "Could not parse request object") from error
        if not isinstance(value, dict):
            raise ApiError(400, "MALFORMED_REQUEST", "Could not parse request object: expected an object")
        return value


@dataclass(frozen=True)
class Reply:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def reply(value: Any = None, status: int = 200, **headers: str) -> Reply:
    """A JSON reply."""
    body = b"" if value is None and status == 204 else json.dumps({} if value is None else value).encode()
    return Reply(status, body, {**JSON, **{name.replace("_", "-"): text for name, text in headers.items()}})


class ApiError(Exception):
    """An error of the REST API: HTTP status, error code, message."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})

    def as_reply(self) -> Reply:
        """The error on the wire."""
        body = {"error_code": self.code, "message": self.message, "details": []}
        said = " ".join(self.message.split()).encode("ascii", "replace").decode()
        return Reply(
            self.status, json.dumps(body).encode(), {**JSON, "X-Databricks-Reason-Phrase": said, **self.headers}
        )


@dataclass(frozen=True)
class Call:
    """A request that found its route: who makes it, and the parts of its path."""

    request: Request
    principal: Principal
    parts: tuple[str, ...]

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return self.request.json()

    def wanted(self, name: str) -> str:
        """A query parameter that must be there."""
        if name not in self.request.query:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Missing required field: {name}")
        return self.request.query[name]

    def number(self, name: str) -> int:
        """A query parameter that must be a whole number."""
        text = self.wanted(name)
        if not text.lstrip("-").isdigit():
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{name} must be a number, got {text!r}")
        return int(text)


Handler = Callable[[Any, Call], Reply]


@dataclass(frozen=True)
class Route:
    """A method and a path (`*` stands for one part, a last `**` for all that is left) and who answers.

    `scope` is what an on-behalf-of token must carry; None asks for no token at all.
    """

    method: str
    path: str
    handler: Handler
    scope: str | None = ""

    def match(self, method: str, path: str) -> tuple[str, ...] | None:
        """The parts that the stars stand for; None if this is another route."""
        if method != self.method:
            return None
        have, want = path.strip("/").split("/"), self.path.strip("/").split("/")
        if want[-1] == "**":
            have, want = [*have[: len(want) - 1], "/".join(have[len(want) - 1 :])], [*want[:-1], "*"]
        if len(have) != len(want) or any(w not in ("*", h) for h, w in zip(have, want, strict=True)):
            return None
        return tuple(h for h, w in zip(have, want, strict=True) if w == "*")


def page(rows: list[Any], call: Call, size: int = 100) -> tuple[list[Any], str | None]:
    """The asked-for page of a list and the token of the next one; `max_results=0` means pages of the server's size."""
    start = int(call.request.query.get("page_token") or 0)
    wanted = int(call.request.query.get("max_results") or 0)
    end = start + (min(wanted, size) if wanted > 0 else size)
    return rows[start:end], str(end) if end < len(rows) else None


def now_ms() -> int:
    """Milliseconds since 1970, as the API counts."""
    return int(time.time() * 1000)
