"""Where the dataset will go: whether it may be written there, and what is there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.identity import config_hash
from generation.spec.problems import Problem
from generation.spec.sizing import plan
from webapp.auth import User
from webapp.filters import duration, moment, number, size
from webapp.lifecycle import State
from webapp.rights import Right
from webapp.services import Services
from webapp.store.models import Job
from webapp.wizard.outlook import free_bytes

Result = Literal["pass", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `job` is the job it is about."""

    result: Result
    title: str
    text: str
    job: str | None = None
    code: str = ""
    """What an administrator has to say, where a privilege is missing."""


@dataclass(frozen=True)
class Target:
    """The place of a dataset."""

    place: str
    checks: tuple[Check, ...]
    is_taken: bool
    """Whether a dataset of this name is there already."""


def target_of(services: Services, user: User, config: Config, problems: Sequence[Problem]) -> Target:
    """The target of a configuration, of which `problems` says why it cannot run here."""
    place = services.backend.target(services.backend.prepared(config))
    last = services.store.jobs.last_on(place)
    refused = {problem.pointer: problem.message for problem in problems}
    checks = (
        *_permissions(services, user, config, refused),
        _room(services, config),
        _name(user, config, last, refused),
    )
    return Target(place, (*checks, *_writers(services, user, place)), last is not None or "/output/mode" in refused)


def _permission(place: str, refused: Mapping[str, str]) -> Check:
    if "/output/path" in refused:
        return Check("fail", "The target cannot be used", refused["/output/path"])
    return Check("pass", "You may write there", place)


def _permissions(services: Services, user: User, config: Config, refused: Mapping[str, str]) -> list[Check]:
    """Whether the place may be written to; in a governed catalog, by whom and what is missing."""
    prepared = services.backend.prepared(config)
    if services.rights is None or refused:
        return [_permission(services.backend.target(prepared), refused)]
    found = services.rights.rights(prepared, user.email, user.token)
    open_ = [_right(right) for right in found if right.verdict != "allowed"]
    names = ", ".join(dict.fromkeys(right.privilege for right in found))
    return open_ or [Check("pass", "You and the job may write there", f"Checked in Unity Catalog: {names}.")]


def _right(right: Right) -> Check:
    who = "You" if right.whose == "you" else "The job's principal"
    if right.verdict == "unknown":
        return Check("warn", f"{who}: {right.privilege} on {right.on} is not known", f"{right.note} Check again.")
    lacks = "lack" if right.whose == "you" else "lacks"
    return Check(
        "fail", f"{who} {lacks} {right.privilege} on {right.on}", "Ask an administrator to run:", code=right.grant
    )


def _room(services: Services, config: Config) -> Check:
    if services.backend.name == "databricks":
        return _compute(config)
    needed, free = estimate(config).bytes, free_bytes(services.settings.datasets_dir)
    text = f"About {size(needed)} of {size(free)} that are free."
    return Check("fail" if needed > free else "pass", "Room on the disk", text)


def _compute(config: Config) -> Check:
    """What makes the dataset within five minutes of work; starting compute comes on top."""
    wanted = plan(config)
    text = (
        f"{number(wanted.workers)} workers of {wanted.cores // wanted.workers} cores make it in about "
        f"{duration(wanted.seconds)}, in up to {number(max(wanted.partitions.values()))} partitions a table. "
        "Serverless compute finds its size by itself."
    )
    return Check("pass", "Compute", text)


def _name(user: User, config: Config, last: Job | None, refused: Mapping[str, str]) -> Check:
    is_refused = bool({"/output/mode", "/output/name"} & set(refused))
    if last is not None and last.owner != user.id:
        return Check("fail", "The name is taken", "A dataset of somebody else is called so. Choose another name.")
    if last is None:
        if is_refused:
            return Check("fail", "The name cannot be used so", "Choose what to do with what is there, or another name.")
        return Check("pass", "The name is free", f"No dataset is called {config.output.name} yet.")
    made = f"{number(last.households)} households, made {moment(last.finished_at)}."
    return Check(*_existing(config, last, is_refused), text=f"{made} {_outcome(config, last)}", job=last.id)


def _existing(config: Config, last: Job, is_refused: bool) -> tuple[Result, str]:
    if is_refused:
        return "fail", "Another dataset of this name is there"
    same = config.output.mode == "create" and last.config_hash == config_hash(config)
    return ("pass", "This very dataset is there already") if same else ("warn", "A dataset of this name is there")


def _outcome(config: Config, last: Job) -> str:
    """What the mode does with the dataset that is there."""
    if config.output.mode == "regenerate":
        return "It gets a new version; the earlier one stays readable."
    if config.output.mode == "append":
        return f"It grows to {number(config.households.count)} households; its rows stay."
    if last.config_hash == config_hash(config):
        return "It is verified, and nothing is written anew."
    return "Choose what to do with it, or another name."


def _writers(services: Services, user: User, place: str) -> list[Check]:
    """Jobs that are writing there now."""
    busy = [job for job in services.store.jobs.unfinished() if job.target == place]
    return [
        Check(
            "fail", "A job is writing there", "Wait for it, cancel it, or choose another name.",
            job.id if job.owner == user.id else None,
        )
        for job in busy
        if job.state is not State.SUCCEEDED
    ]  # fmt: skip
