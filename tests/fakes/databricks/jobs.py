"""Jobs and their runs: who may start what, idempotency tokens, queues. How a run is carried out is in `job_runs`."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.databricks.principals import Principal
from tests.fakes.databricks.wire import ApiError, now_ms

MAX_TOKEN = 64
MAX_PARAMETER_BYTES = 10_000
OVER = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")


@dataclass(frozen=True)
class Outcome:
    """How an attempt or a run ended, in the old words (life cycle, result) and the new ones (code, type)."""

    result: str | None
    code: str
    type: str
    message: str = ""
    life_cycle: str = "TERMINATED"
    error: str | None = None
    trace: str | None = None

    @property
    def ok(self) -> bool:
        """Whether all went well."""
        return self.result == "SUCCESS"


SUCCESS = Outcome("SUCCESS", "SUCCESS", "SUCCESS")
CANCELED = Outcome("CANCELED", "USER_CANCELED", "SUCCESS", "Run cancelled.")
SKIPPED = Outcome(
    "MAXIMUM_CONCURRENT_RUNS_REACHED",
    "MAX_CONCURRENT_RUNS_EXCEEDED",
    "CLIENT_ERROR",
    "The run was skipped because the maximum number of concurrent runs was reached.",
    "SKIPPED",
)
INTERNAL_ERROR = Outcome(
    "FAILED", "INTERNAL_ERROR", "INTERNAL_ERROR", "Internal error, please retry.", "INTERNAL_ERROR"
)


@dataclass
class Job:
    """A saved job. `managers` may start and cancel its runs, as its owner may."""

    job_id: int
    settings: dict[str, Any]
    creator: str
    run_as: str
    managers: set[str] = field(default_factory=set)
    created: int = field(default_factory=now_ms)


@dataclass
class Attempt:
    """One try at a task, with a run id of its own."""

    run_id: int
    task: dict[str, Any]
    number: int
    life_cycle: str = "PENDING"
    outcome: Outcome | None = None
    logs: Callable[[], str] = str
    start: int = field(default_factory=now_ms)
    end: int = 0


@dataclass
class Run:
    """A run of a job, or a one-time run (without a job)."""

    run_id: int
    job: Job
    number: int
    creator: str
    parameters: dict[str, str]
    saved: bool = True
    life_cycle: str = "PENDING"
    outcome: Outcome | None = None
    attempts: list[Attempt] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    start: int = field(default_factory=now_ms)
    end: int = 0

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.life_cycle not in OVER

    def latest(self) -> list[Attempt]:
        """The last attempt at each task."""
        return list({attempt.task["task_key"]: attempt for attempt in self.attempts}.values())

    def finish(self, outcome: Outcome) -> None:
        """Afterwards the run is over."""
        self.outcome, self.end, self.life_cycle = outcome, now_ms(), outcome.life_cycle
        self.over.set()


class Jobs:
    """All jobs and runs of the workspace; `launch` carries a run out and returns at once."""

    def __init__(self, launch: Callable[[Run], None]) -> None:
        self.lock = threading.RLock()
        self._launch = launch
        self._numbers = itertools.count(secrets.randbelow(10**9) + 10**11)
        self._jobs: dict[int, Job] = {}
        self._runs: dict[int, Run] = {}
        self._tokens: dict[str, int] = {}

    def new_id(self) -> int:
        """A number no job and no run has."""
        return next(self._numbers)

    def create(self, settings: dict[str, Any], creator: str, run_as: str | None = None) -> Job:
        """A saved job."""
        as_ = settings.get("run_as", {})
        principal = run_as or as_.get("service_principal_name") or as_.get("user_name") or creator
        if run_as:
            settings = {**settings, "run_as": {"user_name" if "@" in run_as else "service_principal_name": run_as}}
        with self.lock:
            job = Job(self.new_id(), settings, creator, principal)
            self._jobs[job.job_id] = job
            return job

    def job(self, job_id: int) -> Job:
        """The job, or the API's error."""
        if job_id not in self._jobs:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Job {job_id} does not exist.")
        return self._jobs[job_id]

    def all_jobs(self, name: str | None = None) -> list[Job]:
        """Saved jobs, the newest first."""
        found = [job for job in self._jobs.values() if name in (None, job.settings.get("name"))]
        return sorted(found, key=lambda job: -job.job_id)

    def start(self, job: Job, creator: Principal, body: dict[str, Any], fate: Outcome | None = None) -> Run:
        """The run a request asks for: the one its token has started before, or a new one."""
        token = body.get("idempotency_token")
        with self.lock:
            if token is not None and (known := self._by_token(token)) is not None:
                return known
            run = self._accepted(job, creator, body)
            if token is not None:
                self._tokens[token] = run.run_id
            self._dispatch(run, fate, body.get("queue") or job.settings.get("queue") or {})
            return run

    def _by_token(self, token: str) -> Run | None:
        if len(token) > MAX_TOKEN:
            says = f"The idempotency token must have at most {MAX_TOKEN} characters."
            raise ApiError(400, "INVALID_PARAMETER_VALUE", says)
        if token not in self._tokens:
            return None
        if self._tokens[token] not in self._runs:
            says = f"The run with idempotency token {token} has been deleted."
            raise ApiError(400, "INVALID_PARAMETER_VALUE", says)
        return self._runs[self._tokens[token]]

    def token_known(self, token: str) -> bool:
        """Whether a token has started a run before."""
        return token in self._tokens

    def _accepted(self, job: Job, creator: Principal, body: dict[str, Any]) -> Run:
        number = 1 + sum(run.job is job for run in self._runs.values())
        run = Run(self.new_id(), job, number, creator.name, _parameters(job, body), job.job_id in self._jobs)
        self._runs[run.run_id] = run
        return run

    def _dispatch(self, run: Run, fate: Outcome | None, queue: dict[str, Any]) -> None:
        others = [r for r in self._runs.values() if r.job is run.job and r.active and r is not run]
        if fate is not None:
            run.finish(fate)
        elif run.saved and len(others) >= int(run.job.settings.get("max_concurrent_runs", 1)):
            if queue.get("enabled", False):
                run.life_cycle = "QUEUED"
            else:
                run.finish(SKIPPED)
        else:
            self._launch(run)

    def ended(self, run: Run) -> None:
        """A run has ended: the next in the queue begins."""
        with self.lock:
            waiting = [r for r in self._runs.values() if r.job is run.job and r.life_cycle == "QUEUED"]
            if waiting:
                waiting[0].life_cycle = "PENDING"
                self._launch(waiting[0])

    def run(self, run_id: int) -> tuple[Run, Attempt | None]:
        """The run with that id, and the attempt if the id is an attempt's."""
        with self.lock:
            if run_id in self._runs:
                return self._runs[run_id], None
            for run in self._runs.values():
                for attempt in run.attempts:
                    if attempt.run_id == run_id:
                        return run, attempt
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Run {run_id} does not exist.")

    def runs(self, job_id: int | None = None) -> Iterator[Run]:
        """Runs, the newest first."""
        with self.lock:
            found = [run for run in self._runs.values() if job_id in (None, run.job.job_id)]
        yield from sorted(found, key=lambda run: -run.run_id)

    def cancel(self, run: Run) -> None:
        """Asks a run to end. It may go on for a while; one that waits in the queue ends at once."""
        run.cancelled.set()
        if run.life_cycle == "QUEUED":
            run.finish(CANCELED)

    def delete(self, run_id: int) -> None:
        """Afterwards the run is not known, and its token is spent."""
        run, _ = self.run(run_id)
        if run.active:
            raise ApiError(400, "INVALID_STATE", f"Cannot delete active run {run_id}.")
        self.forget(run.run_id)

    def forget(self, run_id: int) -> None:
        """The platform keeps runs for 60 days; afterwards this one is not known."""
        with self.lock:
            self._runs.pop(run_id, None)

    def close(self) -> None:
        """Ends all runs and waits for them."""
        for run in list(self.runs()):
            if run.active:
                self.cancel(run)
        for run in list(self.runs()):
            run.over.wait(10)


def _parameters(job: Job, body: dict[str, Any]) -> dict[str, str]:
    known = {p["name"]: p["default"] for p in job.settings.get("parameters", [])}
    given = body.get("job_parameters") or {}
    wrong = [name for name, value in given.items() if not isinstance(value, str)]
    if wrong:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Job parameter {wrong[0]} must be a string.")
    if sum(len(k) + len(v) for k, v in given.items()) > MAX_PARAMETER_BYTES:
        says = f"Job parameters exceed the limit of {MAX_PARAMETER_BYTES} bytes."
        raise ApiError(400, "INVALID_PARAMETER_VALUE", says)
    return {**known, **given}
