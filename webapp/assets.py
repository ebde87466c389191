"""Static files under addresses that change with their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from flask import Flask, Response, abort, request, send_file, url_for

STATIC = Path(__file__).parent / "static"
A_YEAR = 31_536_000


SHARED = {"chart.css": "generation.spec.charts", "report.css": "generation.spec.certificate"}
"""Styles that reports outside the app have, too."""


def _file(name: str) -> Path:
    if name in SHARED:
        return Path(str(files(SHARED[name]) / name))
    path = (STATIC / name).resolve()
    return path if path.is_relative_to(STATIC) else STATIC / "nothing"


@cache
def _mark(name: str) -> str:
    return hashlib.sha256(_file(name).read_bytes()).hexdigest()[:8]


def asset(name: str) -> str:
    """The address of a static file; raises `FileNotFoundError` for one that does not exist."""
    return url_for("static", filename=name, v=_mark(name))


def serve(app: Flask) -> None:
    """Static files, kept by browsers as long as their address has the mark of their content."""

    @app.get("/static/<path:filename>", endpoint="static")
    def _static(filename: str) -> Response:
        path = _file(filename)
        if not path.is_file():
            abort(404)
        answer = send_file(path, conditional=True, max_age=A_YEAR if request.args.get("v") == _mark(filename) else 0)
        if request.args.get("v") == _mark(filename):
            answer.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        return answer
