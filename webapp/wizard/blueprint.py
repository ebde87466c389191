"""The blueprint that the wizard's pages hang on, and what all of them ask for."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from flask import Blueprint, current_app, url_for

from webapp import drafts
from webapp.auth import current_user
from webapp.services import Services
from webapp.steps import Step
from webapp.store.models import WizardSession

blueprint = Blueprint("wizard", __name__)


def hands() -> Services:
    """The services of this process."""
    services: Services = current_app.extensions["idgraph"]
    return services


def draft_of(session_id: uuid.UUID) -> WizardSession:
    """The user's draft; raises `Refused` 404 for anybody else's."""
    return drafts.visible(hands(), current_user(), str(session_id))


def onward(session: WizardSession, go: str) -> str | None:
    """The address that a button or link of a form leads to; None if it leads nowhere else. Only pages of the same draft,
    and the first page, can be named.
    """
    if go == "home":
        return url_for("wizard.home")
    if go in tuple(Step):
        return step_url(session, Step(go))
    return go if go.startswith(url_for("wizard.resume", session_id=session.id) + "/") else None


def step_url(session: WizardSession, step: Step, **query: str | None) -> str:
    """The address of a step of a draft."""
    asked = {name: value for name, value in query.items() if value}
    address = f"{url_for('wizard.resume', session_id=session.id)}/{step.value}"
    return f"{address}?{urlencode(asked)}" if asked else address


def change_url(session: WizardSession, step: Step, name: str) -> str:
    """The way to one question, and back to the last step from there."""
    url = step_url(session, step, **{"return": "review", "question": name})
    return f"{url}#g-{name.replace('.', '-')}"
