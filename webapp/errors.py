"""Errors as users meet them: problem details (RFC 9457) for programs, a page for people, and nothing secret in either."""

from __future__ import annotations

import dataclasses
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from generation.spec.problems import InvalidConfig, Problem
from webapp.logs import log_failure

API = "api"
"""Name of the blueprint that answers in JSON."""

SAID = {
    400: "The request cannot be read; check its form.",
    404: "There is nothing at this address; check it, or start from the home page.",
    405: "This address does not take that method; see the Allow header.",
    413: "The request is too large; a configuration has a few thousand bytes.",
    415: "The body must be JSON; send Content-Type: application/json.",
    500: "Something went wrong on the server, and nothing was changed. Try again; if it happens again, report the request id.",
    503: "The database cannot be reached just now. Nothing is lost; try again in a few seconds.",
}


class Refused(Exception):
    """A request that is understood and not carried out. The message says why, and what to do instead."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        problems: list[Problem] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.problems, self.retry_after = problems or [], retry_after


def register(app: Flask) -> None:
    """Every error becomes a `Refused`, and that an answer in the form the asker reads."""

    @app.errorhandler(Refused)
    def _refused(error: Refused) -> Response:
        return answer(error)

    @app.errorhandler(InvalidConfig)
    def _invalid(error: InvalidConfig) -> Response:
        return answer(invalid(error))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400:
            return make_response(error.get_response())
        made = answer(Refused(status, _slug(status), SAID.get(status, HTTPStatus(status).phrase)))
        for name in ("Allow", "Retry-After"):
            found = dict(error.get_headers()).get(name)
            if found:
                made.headers[name] = found
        return made

    @app.errorhandler(OperationalError)
    def _database(error: OperationalError) -> Response:
        log_failure("database_unavailable", request_id=g.get("request_id"))
        return answer(Refused(503, "database_unavailable", SAID[503], retry_after=5))

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Response:
        if current_app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        log_failure("unforeseen_error", request_id=g.get("request_id"))
        return answer(Refused(500, "internal_error", SAID[500]))


def invalid(error: InvalidConfig) -> Refused:
    """A configuration that cannot be used."""
    count = len(error.problems)
    said = f"the configuration has {count} problem{'s' if count != 1 else ''}"
    return Refused(422, "invalid_config", said, problems=error.problems)


def wants_json() -> bool:
    """Whether the asker is a program: by the blueprint, or where none matched by what it accepts."""
    if request.blueprint is not None:
        return request.blueprint == API
    return request.accept_mimetypes.best_match(["application/json", "text/html"], "application/json") != "text/html"


def problem_details(error: Refused) -> dict[str, Any]:
    """The members of a problem document (RFC 9457)."""
    return {
        "type": f"urn:idgraph:problem:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.message,
        "request_id": str(g.get("request_id", "-")),
        "errors": [_shown(problem) for problem in error.problems],
    }


def _shown(problem: Problem) -> dict[str, Any]:
    return {
        name: value for name, value in dataclasses.asdict(problem).items() if name in ("pointer", "code", "message")
    }


def answer(error: Refused) -> Response:
    """The answer to a refused request."""
    if wants_json():
        made = make_response(current_app.json.response(problem_details(error)))
        made.content_type = "application/problem+json"
    else:
        context = {"error": error, "phrase": HTTPStatus(error.status).phrase, "request_id": g.get("request_id", "-")}
        made = make_response(render_template("errors/error.html", **context))
    made.status_code = error.status
    if error.retry_after is not None:
        made.headers["Retry-After"] = str(error.retry_after)
    return made


def _slug(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "_").replace("'", "").replace("-", "_")
