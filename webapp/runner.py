"""Starting, watching and cancelling jobs for a user: the only meeting of store and backend in the web process."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from generation.spec.config import Config
from generation.spec.identity import config_hash
from generation.spec.problems import InvalidConfig, Problem
from webapp.auth import User
from webapp.errors import Refused
from webapp.lifecycle import ENDED, State
from webapp.services import Services
from webapp.store.jobs import KeyReused, TargetTaken, TooManyQueued
from webapp.store.models import Job


@dataclass(frozen=True)
class Request:
    """What a user asks for. `key` makes asking twice the same as asking once."""

    config: Config
    key: str | None = None
    session_id: str | None = None
    parent_id: str | None = None
    request_id: str | None = None


def start(services: Services, user: User, request: Request) -> tuple[Job, bool]:
    """The job of a request, and whether it is new. Raises `InvalidConfig` or `Refused` and starts nothing then."""
    known = _known(services, user, request)
    if known is not None:
        return known, False
    config = _prepared(services, request.config)
    job = _job(services, user, request, config)
    _check_owner(services, user, job)
    _check_rights(services, user, config)
    try:
        stored = services.store.jobs.submit(job, services.settings.user_queued_limit)
    except KeyReused:
        raise _key_reused() from None
    except TooManyQueued as error:
        message = f"{error.queued} of your jobs are waiting already, and {error.limit} may; wait for one, or cancel one"
        raise Refused(429, "too_many_jobs", message, retry_after=10) from None
    except TargetTaken as error:
        whose = f"job {error.job_id}" if error.owner == user.id else "another job"
        message = f"{whose} is still writing dataset {job.name!r}; wait for it, cancel it, or change output.name"
        raise Refused(409, "target_in_use", message, retry_after=10) from None
    services.wake()
    return stored


def _known(services: Services, user: User, request: Request) -> Job | None:
    """The job that was started under the request's key before; its target may look different by now."""
    job = services.store.jobs.by_key(user.id, request.key) if request.key else None
    if job is not None and job.request_hash != _request_hash(request.config):
        raise _key_reused()
    return job


def _key_reused() -> Refused:
    message = "idempotency_key was used with another configuration; use a new key for a new job"
    return Refused(422, "key_reused", message, problems=[Problem("/idempotency_key", "key_reused", message)])


def _prepared(services: Services, config: Config) -> Config:
    """The configuration as it will run; raises `InvalidConfig`."""
    problems = problems_here(services, config)
    if problems:
        raise InvalidConfig(problems)
    return services.backend.prepared(config)


def problems_here(services: Services, config: Config) -> list[Problem]:
    """Why a valid configuration cannot run here."""
    prepared = services.backend.prepared(config)
    if config.output.path not in (None, prepared.output.path):
        message = (
            f"output.path {config.output.path} cannot be chosen here; leave it empty, output.name names the dataset"
        )
        return [Problem("/output/path", "path", message)]
    return services.backend.problems(prepared)


def _request_hash(config: Config) -> str:
    values = config.model_dump(mode="json")
    values["output"].pop("path")
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _job(services: Services, user: User, request: Request, config: Config) -> Job:
    return Job(
        id=str(uuid.uuid4()), owner=user.id, name=config.output.name, idempotency_key=request.key,
        request_hash=_request_hash(request.config), session_id=request.session_id, parent_id=request.parent_id,
        backend=services.backend.name, target=services.backend.target(config), config=config.model_dump(mode="json"),
        config_hash=config_hash(config), households=config.households.count, state=State.QUEUED,
        max_attempts=services.settings.max_attempts, request_id=request.request_id, created_at=0.0,
    )  # fmt: skip


def _check_owner(services: Services, user: User, job: Job) -> None:
    """A dataset is replaced or grown by its owner only."""
    last = services.store.jobs.last_on(job.target)
    if last is not None and last.owner != user.id:
        message = f"dataset {job.name!r} belongs to somebody else; choose another output.name"
        raise Refused(409, "target_of_another", message, problems=[Problem("/output/name", "taken", message)])


def _check_rights(services: Services, user: User, config: Config) -> None:
    """Nobody writes through the app's principal what they may not write themselves; what is not known is not allowed."""
    found = services.rights.rights(config, user.email, user.token) if services.rights else []
    missing = [right for right in found if right.verdict == "missing"]
    if missing:
        message = "privileges are missing; ask an administrator to run: " + "; ".join(right.grant for right in missing)
        problems = [
            Problem(
                "/output/schema_name",
                "not_permitted",
                f"{right.privilege} on {right.on} is missing for {right.principal}; ask an administrator to run: {right.grant}",
            )
            for right in missing
        ]
        raise Refused(403, "not_permitted", message, problems=problems)
    unknown = [right for right in found if right.whose == "you" and right.verdict == "unknown"]
    if unknown:
        message = (
            f"whether you have {unknown[0].privilege} on {unknown[0].on} could not be found out: {unknown[0].note}"
        )
        raise Refused(503, "rights_unknown", message, retry_after=10)


def visible(services: Services, user: User, job_id: str) -> Job:
    """The job if the user may see it; raises `Refused` 404 otherwise, as if there were none."""
    job = services.store.jobs.get(job_id)
    if job is None or not (job.owner == user.id or job.shared):
        raise Refused(404, "no_such_job", f"there is no job {job_id[:40]}; see the history for your jobs")
    return job


def owned(services: Services, user: User, job_id: str) -> Job:
    """The job if it is the user's own; others' shared jobs may be looked at only."""
    job = visible(services, user, job_id)
    if job.owner != user.id:
        raise Refused(403, "not_your_job", f"job {job.id} is shared with you to look at; only its owner may change it")
    return job


def cancel(services: Services, user: User, job_id: str) -> Job:
    """The job, cancelled or being cancelled. Raises `Refused` 409 if it has ended."""
    job = owned(services, user, job_id)
    services.store.jobs.cancel(job.id, "api")
    services.wake()
    now = services.store.jobs.get(job.id) or job
    if now.state in (State.SUCCEEDED, State.FAILED) or (job.state in ENDED):
        raise Refused(409, "already_ended", f"job {job.id} has {now.state} already; nothing is left to cancel")
    return now


def again(services: Services, user: User, job_id: str, seed: int | None) -> Job:
    """A new job with the configuration of an earlier one, with its seed or another. A published dataset of the same name
    gets a new version; the old one stays readable.
    """
    old = visible(services, user, job_id)
    values: dict[str, Any] = {**old.config, "output": {**old.config["output"], "path": None}}
    if seed is not None:
        values["output"]["seed"] = seed
    last = services.store.jobs.last_on(old.target)
    if last is not None:
        values["output"]["mode"] = "regenerate"
    return start(services, user, Request(Config.model_validate(values), parent_id=old.id))[0]
