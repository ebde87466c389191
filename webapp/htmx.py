"""Answers for htmx and for browsers without it: one template is the page, and its block `main` the fragment."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, make_response, redirect, render_template
from htmx_flask import request
from jinja2_fragments.flask import render_block
from markupsafe import Markup

STOP_POLLING = 286


def is_fragment() -> bool:
    """Whether the request wants a part of a page; a restored history entry needs the whole one."""
    return bool(request.htmx) and not request.htmx.history_restore_request and not request.htmx.boosted


def page(template: str, *, status: int = 200, push_url: str | None = None, **context: Any) -> Response:
    """The whole page, or for htmx its `title` and `main`."""
    if not is_fragment():
        return make_response(render_template(template, **context), status)
    title = render_block(template, "title", **context).strip()
    main = render_block(template, "main", **context)
    answer = make_response(
        Markup("<title>{} – Identity Graph Generator</title>").format(Markup(title)) + Markup(main), status
    )
    if push_url:
        answer.headers["HX-Push-Url"] = quote(push_url, safe="/?&=#:%")
    return answer


def block(template: str, name: str, *, status: int = 200, **context: Any) -> Response:
    """One block of a template alone."""
    return make_response(render_block(template, name, **context), status)


def see_other(url: str) -> Response:
    """Go there with GET; htmx follows as browsers do."""
    answer = make_response(redirect(url, 303))
    return answer


def leave_for(url: str) -> Response:
    """Load another page as a whole, also from htmx."""
    if not is_fragment():
        return see_other(url)
    answer = make_response("", 204)
    answer.headers["HX-Redirect"] = url
    return answer
