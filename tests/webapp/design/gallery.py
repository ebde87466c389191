"""A small app that shows every component with sample data, under the policy of the real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, render_template, request
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2_fragments.flask import render_block
from werkzeug.serving import make_server

from generation.spec.config import Config
from generation.spec.form import fields, flattened
from webapp import filters
from webapp.security import POLICY

WEBAPP = Path(__file__).parents[3] / "webapp"
SECTIONS = ("households", "demographics", "engagement", "campaigns", "output")


def environment_of(app: Flask) -> None:
    """Templates mean the same as in the real app."""
    app.jinja_loader = FileSystemLoader([WEBAPP / "templates", Path(__file__).parent / "templates"])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    filters.register(app)
    app.jinja_env.globals |= {"asset": lambda path: f"/static/{path}", "app_version": "0.0.0"}


def gallery() -> Flask:
    """The pages /settings and /parts, a field that objects to words, and a job whose server fails for a while before it ends."""
    app = Flask(__name__, static_folder=str(WEBAPP / "static"), static_url_path="/static")
    environment_of(app)
    app.add_url_rule("/settings", view_func=settings, methods=["GET", "POST"])
    app.add_url_rule("/parts", "parts", view_func=lambda: page("parts.html"))
    app.add_url_rule("/field", view_func=field, methods=["POST"])
    app.add_url_rule(
        "/cancelled", "cancelled", view_func=lambda: redirect("/parts?cancelled=yes", 303), methods=["POST"]
    )
    looks = iter([("1", 200), *[("", 503)] * 8, ("2", 200), ("done", 286)])
    app.add_url_rule("/job", "job", view_func=lambda: job(*next(looks)))
    app.after_request(guarded)
    return app


def guarded(answer: Response) -> Response:
    """The answer with the real policy and an id."""
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Request-Id"] = "request-7"
    return answer


def page(template: str, status: int = 200, **context: Any) -> tuple[str, int]:
    """The whole page, or its block `main` for htmx."""
    if "HX-Request" in request.headers:
        return render_block(template, "main", **context), status
    return render_template(template, **context), status


def settings() -> tuple[str, int]:
    """All questions; a posted word in place of a number comes back with its error, 500 breaks the server."""
    typed = request.form.get("households.count", "10,000")
    if typed == "500":
        return "", 500
    errors = {} if plain(typed).isdigit() else {"households.count": "Households must be a whole number, such as 10,000"}
    texts = {**flattened(Config()), **request.form.to_dict()}
    sections = [fields(section) for section in SECTIONS]
    return page("settings.html", 422 if errors else 200, sections=sections, texts=texts, errors=errors)


def field() -> tuple[str, int]:
    """The group of the first question."""
    typed = request.form["households.count"]
    error = "" if plain(typed).isdigit() else "Households must be a whole number"
    texts, errors = {"households.count": typed}, {"households.count": error}
    return render_template("field.html", field=fields("households")[0], texts=texts, errors=errors), 200


def job(said: str, status: int) -> tuple[str, int]:
    """A poller, until it is done."""
    return render_template("job.html", said=said), status


def plain(number: str) -> str:
    return number.replace(",", "")


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Address of the app on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
