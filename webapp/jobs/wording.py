"""How pages speak of a job: its state, its progress, what happened to it."""

from __future__ import annotations

import math
from typing import Any

from flask import get_template_attribute
from markupsafe import Markup

from webapp.filters import clock, duration, moment
from webapp.lifecycle import ENDED, State
from webapp.store.models import Job, JobEvent

PHASES = {
    "generate": "Generating tables",
    "commit": "Committing tables",
    "verify": "Checking every row against the rules",
    "fingerprint": "Taking fingerprints",
    "done": "Done",
}
STATES = {
    State.QUEUED: "waiting",
    State.RUNNING: "running",
    State.CANCELLING: "being cancelled",
    State.CANCELLED: "cancelled",
    State.SUCCEEDED: "finished",
    State.FAILED: "failed",
}
REMEDIES = {
    "WORKER_LOST": "The process that made the dataset ended without a word, as it does when memory runs out. "
    "Finished parts are kept. Retry it, or make it smaller.",
    "RunFailed": "Finished parts are kept. Remove the cause, then retry.",
    "InvalidConfig": "Clone it into the wizard, change what is named, and generate again.",
    "EngineUnavailable": "The engine could not be started. Retry; if it happens again, report the request id.",
}
ENDINGS = {
    State.SUCCEEDED: ("Verified and published", "good"),
    State.FAILED: ("Failed", "bad"),
    State.CANCELLING: ("Cancel asked for", "quiet"),
    State.CANCELLED: ("Cancelled", "quiet"),
}
AT_LEAST_SECONDS, AT_LEAST_FRACTION = 3.0, 0.05
"""No remaining time is told before a run has shown its pace."""


def state_badge(state: str) -> Markup:
    """The badge of a state."""
    badge = get_template_attribute("components/feedback.html", "badge")
    return Markup(badge(state))


def remaining(job: Job, seconds_running: float) -> str:
    """The time left in steps that grow with it, so that it does not jump; empty while it is not known."""
    progress = job.progress or {}
    left, fraction = progress.get("eta_seconds"), progress.get("fraction", 0)
    if (
        job.state != State.RUNNING
        or left is None
        or not (fraction >= AT_LEAST_FRACTION or seconds_running >= AT_LEAST_SECONDS)
    ):
        return ""
    step = 5 if left < 60 else 15 if left < 300 else 60
    return f"about {duration(step * max(1, math.ceil(left / step)))} left"


def heading(job: Job, position: int) -> str:
    """What the progress bar says the job is doing."""
    if job.state == State.QUEUED:
        return (
            "Next in line" if position == 0 else f"Waiting behind {position:,} other job{'s' if position > 1 else ''}"
        )
    if job.state == State.RUNNING:
        return PHASES.get((job.progress or {}).get("phase", ""), "Starting the engine")
    return {State.CANCELLING: "Cancelling…"}.get(State(job.state), STATES[State(job.state)].capitalize())


def announcement(job: Job) -> str:
    """What screen readers are told: the state, and each tenth of the way."""
    tenth = int(10 * (job.progress or {}).get("fraction", 0)) * 10
    said = f", {tenth}%" if job.state == State.RUNNING and tenth else ""
    return f"Dataset {job.name} is {STATES[State(job.state)]}{said}"


def told(events: list[JobEvent]) -> list[dict[str, Any]]:
    """What happened, in words, oldest first."""
    return [{"when": f"{clock(event.at)} UTC", **_told(event)} for event in events]


def _told(event: JobEvent) -> dict[str, str]:
    before, after = event.before, State(event.after)
    reason = event.reason or ""
    if after is State.QUEUED:
        if before is None:
            return {"title": "Submitted", "text": "", "tone": "quiet"}
        again = (
            "Stopped in order; it goes on at the next start"
            if reason == "SHUTDOWN"
            else f"Interrupted: {reason}. Tried again"
        )
        return {"title": "Back in the queue", "text": again, "tone": "warn"}
    if after is State.RUNNING:
        nth = f"attempt {event.attempt}" if event.attempt > 1 else ""
        return {"title": "Started", "text": nth and f"{nth}; finished parts are kept", "tone": "info"}
    title, tone = ENDINGS[after]
    return {"title": title, "text": reason if after is State.FAILED else "", "tone": tone}


def facts(job: Job, version: str) -> list[dict[str, Any]]:
    """What identifies the job and its dataset."""
    output = job.config["output"]
    rows: list[dict[str, Any]] = [
        {"label": "Households", "value": job.households},
        {"label": "Seed", "value": str(output["seed"]), "note": "the same seed and settings give the same rows"},
        {"label": "Configuration", "value": job.config_hash[:16], "note": "SHA-256 of everything that decides a row"},
        {"label": "Mode", "value": output["mode"]},
        {"label": "Target", "value": job.target},
        {"label": "Attempts", "value": job.attempt},
        {"label": "Submitted", "value": moment(job.created_at)},
        {"label": "Job", "value": job.id},
        {"label": "Generator", "value": (job.manifest or {}).get("generator", version)},
    ]
    return rows + ([{"label": "Request", "value": job.request_id}] if job.request_id else [])


def is_over(job: Job) -> bool:
    """Whether the job has ended."""
    return job.state in ENDED
