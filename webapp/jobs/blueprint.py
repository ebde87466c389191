"""The blueprint of the job pages, and what all of them ask for."""

from __future__ import annotations

import uuid

from flask import Blueprint, current_app

from webapp import runner
from webapp.auth import current_user
from webapp.services import Services
from webapp.store.models import Job

blueprint = Blueprint("jobs", __name__)


def hands() -> Services:
    """The services of this process."""
    services: Services = current_app.extensions["idgraph"]
    return services


def job_of(job_id: uuid.UUID) -> Job:
    """The job, if the user may see it; raises `Refused` 404 otherwise."""
    return runner.visible(hands(), current_user(), str(job_id))


def own_job(job_id: uuid.UUID) -> Job:
    """The job, if it is the user's own; raises `Refused` 404 or 403 otherwise."""
    return runner.owned(hands(), current_user(), str(job_id))
