"""The first page: what this is, ways to begin, and what was begun before."""

from __future__ import annotations

import uuid

from flask import Response, url_for

from generation.spec.presets import PRESETS
from webapp.auth import current_user
from webapp.htmx import page, see_other
from webapp.steps import Step
from webapp.wizard.blueprint import blueprint, draft_of, hands

MOST_DRAFTS, MOST_JOBS = 20, 5


@blueprint.get("/")
def home() -> Response:
    """Presets, drafts and the latest jobs."""
    services, user = hands(), current_user()
    drafts = services.store.sessions.of(user.id, MOST_DRAFTS)
    jobs = services.store.jobs.latest(user.id, MOST_JOBS)
    titles = {step.value: step.heading for step in Step}
    return page("wizard/home.html", presets=PRESETS, drafts=drafts, jobs=jobs, titles=titles)


@blueprint.post("/wizard/<uuid:session_id>/delete")
def delete(session_id: uuid.UUID) -> Response:
    """Forgets a draft; jobs it started stay."""
    hands().store.sessions.delete(draft_of(session_id).id)
    return see_other(url_for("wizard.home"))
