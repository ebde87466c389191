"""What pages ask for while somebody types: one question looked at, the outlook, and sample rows. None of them saves."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, abort, make_response, render_template, request

from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.estimate import estimate
from webapp.htmx import page
from webapp.preview import Preparing, Unavailable
from webapp.steps import Step
from webapp.wizard.answers import Answers, posted, stored, with_target
from webapp.wizard.blueprint import blueprint, draft_of, hands, step_url
from webapp.wizard.outlook import outlook
from webapp.wizard.questions import asked, sheet
from webapp.wizard.review import target_here
from webapp.wizard.samples import TABLES_OF, samples

STEPS = "any(households,demographics,engagement,campaigns,review)"


@blueprint.post(f"/wizard/<uuid:session_id>/<{STEPS}:step>/field/<name>")
def field(session_id: uuid.UUID, step: str, name: str) -> Response:
    """The question again, with what is wrong with it."""
    known = asked(Step(step))
    if name not in known:
        abort(404)
    session = draft_of(session_id)
    answers = _typed(session_id, Step(step))
    return make_response(
        render_template(
            "wizard/field.html", sheet=sheet(answers), name=name, said=answers.error_of(name),
            base=step_url(session, Step(step)),
        )
    )  # fmt: skip


def _typed(session_id: uuid.UUID, step: Step) -> Answers:
    """The draft with the form over it, or as it is saved where nothing was posted."""
    session = draft_of(session_id)
    if request.method != "POST":
        return stored(session, step)
    answers = posted(session, step, request.form.items(multi=True))
    return with_target(hands(), answers) if step is Step.REVIEW else answers


@blueprint.route(f"/wizard/<uuid:session_id>/<{STEPS}:step>/live", methods=["GET", "POST"])
def live(session_id: uuid.UUID, step: str) -> Response:
    """Rows, bytes and time of what was typed, and what it means."""
    session = draft_of(session_id)
    found = outlook(hands(), session, _typed(session_id, Step(step)))
    return make_response(render_template("wizard/live.html", outlook=found))


@blueprint.post("/wizard/<uuid:session_id>/review/target")
def target(session_id: uuid.UUID) -> Response:
    """What there is where the dataset would go."""
    return make_response(render_template("wizard/target.html", target=target_here(_typed(session_id, Step.REVIEW))))


@blueprint.route(f"/wizard/<uuid:session_id>/<{STEPS}:step>/sample", methods=["GET", "POST"])
def sample(session_id: uuid.UUID, step: str) -> Response:
    """Rows of what was typed; as a page of its own for browsers without scripts. Nothing new while something is wrong."""
    session, here = draft_of(session_id), Step(step)
    config = _typed(session_id, here).config
    if config is None and request.method == "POST":
        return make_response("", 204)
    found = samples(config, estimate(config), here) if config else Unavailable("the draft has answers to mend first")
    context: dict[str, Any] = {
        "session": session, "step": here, "samples": found, "is_preparing": isinstance(found, Preparing),
        "reason": found.reason if isinstance(found, Unavailable) else "",
        "tables": [TABLE_BY_NAME[name] for name in TABLES_OF[here]],
    }  # fmt: skip
    if request.method == "POST":
        return make_response(render_template("wizard/rows.html", **context))
    return page("wizard/sample.html", **context)
