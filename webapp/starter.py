"""The first dataset: made once as a real job, so that a first visit finds something to look at."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from generation.spec.presets import PRESET_BY_NAME
from generation.spec.problems import InvalidConfig
from webapp import runner
from webapp.auth import LOCAL
from webapp.dispatcher import BUSY_SECONDS, Dispatcher
from webapp.errors import Refused
from webapp.services import Services
from webapp.store.models import Job

KEY = "starter"


def make_starter(services: Services, out: TextIO = sys.stderr) -> Job | None:
    """The starter job, ended; None if it cannot be started. A job that was made before is not made again."""
    request = runner.Request(PRESET_BY_NAME["starter"].config, KEY)
    try:
        job, is_new = runner.start(services, LOCAL, request)
    except (InvalidConfig, Refused) as error:
        print(f"The starter dataset was not made: {error}", file=out)
        return None
    if job.finished_at is None:
        print(
            "Making the starter dataset (10,000 households), once ..."
            if is_new
            else "Finishing the starter dataset ...",
            file=out,
        )
        job = _seen_through(services, job)
        print(f"The starter dataset has {job.state}.", file=out)
    return job


def _seen_through(services: Services, job: Job) -> Job:
    """Dispatches until the job has ended."""
    dispatcher = Dispatcher(services)
    while job.finished_at is None or (job.state == "succeeded" and job.published_at is None):
        dispatcher.tick()
        time.sleep(BUSY_SECONDS)
        job = services.store.jobs.get(job.id) or job
    dispatcher.tick()
    return job
