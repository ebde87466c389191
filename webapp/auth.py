"""Who the user is. The platform's proxy says so inside Databricks Apps, and nowhere else is it believed."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import current_app, g, request

from webapp.errors import Refused
from webapp.settings import Settings


@dataclass(frozen=True)
class User:
    """Somebody who may own sessions and jobs."""

    id: str
    name: str
    email: str = ""
    """What a governed catalog calls the user."""
    token: str | None = field(default=None, repr=False, compare=False)
    """Acts for the user in the workspace; the platform sends it with each request, and nobody keeps it."""


LOCAL = User("local", "you")


def user_of(settings: Settings, headers: object) -> User:
    """The user a request's headers name; raises `Refused` 401 when the proxy names none."""
    if not settings.in_databricks:
        return LOCAL
    get = getattr(headers, "get")  # noqa: B009 - any mapping of headers will do
    user_id = (get("X-Forwarded-User") or "").strip()
    name = (get("X-Forwarded-Preferred-Username") or get("X-Forwarded-Email") or user_id).strip()
    if not user_id or len(user_id) > 200:
        raise Refused(401, "not_signed_in", "the request names no user; open the app through your workspace")
    email = (get("X-Forwarded-Email") or "").strip()
    return User(user_id, name[:200], email or name, get("X-Forwarded-Access-Token") or None)


def current_user() -> User:
    """The user of this request."""
    if "user" not in g:
        g.user = user_of(current_app.extensions["idgraph"].settings, request.headers)
    user: User = g.user
    return user
