"""What an owner does with a job."""

from __future__ import annotations

import secrets
import uuid

from flask import Response, request, url_for

from webapp import runner
from webapp.auth import current_user
from webapp.errors import Refused
from webapp.htmx import leave_for, see_other
from webapp.jobs.blueprint import blueprint, hands, own_job
from webapp.lifecycle import ENDED

SEEDS = 2**53


@blueprint.post("/jobs/<uuid:job_id>/cancel")
def cancel(job_id: uuid.UUID) -> Response:
    """Cancels, and shows the job; one that has ended by now is shown as it is."""
    job = own_job(job_id)
    if job.state not in ENDED:
        try:
            runner.cancel(hands(), current_user(), job.id)
        except Refused as error:
            if error.code != "already_ended":
                raise
    return see_other(url_for("jobs.one", job_id=job.id))


@blueprint.post("/jobs/<uuid:job_id>/again")
def again(job_id: uuid.UUID) -> Response:
    """A new job with the same configuration, with the same seed or a new one."""
    seed = secrets.randbelow(SEEDS) if request.form.get("seed") == "new" else None
    job = runner.again(hands(), current_user(), str(job_id), seed)
    return leave_for(url_for("jobs.one", job_id=job.id))


@blueprint.post("/jobs/<uuid:job_id>/share")
def share(job_id: uuid.UUID) -> Response:
    """Shows the job to everybody who can open the app, or to its owner alone."""
    job = own_job(job_id)
    hands().store.jobs.share(job.id, request.form.get("shared") == "yes")
    return see_other(url_for("jobs.one", job_id=job.id))


@blueprint.post("/jobs/<uuid:job_id>/delete")
def delete(job_id: uuid.UUID) -> Response:
    """Forgets an ended job; its dataset stays."""
    job = own_job(job_id)
    if not hands().store.jobs.delete(job.id):
        raise Refused(409, "not_ended", f"job {job.id} has not ended; cancel it first, then delete it")
    return see_other(url_for("jobs.history"))
