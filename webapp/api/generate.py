"""The generation API: jobs that are started, watched, cancelled and asked for their result."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import request, url_for

from generation.spec.catalog import EVERY
from generation.spec.problems import validated
from webapp import runner
from webapp.api import shapes
from webapp.api.bodies import Takes
from webapp.api.context import moment, services
from webapp.api.problems import BY_CODE, OF_USERS
from webapp.api.registry import Answer, Contract, Group, Link, Parameter, Reply
from webapp.auth import current_user
from webapp.backends.base import Missing
from webapp.errors import Refused
from webapp.lifecycle import ENDED, State
from webapp.security import request_id
from webapp.store.models import Job

generation = Group(
    "Generation",
    "A job makes one dataset. It is started once, however often the same request is sent with the same idempotency key, "
    "survives the loss of any process, and ends as succeeded, failed or cancelled.",
    OF_USERS,
)
JOB = Parameter("job_id", "path", "Id of the job.", {"type": "string", "format": "uuid"})
KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Read if the body has no idempotency_key.",
    {"type": "string", "pattern": shapes.KEY},
)
IF_NONE_MATCH = Parameter("If-None-Match", "header", "The ETag of the answer you have.", {"type": "string"})
POLL_SECONDS = 1

RETRY_AFTER = {"Retry-After": "Seconds to wait before asking again; only while the job has not ended."}
STATUS_LOCATION = {"Location": "Address of the job's status."}
_IN_ANSWER = {"job_id": "$response.body#/job_id"}
JOB_LINKS = tuple(Link(name, _IN_ANSWER) for name in ("read_status", "read_result", "cancel_job"))


@generation.post(
    "/generate/start",
    Contract(
        answers=(
            Answer(202, "The new job.", shapes.JobStarted, STATUS_LOCATION, JOB_LINKS),
            Answer(
                200, "The job that was started under the key before.", shapes.JobStarted, STATUS_LOCATION, JOB_LINKS
            ),
        ),
        problems=(
            "bad_header",
            "target_in_use",
            "target_of_another",
            "invalid_config",
            "key_reused",
            "too_many_jobs",
            "not_permitted",
            "rights_unknown",
        ),
        takes=Takes(
            shapes.StartRequest,
            {
                "a thousand households": {
                    "config": {"households": {"count": 1_000}, "output": {"name": "first", "mode": "regenerate"}},
                    "idempotency_key": "first-1",
                }
            },
        ),
        parameters=(KEY,),
    ),
)
def start_job(body: shapes.StartRequest) -> Reply:
    """Starts the job of a configuration.

    With an idempotency key the same request gives the same job, for good: a lost answer may be asked for again.
    """
    header = _key_in_header()
    config = validated(body.config)
    key = body.idempotency_key or header
    asked = runner.Request(config, key, request_id=request_id())
    job, is_new = runner.start(services(), current_user(), asked)
    return job_started(job, 202 if is_new else 200)


def _key_in_header() -> str | None:
    """The key as sent, with or without the quotes that structured header fields have."""
    text = request.headers.get("Idempotency-Key")
    if text is None:
        return None
    key = text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else text
    try:
        return shapes.checked_key(key)
    except ValueError:
        raise Refused(400, "bad_header", BY_CODE["bad_header"].says) from None


def job_started(job: Job, status: int) -> Reply:
    """The answer that names a job and where its status is."""
    url = url_for("api.read_status", job_id=job.id)
    return Reply(shapes.JobStarted(job_id=job.id, status_url=url), status, {"Location": url})


@generation.get(
    "/generate/status/<uuid:job_id>",
    Contract(
        answers=(
            Answer(
                200, "How the job stands.", shapes.JobStatus, {"ETag": "Marks this state.", **RETRY_AFTER}, JOB_LINKS
            ),
            Answer(304, "Nothing has changed since the answer with this ETag.", None, {"ETag": "Marks this state."}),
        ),
        problems=("no_such_job",),
        parameters=(JOB, IF_NONE_MATCH),
    ),
)
def read_status(job_id: str) -> Reply:
    """How a job stands.

    Ask again after the seconds in Retry-After; with If-None-Match an unchanged state is answered by 304 without a body.
    """
    job = runner.visible(services(), current_user(), job_id)
    status = _status(job)
    headers = {"ETag": f'"{hashlib.sha256(status.model_dump_json().encode()).hexdigest()[:32]}"'}
    return Reply(status, 200, headers if job.state in ENDED else {**headers, "Retry-After": str(POLL_SECONDS)})


def _status(job: Job) -> shapes.JobStatus:
    return shapes.JobStatus(
        job_id=job.id, state=State(job.state), name=job.name, households=job.households, session_id=job.session_id,
        position=services().store.jobs.position(job) + 1 if job.state == State.QUEUED else None,
        progress=progress_of(job), error=shapes.JobError.model_validate(job.error) if job.error else None,
        attempt=job.attempt, max_attempts=job.max_attempts,
        created_at=moment(job.created_at), started_at=moment(job.started_at), finished_at=moment(job.finished_at),
        result_url=url_for("api.read_result", job_id=job.id) if job.state == State.SUCCEEDED else None,
    )  # fmt: skip


def progress_of(job: Job) -> shapes.Progress:
    """How far the latest attempt is: zeros until it reports, for what an earlier one reported is not its progress."""
    if job.progress is not None and job.progress.get("attempt", job.attempt) == job.attempt:
        return shapes.Progress.model_validate(job.progress)
    return _whole_progress(job) if job.state == State.SUCCEEDED else shapes.Progress()


def _whole_progress(job: Job) -> shapes.Progress:
    """The progress of a job that succeeded without reporting any: what it made had been finished by an earlier attempt."""
    tables = [shapes.TableProgress(name=table.name, rows=table.rows) for table in _tables(job, {})]
    return shapes.Progress(phase="done", fraction=1.0, rows=job.rows or 0, eta_seconds=0.0, tables=tables)


@generation.get(
    "/generate/result/<uuid:job_id>",
    Contract(
        answers=(Answer(200, "What the job made.", shapes.JobResult),),
        problems=("no_such_job", "not_finished", "no_result", "dataset_gone"),
        parameters=(JOB,),
    ),
)
def read_result(job_id: str) -> Reply:
    """The tables that a job made, where they are, and the verdict on them."""
    job = _published(runner.visible(services(), current_user(), job_id))
    try:
        places = dict(services().backend.locations(job.target, job.manifest or {}))
    except Missing as error:
        raise Refused(410, "dataset_gone", f"the dataset of job {job.id} is gone: {error}") from None
    made = {"manifest": job.manifest or {}, "certificate": job.certificate or {}}
    return Reply(shapes.JobResult(job_id=job.id, tables=_tables(job, places), **made))


def _published(job: Job) -> Job:
    """The job if its dataset lies where readers look; raises `Refused` with how it stands otherwise."""
    if job.state == State.SUCCEEDED and job.published_at is not None:
        return job
    if job.state in (State.FAILED, State.CANCELLED):
        how = f": {job.error['message']}" if job.error else ""
        raise Refused(409, "no_result", f"job {job.id} has {_ended_as(job)}{how}; there is no result")
    said = f"job {job.id} is {job.state}" if job.state != State.SUCCEEDED else f"job {job.id} is being published"
    raise Refused(409, "not_finished", f"{said}; ask again when its state is succeeded", retry_after=POLL_SECONDS)


def _ended_as(job: Job) -> str:
    return "been cancelled" if job.state == State.CANCELLED else str(job.state)


def _tables(job: Job, places: dict[str, str]) -> list[shapes.ResultTable]:
    """The manifest's tables in the order of the catalogue: databases do not keep the order of names in JSON."""
    tables: dict[str, Any] = (job.manifest or {}).get("tables", {})
    order = {table.name: place for place, table in enumerate(EVERY)}
    names = sorted(tables, key=lambda name: (order.get(name, len(order)), name))
    return [
        shapes.ResultTable.model_validate({**tables[name], "name": name, "location": places.get(name, "")})
        for name in names
    ]


@generation.post(
    "/generate/cancel/<uuid:job_id>",
    Contract(
        answers=(Answer(202, "The job is cancelled, or soon will be.", shapes.JobCancelled, {}, JOB_LINKS[:1]),),
        problems=("no_such_job", "not_your_job", "already_ended"),
        takes=Takes(shapes.CancelRequest, {"nothing": {}}, required=False),
        parameters=(JOB,),
    ),
)
def cancel_job(job_id: str, body: shapes.CancelRequest) -> Reply:
    """Cancels a job: at once while it waits, within two seconds while it runs.

    The dataset of its name stays as it was before the job. Cancelling twice is the same as cancelling once.
    """
    job = runner.cancel(services(), current_user(), job_id)
    return Reply(shapes.JobCancelled(job_id=job.id, state=State(job.state)), 202)
