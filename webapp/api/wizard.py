"""The wizard's API: drafts that are begun, looked at step by step, saved and submitted."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import url_for

from generation.spec.config import Config
from generation.spec.estimate import Estimate
from generation.spec.presets import PRESET_BY_NAME
from generation.spec.problems import Problem, validated
from generation.spec.settings import section_of
from generation.spec.values import Section
from webapp import drafts
from webapp.api import shapes
from webapp.api.bodies import Takes
from webapp.api.context import moment, services
from webapp.api.generate import JOB_LINKS, STATUS_LOCATION, job_started
from webapp.api.problems import OF_USERS
from webapp.api.registry import Answer, Contract, Group, Link, Parameter, Reply
from webapp.auth import current_user
from webapp.errors import Refused
from webapp.security import request_id
from webapp.steps import Step
from webapp.store.models import WizardSession

wizard = Group(
    "Wizard",
    "A draft is kept on the server while its five steps are answered: households, demographics, engagement, campaigns and "
    "review. Every save counts its version up, and a save or a submit that names an older version is refused.",
    OF_USERS,
)
SESSION = Parameter("session_id", "path", "Id of the draft.", {"type": "string", "format": "uuid"})
STEP = Parameter("step_id", "path", "Name of the step.", {"type": "string", "enum": [step.value for step in Step]})

_IN_ANSWER = {"session_id": "$response.body#/session_id"}
_SESSION_LINKS = (
    Link("read_session", _IN_ANSWER),
    Link(
        "validate_step",
        {},
        {"config": "$response.body#/config", "version": "$response.body#/version", **_IN_ANSWER},
    ),
    Link("submit_session", _IN_ANSWER, {"version": "$response.body#/version"}),
)


@wizard.post(
    "/wizard/session",
    Contract(
        answers=(
            Answer(
                201, "The draft, at version 1.", shapes.Session, {"Location": "Address of the draft."}, _SESSION_LINKS
            ),
        ),
        problems=("invalid_config",),
        takes=Takes(
            shapes.SessionRequest,
            {
                "preset": {"preset": "small"},
                "configuration": {"config": {"households": {"count": 2_000}, "output": {"name": "two-thousand"}}},
                "defaults": {},
            },
        ),
    ),
)
def create_session(body: shapes.SessionRequest) -> Reply:
    """Begins a draft from a preset, from a configuration or from the defaults.

    A configuration with problems is refused. What it leaves out has its default.
    """
    session = drafts.begin(services(), current_user(), *_beginning(body))
    return Reply(_told(session), 201, {"Location": url_for("api.read_session", session_id=session.id)})


def _beginning(body: shapes.SessionRequest) -> tuple[dict[str, Any], str]:
    """The first values of a draft, and where they are from, in words."""
    if body.preset is not None:
        return PRESET_BY_NAME[body.preset].config.model_dump(mode="json"), f"preset {body.preset}"
    if body.config is not None:
        return validated(body.config).model_dump(mode="json"), "a configuration sent to the API"
    return {}, "the defaults"


def _told(session: WizardSession) -> shapes.Session:
    return shapes.Session(
        session_id=session.id,
        version=session.version,
        step=Step(session.step),
        config=session.config,
        origin=session.origin,
        created_at=moment(session.created_at),
        updated_at=moment(session.updated_at),
    )


@wizard.get(
    "/wizard/session/<uuid:session_id>",
    Contract(
        answers=(Answer(200, "The draft.", shapes.Session, links=_SESSION_LINKS),),
        problems=("no_such_session",),
        parameters=(SESSION,),
    ),
)
def read_session(session_id: str) -> Reply:
    """A draft as it was last saved."""
    return Reply(_told(drafts.visible(services(), current_user(), session_id)))


@wizard.post(
    "/wizard/step/<step_id>/validate",
    Contract(
        answers=(Answer(200, "What is wrong, if anything, and what the draft would make.", shapes.StepAnswer),),
        problems=("no_such_step", "no_such_session", "stale_version"),
        takes=Takes(
            shapes.StepRequest,
            {
                "valid": {"config": {"households": {"count": 25_000}}},
                "a problem": {"config": {"households": {"count": 0}, "output": {"name": "empty"}}},
            },
        ),
        parameters=(STEP,),
    ),
)
def validate_step(step_id: str, body: shapes.StepRequest) -> Reply:
    """Looks at a whole draft from one step, and saves it if it is given a session and the step is valid.

    The answer has the problems of the step and those between sections. Without a session nothing is kept, so that any draft
    can be tried. Without a version the draft is saved over whatever the session holds.
    """
    step = _step(step_id)
    session = drafts.visible(services(), current_user(), body.session_id) if body.session_id else None
    checked = drafts.checked(services(), body.config, step)
    saved = None
    if session is not None and checked.is_valid:
        values = checked.config.model_dump(mode="json") if checked.config else completed(body.config)
        saved = drafts.save(services(), session, body.version, values, step)
    return Reply(
        shapes.StepAnswer(
            valid=checked.is_valid,
            errors=[_problem(problem) for problem in checked.problems],
            estimate=_estimate(checked.estimate) if checked.estimate else None,
            saved=saved is not None,
            version=saved.version if saved else None,
        )
    )


def _step(step_id: str) -> Step:
    try:
        return Step(step_id)
    except ValueError:
        message = f"the wizard has no step {step_id[:40]!r}; its steps are {', '.join(Step)}"
        raise Refused(404, "no_such_step", message) from None


def completed(values: dict[str, Any], section: type[Section] = Config) -> dict[str, Any]:
    """A draft with every setting: those that are left out have their defaults, those that are given stay as they are."""
    whole: dict[str, Any] = {**section().model_dump(mode="json"), **values}
    for name, field in section.model_fields.items():
        inner = section_of(field)
        if inner is not None and isinstance(whole[name], dict):
            whole[name] = completed(whole[name], inner)
    return whole


def _problem(problem: Problem) -> shapes.ConfigProblem:
    return shapes.ConfigProblem(pointer=problem.pointer, code=problem.code, message=problem.message)


def _estimate(made: Estimate) -> shapes.Estimate:
    tables = {name: shapes.TableSize(rows=size.rows, bytes=size.bytes) for name, size in made.tables.items()}
    return shapes.Estimate(
        rows=made.rows,
        bytes=made.bytes,
        seconds=made.seconds,
        phases=asdict(made.phases),
        memory_bytes=made.memory,
        basis=made.basis,
        tables=tables,
    )


@wizard.post(
    "/wizard/session/<uuid:session_id>/submit",
    Contract(
        answers=(Answer(202, "The job.", shapes.JobStarted, STATUS_LOCATION, JOB_LINKS),),
        problems=(
            "no_such_session", "stale_version", "target_in_use", "target_of_another", "invalid_config", "too_many_jobs",
            "not_permitted", "rights_unknown",
        ),
        takes=Takes(shapes.SubmitRequest, {"first version": {"version": 1}}),
        parameters=(SESSION,),
    ),
)  # fmt: skip
def submit_session(session_id: str, body: shapes.SubmitRequest) -> Reply:
    """Starts the job of a draft.

    Submitting the same version again gives the same job, so a lost answer may be asked for again.
    """
    user = current_user()
    session = drafts.visible(services(), user, session_id)
    version = session.version if body.version is None else body.version
    return job_started(drafts.submit(services(), user, session, version, request_id()), 202)
