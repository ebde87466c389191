"""A step on a page: shown, answered, saved."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request

from generation.spec.catalog import TABLE_BY_NAME
from webapp import drafts
from webapp.htmx import page, see_other
from webapp.steps import Step
from webapp.store.models import WizardSession
from webapp.store.sessions import StaleVersion
from webapp.wizard.answers import Answers, posted, stored
from webapp.wizard.blueprint import blueprint, draft_of, hands, onward, step_url
from webapp.wizard.conflict import conflict, mark_of
from webapp.wizard.layout import BLOCKS
from webapp.wizard.outlook import outlook
from webapp.wizard.questions import sheet
from webapp.wizard.samples import TABLES_OF
from webapp.wizard.steppers import stepper

LEADS = {
    Step.HOUSEHOLDS: "How many households there are, of which kind, and where. Everything else follows from them.",
    Step.DEMOGRAPHICS: "Who the people are, which devices they have, and what identifies them.",
    Step.ENGAGEMENT: "What people watch, read and play, how often, and which audiences they belong to.",
    Step.CAMPAIGNS: "Which campaigns run, whom they reach, and what comes of it.",
}


@blueprint.get("/wizard/<uuid:session_id>")
def resume(session_id: uuid.UUID) -> Response:
    """Back to where the draft was left."""
    session = draft_of(session_id)
    return see_other(step_url(session, Step(session.step)))


@blueprint.get("/wizard/<uuid:session_id>/<any(households,demographics,engagement,campaigns):step>")
def step(session_id: uuid.UUID, step: str) -> Response:
    """The step as it was saved."""
    session = draft_of(session_id)
    back, wanted = request.args.get("return"), request.args.get("question")
    url = step_url(session, Step(step), **{"return": back, "question": wanted})
    url += f"#g-{wanted.replace('.', '-')}" if wanted else ""
    return shown(session, stored(session, Step(step)), push_url=url)


@blueprint.post("/wizard/<uuid:session_id>/<any(households,demographics,engagement,campaigns):step>")
def answer(session_id: uuid.UUID, step: str) -> Response:
    """Saves the step and goes on; shows it again with what was typed and what is wrong with it."""
    session = draft_of(session_id)
    answers = posted(session, Step(step), request.form.items(multi=True))
    go = request.args.get("go") or request.form.get("go", "")
    elsewhere = onward(session, go)
    try:
        version = version_of(session, answers)
        if answers.blocking and elsewhere is None:
            return shown(session, answers, status=422)
        if answers.blocking or go == "home":
            drafts.keep(hands(), session, version, answers.values)
        else:
            drafts.save(hands(), session, version, answers.values, answers.step)
    except StaleVersion as stale:
        return conflict(stale.current, answers)
    return see_other(elsewhere or _next(session, answers.step, go))


def version_of(session: WizardSession, answers: Answers) -> int:
    """The version that the form may be saved over; raises `StaleVersion` if the step's answers were saved by somebody else
    meanwhile. What changed in other steps is no conflict, and neither is the same form sent twice.
    """
    section = answers.step.section
    version = request.form.get("version", type=int)
    is_untouched = request.form.get("mark") == mark_of(session.config, section)
    is_same = session.config.get(section) == answers.values.get(section)
    if version == session.version or is_untouched or is_same:
        return session.version
    raise StaleVersion(session)


def _next(session: WizardSession, step: Step, go: str) -> str:
    """Where a saved step leads."""
    back = request.args.get("return")
    if go == "stay":
        return step_url(session, step, **{"return": back})
    return step_url(session, Step.REVIEW if back == "review" else step.next)


def shown(session: WizardSession, answers: Answers, **how: Any) -> Response:
    """The page of a step."""
    back = request.args.get("return")
    here = answers.step
    steps = list(Step)
    context: dict[str, Any] = {
        "session": session, "step": here, "answers": answers, "sheet": sheet(answers), "lead": LEADS[here],
        "action": step_url(session, here, **{"return": back}), "returns": back == "review",
        "blocks": BLOCKS[here], "wanted": request.args.get("question", ""), "mark": mark_of(session.config, here.section),
        "previous": steps[steps.index(here) - 1] if here is not steps[0] else None,
        "stepper_steps": stepper(session, answers), "outlook": outlook(hands(), session, answers),
        "blocking": list(dict.fromkeys((one.control, one.text) for one in answers.blocking)),
        "tables": [TABLE_BY_NAME[name] for name in TABLES_OF[here]], "samples": None,
    }  # fmt: skip
    return page("wizard/step.html", **how, **context)
