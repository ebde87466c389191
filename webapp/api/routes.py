"""The blueprint of both APIs, and what their common failures are answered with."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response
from sqlalchemy.exc import NoResultFound

from webapp.api import docs
from webapp.api.endpoints import GROUPS
from webapp.errors import Refused, answer, problem_details
from webapp.store.sessions import StaleVersion

blueprint = Blueprint("api", __name__)
for group in GROUPS:
    group.mount(blueprint)
docs.mount(blueprint)


@blueprint.errorhandler(StaleVersion)
def _stale(error: StaleVersion) -> Response:
    """The draft as it is now comes with the problem, so that nothing is lost."""
    now = error.current
    message = f"the draft has version {now.version} by now; look at it, and save again with that version"
    members = {"session_id": now.id, "version": now.version, "step": now.step, "config": now.config}
    made = make_response(current_app.json.response(problem_details(Refused(409, "stale_version", message)) | members))
    made.status_code, made.content_type = 409, "application/problem+json"
    return made


@blueprint.errorhandler(NoResultFound)
def _deleted(_error: NoResultFound) -> Response:
    """A draft that is deleted while it is saved."""
    return answer(Refused(404, "no_such_session", "the draft was deleted meanwhile; begin a new one"))
