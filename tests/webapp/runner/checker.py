"""Judges, when all is over, what happened to jobs: from their events, their rows and what lies where readers look."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from generation.spec.run_directory import MANIFEST
from webapp.lifecycle import ENDED, LEGAL, State
from webapp.store.jobs import Jobs
from webapp.store.models import Job, JobEvent


@dataclass
class Verdict:
    """What is wrong, in sentences, and how things went."""

    wrong: list[str] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)
    attempts: int = 0
    cancel_seconds: list[float] = field(default_factory=list)


def judged(jobs: Jobs, of: list[Job]) -> Verdict:
    """The verdict on some jobs that have ended."""
    verdict = Verdict()
    for submitted in of:
        job = jobs.get(submitted.id)
        assert job is not None
        events = jobs.events(job.id)
        verdict.wrong += [f"{job.name}: {fault}" for fault in (*_of_moves(job, events), *_of_result(job))]
        verdict.states[job.state] = verdict.states.get(job.state, 0) + 1
        verdict.attempts += job.attempt
        if job.state == State.CANCELLED and job.cancel_at is not None:
            verdict.cancel_seconds.append(float(job.finished_at or 0) - job.cancel_at)
    return verdict


def _of_moves(job: Job, events: list[JobEvent]) -> Iterator[str]:
    before: str | None = None
    for event in events:
        if event.before != before or (before and State(before), State(event.after)) not in LEGAL:
            yield f"illegal move from {before} (noted: {event.before}) to {event.after}"
        before = event.after
    if before != job.state:
        yield f"the row says {job.state}, the events {before}"
    claims = [event.attempt for event in events if event.after == State.RUNNING]
    if claims != list(range(1, job.attempt + 1)):
        yield f"attempts were claimed as {claims}"
    ends = [event.after for event in events if event.after in ENDED]
    if len(ends) != 1:
        yield f"it ended {len(ends)} times: {ends}"
    if len([event for event in events if event.after == State.CANCELLING]) > 1:
        yield "it was cancelled twice"


def _of_result(job: Job) -> Iterator[str]:
    manifest = Path(job.target) / MANIFEST
    if job.state != State.SUCCEEDED:
        if manifest.exists():
            yield f"it has {job.state}, and its dataset is published"
        return
    if job.published_at is None or not manifest.exists():
        yield "it has succeeded, and its dataset is not published"
    elif hashlib.sha256(manifest.read_bytes()).hexdigest() != job.manifest_hash:
        yield "the published manifest is not the one that it succeeded with"
