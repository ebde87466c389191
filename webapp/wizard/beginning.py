"""New drafts: from a preset, from an earlier job, or from a configuration file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from werkzeug.datastructures import FileStorage

from generation.spec.config import Config, Output
from generation.spec.files import LARGEST_FILE, imported, load
from generation.spec.labels import label_of
from generation.spec.presets import PRESETS
from generation.spec.problems import InvalidConfig, Problem, validated
from webapp import drafts, runner
from webapp.auth import current_user
from webapp.htmx import page, see_other
from webapp.steps import Step
from webapp.store.models import Job, WizardSession
from webapp.wizard.blueprint import blueprint, hands, step_url
from webapp.wizard.names import free_name, named
from webapp.wizard.questions import NOT_ASKED


@blueprint.get("/wizard/new")
def new() -> Response:
    """Ways to begin."""
    return page("wizard/new.html", **_context(job=_cloned()))


@blueprint.post("/wizard/new")
def begin() -> Response:
    """A draft from whatever the form names."""
    if "preset" in request.form:
        return _from_preset(request.form["preset"])
    if "from" in request.form:
        return _from_job(request.form["from"])
    return _from_file()


def _context(**more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {"presets": PRESETS, "job": None, "text": "", "problems": [], "notes": (), "session": None}
    return {**base, "largest": LARGEST_FILE, **more}


def _begun(config: Config, origin: str, step: Step) -> WizardSession:
    return drafts.begin(hands(), current_user(), config.model_dump(mode="json"), origin, step)


def _from_preset(name: str) -> Response:
    """Straight to the last step, unless the user wants to look at every step."""
    step = Step.HOUSEHOLDS if request.form.get("start") == "steps" else Step.REVIEW
    session = _begun(validated(drafts.preset_values(name)), f"preset {name}", step)
    return see_other(step_url(session, step))


def _cloned() -> Job | None:
    job_id = request.args.get("from", "")
    return runner.visible(hands(), current_user(), job_id) if job_id else None


def _from_job(job_id: str) -> Response:
    """The job's configuration under a name that is free."""
    job = runner.visible(hands(), current_user(), job_id)
    config = _offered(load(json.dumps(job.config), f"the configuration of job {job.id}"))[0]
    config = named(config, free_name(hands(), config))
    session = _begun(config, f"job {job.name}", Step.REVIEW)
    return see_other(step_url(session, Step.REVIEW))


# Files


@dataclass(frozen=True)
class _Text:
    text: str
    name: str


def _from_file() -> Response:
    """The file's configuration; with what was changed on reading it, if anything was."""
    try:
        given = _given(request.files.get("file"), request.form.get("text", ""))
        read = imported(given.text, given.name)
    except InvalidConfig as error:
        text = given.text if "given" in locals() else request.form.get("text", "")
        return page("wizard/new.html", status=422, **_context(problems=_quoted(error.problems, text), text=text))
    config, notes = _offered(read.config)
    session = _begun(config, f"file {given.name}"[:200], Step.REVIEW)
    if read.notes or notes:
        return page("wizard/new.html", **_context(notes=(*read.notes, *notes), session=session))
    return see_other(step_url(session, Step.REVIEW))


def _given(file: FileStorage | None, text: str) -> _Text:
    """The text that was pasted, or that of the file; raises `InvalidConfig`."""
    if file is None or not file.filename:
        if not text.strip():
            raise InvalidConfig([Problem("", "empty", "choose a file, or paste a configuration")])
        return _Text(text.replace("\r\n", "\n"), "the pasted text")
    try:
        return _Text(file.stream.read(LARGEST_FILE + 1).decode("utf-8-sig"), file.filename[:100])
    except UnicodeDecodeError:
        message = f"{file.filename[:100]} is not UTF-8 text; give a YAML or JSON configuration file"
        raise InvalidConfig([Problem("", "unreadable", message)]) from None


def _quoted(problems: list[Problem], text: str) -> list[tuple[Problem, str]]:
    """Each problem with the line it is in."""
    lines = text.splitlines()
    return [(one, lines[one.line - 1][:160] if one.line and one.line <= len(lines) else "") for one in problems]


def _offered(config: Config) -> tuple[Config, list[str]]:
    """The configuration without what this server decides by itself, and what was left out for that."""
    usual, notes = Output(), []
    for name in sorted(NOT_ASKED):
        field = name.removeprefix("output.")
        value, default = getattr(config.output, field), getattr(usual, field)
        if value != default:
            output = config.output.model_copy(update={field: default})
            config = config.model_copy(update={"output": output})
            notes.append(f"{label_of(name)} {value} was left out: this server decides it")
    return config, notes
