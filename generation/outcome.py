"""What a run comes to, and how it fails: what the command line has to know before any engine is there."""

from __future__ import annotations

from dataclasses import dataclass

from generation.spec.report import Manifest
from generation.verify.verdict import Verdict


class RunFailed(Exception):
    """A run that began and could not finish; the message says what to do. Finished units are kept."""


class DiskFull(RunFailed):
    """The disk is full."""


class Busy(RunFailed):
    """Another process is at this run directory or target just now."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the manifest, the verdict, and whether there was nothing to do."""

    manifest: Manifest
    verdict: Verdict
    unchanged: bool


@dataclass(frozen=True)
class Job:
    """For whom a run runs: a job of the web app, or nobody. `publishes` is false when whoever supervises the job does."""

    id: str | None = None
    attempt: int | None = None
    publishes: bool = True


class AlreadyServed(Exception):
    """Another server of previews answers on the socket."""
