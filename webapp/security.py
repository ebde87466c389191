"""What protects every request and answer: its id, its origin, its size, and the headers that browsers act on."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from webapp.errors import API, Refused
from webapp.logs import log
from webapp.settings import LOOPBACK, Settings

MAX_BODY = 1_000_000
"""Bytes of a request; a configuration has a few thousand."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
REQUEST_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


def protect(app: Flask, settings: Settings) -> None:
    """Every request is checked, and every answer carries the headers."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY

    @app.before_request
    def _begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        g.begun = time.perf_counter()
        check_host(settings)
        check_origin(settings)
        check_length()

    @app.after_request
    def _finish(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers["X-Request-Id"] = request_id()
        answer.vary.add("HX-Request")
        if request.endpoint != "static" and "Cache-Control" not in answer.headers:
            answer.headers["Cache-Control"] = "no-store"
        if settings.in_databricks:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        _log(answer)
        return answer


def request_id() -> str:
    """The id of this request: the proxy's, or our own."""
    return str(g.get("request_id", "-"))


def _log(answer: Response) -> None:
    spent = 1000 * (time.perf_counter() - g.get("begun", time.perf_counter()))
    facts: dict[str, Any] = {"request_id": request_id(), "method": request.method, "status": answer.status_code}
    log("request", route=str(request.url_rule) if request.url_rule else "-", ms=round(spent, 1), **facts)


def check_host(settings: Settings) -> None:
    """A server for this machine alone answers to this machine's names only: other names may point here too."""
    if settings.in_databricks or settings.is_open:
        return
    host = urlsplit(f"//{request.host}").hostname or ""
    if host not in LOOPBACK:
        raise Refused(
            400, "unknown_host", "this server answers to 127.0.0.1 and localhost only; set HOST to open it to others"
        )


def check_origin(settings: Settings) -> None:
    """A request that changes something comes from our own pages, or from a program; never from another site's page."""
    if request.method in SAFE:
        return
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        if fetched not in ("same-origin", "none"):
            raise _foreign()
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != _own_host(settings):
        raise _foreign()


def check_length() -> None:
    """A form says how long it is: without that a long one would be cut off in silence. The API looks after its own bodies."""
    chunked = request.headers.get("Transfer-Encoding", "") and request.content_length is None
    if chunked and request.method not in SAFE and request.blueprint != API:
        raise Refused(411, "length_required", "the form does not say how long it is; send it with a Content-Length")


def _own_host(settings: Settings) -> str:
    forwarded = request.headers.get("X-Forwarded-Host") if settings.in_databricks else None
    return forwarded or request.host


def _foreign() -> Refused:
    return Refused(
        403, "cross_origin", "the request came from another site's page; use this app's own pages or its API"
    )
