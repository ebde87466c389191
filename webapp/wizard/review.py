"""The last step: all answers, the target, and the job."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from generation.spec.form import FormField
from generation.spec.nested import value_at
from generation.spec.problems import InvalidConfig
from webapp import drafts
from webapp.auth import current_user
from webapp.errors import Refused
from webapp.htmx import leave_for, page, see_other
from webapp.security import request_id
from webapp.steps import Step
from webapp.store.models import WizardSession
from webapp.store.sessions import StaleVersion
from webapp.wizard.answering import version_of
from webapp.wizard.answers import Answers, posted, stored, with_target
from webapp.wizard.blueprint import blueprint, change_url, draft_of, hands, onward, step_url
from webapp.wizard.conflict import conflict, mark_of
from webapp.wizard.exports import api_request, command_line
from webapp.wizard.layout import BLOCKS
from webapp.wizard.names import free_name
from webapp.wizard.outlook import outlook
from webapp.wizard.questions import asked, changed, sheet
from webapp.wizard.readable import readable
from webapp.wizard.steppers import stepper
from webapp.wizard.target import Target, target_of

LARGEST_NEW_SEED = 1_000_000_000


@dataclass(frozen=True)
class Answer:
    """A line of the review."""

    label: str
    value: str
    url: str
    save_url: str
    """Where this page's own form is posted before the link is followed."""
    action: str = "Change"


@dataclass(frozen=True)
class Part:
    """A step's answers: those that people look for, and folded ones that have their defaults."""

    step: Step
    answers: tuple[Answer, ...]
    usual: tuple[Answer, ...]


@blueprint.get("/wizard/<uuid:session_id>/review")
def review(session_id: uuid.UUID) -> Response:
    """All answers as they were saved."""
    session = draft_of(session_id)
    return shown(session, stored(session, Step.REVIEW), push_url=step_url(session, Step.REVIEW))


@blueprint.post("/wizard/<uuid:session_id>/review")
def check(session_id: uuid.UUID) -> Response:
    """Saves the settings of this page and looks again; `go` may ask for a new seed, a free name or another step."""
    session = draft_of(session_id)
    go = request.args.get("go") or request.form.get("go", "")
    answers = posted(session, Step.REVIEW, _pairs(session, go))
    try:
        version = version_of(session, answers)
        if answers.problems and onward(session, go) is None:
            return shown(session, answers, status=422)
        drafts.keep(hands(), session, version, answers.values)
    except StaleVersion as stale:
        return conflict(stale.current, answers)
    return see_other(onward(session, go) or step_url(session, Step.REVIEW))


def _pairs(session: WizardSession, go: str) -> list[tuple[str, str]]:
    """The form, with what a button of it asks for."""
    pairs = list(request.form.items(multi=True))
    if go == "seed":
        return [*pairs, ("output.seed", str(secrets.randbelow(LARGEST_NEW_SEED)))]
    if go == "name":
        config = posted(session, Step.REVIEW, pairs).config
        if config is not None:
            return [*pairs, ("output.name", free_name(hands(), config)), ("output.mode", "create")]
    return pairs


@blueprint.post("/wizard/<uuid:session_id>/submit")
def submit(session_id: uuid.UUID) -> Response:
    """Saves the settings of this page and starts the job; asked twice, it is the same job."""
    session = draft_of(session_id)
    answers = posted(session, Step.REVIEW, request.form.items(multi=True))
    try:
        version = version_of(session, answers)
        if answers.problems:
            return shown(session, answers, status=422)
        saved = drafts.keep(hands(), session, version, answers.values)
        job = drafts.submit(hands(), current_user(), saved, saved.version, request_id())
    except StaleVersion as stale:
        return conflict(stale.current, answers)
    except InvalidConfig:
        return shown(draft_of(session_id), answers, status=422)
    except Refused as refusal:
        # Of the answers that refuse, pages swap in these two.
        status = refusal.status if refusal.status in (409, 422) else 422
        return shown(draft_of(session_id), answers, status=status, refusal=refusal)
    return leave_for(f"/jobs/{job.id}")


def shown(session: WizardSession, answers: Answers, refusal: Refused | None = None, **how: Any) -> Response:
    """The page: problems and warnings first, then where it goes, then all answers."""
    services, user = hands(), current_user()
    answers = with_target(services, answers)
    config, target = answers.config, target_here(answers)
    context: dict[str, Any] = {
        "session": session, "step": Step.REVIEW, "answers": answers, "sheet": sheet(answers),
        "action": step_url(session, Step.REVIEW), "mark": mark_of(session.config, "output"), "refusal": refusal,
        "stepper_steps": stepper(session, answers), "outlook": outlook(services, session, answers),
        "parts": parts(session, answers), "target": target,
        "command": command_line(config) if config else "", "curl": api_request(config) if config else "",
        "earlier": services.store.jobs.by_key(user.id, f"session:{session.id}:{session.version}"),
        "blocks": BLOCKS[Step.REVIEW],
        "complaints": _complaints(session, answers, refusal),
        "wanted": "output.mode" if target and target.is_taken else request.args.get("question", ""),
    }  # fmt: skip
    return page("wizard/review.html", **how, **context)


def target_here(answers: Answers) -> Target | None:
    """Where the dataset of the answers will go; None as long as anything is wrong with them."""
    config = answers.config
    return target_of(hands(), current_user(), config, answers.here) if config else None


def _complaints(session: WizardSession, answers: Answers, refusal: Refused | None) -> list[tuple[str, str]]:
    """Everything that keeps the job from being started, with the way to where it is mended."""
    found = [(_place(session, one.step, one.names, one.control), one.text) for one in answers.complaints]
    if refusal is not None and not refusal.problems:
        found.append(("", refusal.message[:1].upper() + refusal.message[1:]))
    found += [("", problem.message) for problem in (refusal.problems if refusal else [])]
    return list(dict.fromkeys(found))


def _place(session: WizardSession, step: Step | None, names: tuple[str, ...], control: str) -> str:
    if step is None:
        return ""
    return f"#{control}" if step is Step.REVIEW else change_url(session, step, names[0])


def parts(session: WizardSession, answers: Answers) -> list[Part]:
    """The answers of the steps before this one."""
    own, made = changed(answers.values), []
    for step in [step for step in Step if step is not Step.REVIEW]:
        known = asked(step)
        first = [name for block in BLOCKS[step] for name in block.names]
        shown_names = [*first, *(name for name in known if name in own and name not in first)]
        rest = [name for name in known if name not in shown_names]
        told, usual = ([_line(session, answers, step, known[name]) for name in names] for names in (shown_names, rest))
        made.append(Part(step, tuple(told), tuple(usual)))
    return made


def _line(session: WizardSession, answers: Answers, step: Step, field: FormField) -> Answer:
    value, url = value_at(answers.values, tuple(field.name.split("."))), change_url(session, step, field.name)
    return Answer(field.label, readable(field, value), url, step_url(session, Step.REVIEW, go=url.split("#")[0]))
