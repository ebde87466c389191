"""A job: how far it is, what happened, what it was asked for."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from flask import Response, request, url_for

from generation import __version__
from generation.spec.config import Config
from generation.spec.estimate import estimate
from webapp.auth import current_user
from webapp.errors import Refused
from webapp.filters import duration, number, size
from webapp.htmx import STOP_POLLING, block, is_fragment, page, see_other
from webapp.jobs import wording
from webapp.jobs.blueprint import blueprint, hands, job_of
from webapp.lifecycle import State
from webapp.rights import NotCounted
from webapp.store.models import Job

ASK_FIRST_SECONDS = 60
"""A cancel that would lose more work than this is asked about first."""


@blueprint.get("/jobs/<uuid:job_id>")
def one(job_id: uuid.UUID) -> Response:
    """The whole page."""
    return page("jobs/job.html", **_context(job_of(job_id)))


@blueprint.get("/jobs/<uuid:job_id>/details")
def details(job_id: uuid.UUID) -> Response:
    """What changes when the job has ended."""
    return block("jobs/job.html", "details", **_context(job_of(job_id)))


@blueprint.get("/jobs/<uuid:job_id>/progress")
def progress(job_id: uuid.UUID) -> Response:
    """The part that is asked for again and again: nothing if nothing changed, and at the end one that asks no more."""
    job = job_of(job_id)
    if not is_fragment():
        return see_other(url_for("jobs.one", job_id=job.id))
    context = _context(job)
    if request.args.get("seen") == context["mark"]:
        return Response(status=204)
    said = wording.announcement(job) if request.args.get("said") != context["said_mark"] else ""
    if not wording.is_over(job):
        return block("jobs/job.html", "progress", **{**context, "said": said})
    answer = block("jobs/job.html", "progress", status=STOP_POLLING, **{**context, "said": said})
    answer.headers["HX-Trigger"] = json.dumps({"job-done": job.state})
    return answer


@blueprint.get("/jobs/<uuid:job_id>/counts")
def counts(job_id: uuid.UUID) -> Response:
    """The rows that the catalog's warehouse counts beside those that the manifest promises; asked for after the page."""
    job, rights = job_of(job_id), hands().rights
    if rights is None or not job.manifest:
        raise Refused(404, "not_found", "there is nothing to count here; see the job's page")
    try:
        found = rights.counts(job.manifest, current_user().token)
    except NotCounted as error:
        return block("jobs/job.html", "counts", job=job, counted=None, why=str(error))
    tables = job.manifest["tables"]
    rows = [[name, number(entry["rows"]), number(found.get(name, 0))] for name, entry in tables.items()]
    wrong = sorted(name for name, entry in tables.items() if found.get(name) != entry["rows"])
    return block("jobs/job.html", "counts", job=job, counted=rows, wrong=wrong, why="")


def _context(job: Job) -> dict[str, Any]:
    jobs = hands().store.jobs
    position = jobs.position(job) if job.state == State.QUEUED else 0
    running = jobs.clock() - (job.started_at or job.created_at)
    return {
        "job": job,
        "is_own": job.owner == current_user().id,
        "is_over": wording.is_over(job),
        "heading": wording.heading(job, position),
        "left": wording.remaining(job, running),
        "tables": _tables(job),
        "pace": _pace(job),
        "seconds_between": _seconds_between(job, running),
        "ask_first": job.state == State.RUNNING and running > ASK_FIRST_SECONDS,
        "events": wording.told(jobs.events(job.id)),
        "facts": wording.facts(job, __version__),
        "remedy": wording.REMEDIES.get((job.error or {}).get("code", ""), ""),
        "took": duration((job.finished_at or 0) - (job.started_at or job.created_at)) if job.finished_at else "",
        "size": _size(job),
        "mark": _mark(job, position),
        "said_mark": _mark_of([job.state, int(10 * (job.progress or {}).get("fraction", 0))]),
        "said": "",
        "is_counted": hands().rights is not None and job.state == State.SUCCEEDED,
        "run_page": (job.processes or {}).get("run_page_url", ""),
        "counted": None,
        "wrong": [],
        "why": "",
    }


def _tables(job: Job) -> list[list[Any]]:
    expected = estimate(Config.model_validate(job.config)).tables
    rows = []
    for table in (job.progress or {}).get("tables", []):
        of = expected[table["name"]].rows if table["name"] in expected else None
        part = f"{100 * table['done'] // max(1, table['total'])}%"
        rows.append([table["name"], part, number(table["rows"]), f"about {number(of)}" if of is not None else "–"])
    return rows


def _pace(job: Job) -> str:
    progress = job.progress or {}
    if not progress.get("rows"):
        return ""
    pace = f" · {number(progress['rows_per_second'])} rows a second" if progress.get("rows_per_second") else ""
    return f"{number(progress['rows'])} rows{pace}"


def _size(job: Job) -> str:
    tables = (job.manifest or {}).get("tables", {}).values()
    return size(sum(table["bytes"] for table in tables)) if tables else ""


def _seconds_between(job: Job, running: float) -> int:
    if job.state == State.QUEUED:
        return 2 if running < 30 else 5
    return 1 if running < 30 else 2 if running < 300 else 5


def _mark(job: Job, position: int) -> str:
    return _mark_of([job.state, job.attempt, job.progress, position])


def _mark_of(seen: list[Any]) -> str:
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:12]
