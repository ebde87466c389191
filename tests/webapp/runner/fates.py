"""What becomes of jobs, as tests of their failures ask for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.builders import fingerprints
from tests.webapp.stage import Stage
from webapp.dispatcher import Dispatcher
from webapp.lifecycle import ENDED
from webapp.processes import this_host
from webapp.store.jobs import Capacity
from webapp.store.models import Job

CANCEL_SECONDS = 2.0
"""The longest that a cancel may take, whatever has died or stands still."""

ONCE = ["queued", "running", "succeeded"]
TWICE = ["queued", "running", "queued", "running", "succeeded"]

Dispatchers = Callable[[], Dispatcher]


def dataset_of(job: Job) -> dict[str, str]:
    """The fingerprints of the published dataset."""
    return fingerprints(Path(job.target))


def ends(stage: Stage, job: Job) -> list[str]:
    """The ends that a job has come to; there should be one."""
    return [state for state in stage.moves(job) if state in ENDED]


def claimed(stage: Stage) -> Job:
    """The next job, claimed by this process."""
    job = stage.jobs.claim("test", Capacity(this_host(), 4, 4))
    assert job is not None
    return job
