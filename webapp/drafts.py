"""Drafts of the wizard for a user: begun, checked, saved and submitted. What both the pages and the API work with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from generation.spec.config import Config
from generation.spec.estimate import Estimate
from generation.spec.files import merged
from generation.spec.presets import PRESET_BY_NAME
from generation.spec.problems import InvalidConfig, Problem, validated
from webapp import runner
from webapp.auth import User
from webapp.errors import Refused
from webapp.forecast import forecast_here
from webapp.services import Services
from webapp.steps import Step, problems_at
from webapp.store.models import Job, WizardSession
from webapp.store.sessions import Draft, StaleVersion

DEFAULT_PRESET = "starter"


@dataclass(frozen=True)
class Checked:
    """A draft looked at from a step: its problems there, and all of them; the configuration and estimate if it has none."""

    step: Step
    problems: list[Problem]
    all_problems: list[Problem]
    config: Config | None
    estimate: Estimate | None

    @property
    def is_valid(self) -> bool:
        """Whether the step may be left."""
        return not self.problems


def checked(services: Services, values: dict[str, Any], step: Step) -> Checked:
    """A draft's problems as seen from a step; at the last step also whether it can run here."""
    try:
        config = validated(values)
    except InvalidConfig as error:
        return Checked(step, problems_at(step, error.problems), error.problems, None, None)
    problems = runner.problems_here(services, config) if step is Step.REVIEW else []
    return Checked(step, problems, problems, config, forecast_here(services, config))


def preset_values(name: str) -> dict[str, Any]:
    """A preset's whole configuration; raises `InvalidConfig` for an unknown one."""
    if name not in PRESET_BY_NAME:
        message = f"preset {name[:40]!r} is unknown; there are {', '.join(PRESET_BY_NAME)}"
        raise InvalidConfig([Problem("/preset", "unknown_preset", message)])
    return PRESET_BY_NAME[name].config.model_dump(mode="json")


def begin(
    services: Services, user: User, values: dict[str, Any], origin: str, step: Step = Step.HOUSEHOLDS
) -> WizardSession:
    """A new session; settings that are not given have the defaults."""
    whole = merged(Config().model_dump(mode="json"), values)
    draft = Draft(whole, _name(whole), step.value)
    return services.store.sessions.create(str(uuid.uuid4()), user.id, origin, draft)


def _name(values: dict[str, Any]) -> str:
    output = values.get("output")
    return str(output.get("name", ""))[:200] if isinstance(output, dict) else ""


def visible(services: Services, user: User, session_id: str) -> WizardSession:
    """The user's session; raises `Refused` 404 for anybody else's, as if there were none."""
    session = services.store.sessions.get(session_id)
    if session is None or session.owner != user.id:
        raise Refused(
            404, "no_such_session", f"there is no draft {session_id[:40]}; begin a new one, or pick one of yours"
        )
    return session


def save(
    services: Services, session: WizardSession, version: int | None, values: dict[str, Any], done: Step
) -> WizardSession:
    """The session with these values, once step `done` is answered. Raises `StaleVersion` when another save came between."""
    reached = Step(session.step)
    step = reached if reached.is_after(done) else done.next
    return services.store.sessions.save(session.id, version, Draft(values, _name(values), step.value))


def keep(services: Services, session: WizardSession, version: int | None, values: dict[str, Any]) -> WizardSession:
    """The session with these values as they are, right or wrong, and no step further. Raises `StaleVersion`."""
    return services.store.sessions.save(session.id, version, Draft(values, _name(values), session.step))


def submit(services: Services, user: User, session: WizardSession, version: int, request_id: str | None) -> Job:
    """The job of a draft's version; asking twice gives the same job. Raises `InvalidConfig`, `StaleVersion` or `Refused`."""
    key = f"session:{session.id}:{version}"
    known = services.store.jobs.by_key(user.id, key)
    if known is not None:
        return known
    if session.version != version:
        raise StaleVersion(session)
    config = validated(session.config)
    return runner.start(services, user, runner.Request(config, key, session.id, request_id=request_id))[0]
