"""The five steps above a page: which are answered, and the way to each."""

from __future__ import annotations

from typing import Any

from webapp.steps import Step
from webapp.store.models import WizardSession
from webapp.wizard.answers import Answers
from webapp.wizard.blueprint import step_url


def stepper(session: WizardSession, answers: Answers) -> list[dict[str, Any]]:
    """The steps in order. With htmx a link to another one saves what was typed on this one first."""
    here, wrong = answers.step, {complaint.step for complaint in answers.complaints}
    reached = Step(session.step)
    return [
        {
            "label": step.heading,
            "url": step_url(session, step),
            "save_url": step_url(session, here, go=step.value),
            "state": "current" if step is here else "done" if reached.is_after(step) and step not in wrong else "open",
        }
        for step in Step
    ]
