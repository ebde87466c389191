"""One process a running job: it holds the lease, starts and watches the work, and alone publishes what was made.

    python -m webapp.supervisor JOB ATTEMPT

The web processes may come and go. Every write names the attempt, so a supervisor that was frozen and wakes up after its job
was given to another can neither report nor publish anything.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NoReturn

import sqlalchemy as sa

from webapp import failpoint
from webapp.backends.base import Missing, Order, Sight, Work
from webapp.lifecycle import State
from webapp.logs import log, set_up
from webapp.processes import end_all, identity, this_host
from webapp.services import Services, services_of
from webapp.settings import Settings
from webapp.store.models import Job

LOOK_SECONDS = 0.2
DONE, FENCED, CUT_OFF, NO_JOB = 0, 76, 77, 78
"""Exit codes: the job moved on; another attempt has it; the database was away for too long; there is no such job."""


def order_of(services: Services, job: Job) -> Order:
    """What a backend needs to know about a job's attempt."""
    return Order(job.id, job.attempt, job.config, services.settings.runs_dir / job.id)


def publish(services: Services, job: Job) -> None:
    """Lets readers see what a succeeded job made. Doing it again changes nothing; whoever finds it undone does it."""
    services.backend.publish(order_of(services, job), str(job.manifest_hash))
    services.store.jobs.published(job.id)


@dataclass
class Supervisor:
    """One attempt at one job."""

    services: Services
    job: Job
    work: Work | None = None
    progress: dict[str, Any] | None = None
    beaten: float = field(default_factory=time.monotonic)
    ending: threading.Lock = field(default_factory=threading.Lock)
    """Held by the thread that ends this process."""

    def __post_init__(self) -> None:
        self.me = f"supervisor:{this_host()}:{os.getpid()}"
        self.jobs = self.services.store.jobs
        self.settings = self.services.settings

    def run(self) -> int:
        """Sees the attempt through and returns the exit code."""
        end_all(self.job.processes)
        failpoint.reached("before_first_beat", self.job.attempt)
        if self._beat({"processes": self._processes()}) is None:
            return FENCED
        threading.Thread(target=self._beats, name="beats", daemon=True).start()
        try:
            self.work = self.services.backend.start(order_of(self.services, self.job))
        except Exception as error:
            reason = f"START_FAILED: {type(error).__name__}: {error}"
            return self._insist(lambda: self._lost(reason))
        self._insist(lambda: self._beat({"processes": self._processes()}))
        return self._conclude(self._watch())

    def _processes(self) -> dict[str, Any]:
        mine = {"host": this_host(), "attempt": self.job.attempt, "supervisor": identity(os.getpid())}
        return {**mine, **(self.work.reference if self.work else {})}

    # --- the lease ------------------------------------------------------------------------------------------------------

    def _beat(self, seen: dict[str, Any]) -> State | None:
        state = self.jobs.beat(self.job.id, self.job.attempt, holder=self.me, **seen)
        self.beaten = time.monotonic()
        return state

    def _beats(self) -> None:
        """Renews the lease until the job is somebody else's, is to be cancelled, or the database is gone too long."""
        while True:
            time.sleep(self.settings.beat_seconds)
            try:
                state = self._beat({"progress": self.progress} if self.progress else {})
            except sa.exc.SQLAlchemyError as error:
                log("beat_failed", job_id=self.job.id, attempt=self.job.attempt, error=type(error).__name__)
                if time.monotonic() - self.beaten > 0.8 * self.settings.lease_seconds:
                    self._leave(CUT_OFF)
                continue
            if state is None:
                self._leave(FENCED)
            if state is State.CANCELLING:
                self._leave(DONE)
            if self.work is not None:
                self.work.beat()

    def _leave(self, code: int) -> NoReturn:
        """Stops the work and ends this process, whatever the other thread is doing; a cancelled job is then cancelled."""
        self.ending.acquire()
        if self.work is not None:
            self.work.stop()
        if code == DONE:
            self._insist(lambda: self.jobs.cancelled(self.job, self.me, "the work was stopped"))
        log("supervisor_left", job_id=self.job.id, attempt=self.job.attempt, code=code)
        os._exit(code)

    # --- the work -------------------------------------------------------------------------------------------------------

    def _watch(self) -> Sight:
        assert self.work is not None
        while True:
            sight = self.work.look()
            self.progress = dict(sight.progress) if sight.progress else self.progress
            if sight.state not in ("running", "unknown"):
                return sight
            time.sleep(LOOK_SECONDS)

    def _conclude(self, sight: Sight) -> int:
        with self.ending:
            if sight.state == "finished":
                return self._insist(self._succeed)
            if sight.fault is not None and not sight.fault.may_pass:
                fault = sight.fault
                return self._insist(lambda: self._failed(fault.code, fault.message))
            reason = f"{sight.fault.code}: {sight.fault.message}" if sight.fault else "LOST"
            return self._insist(lambda: self._lost(reason))

    def _succeed(self) -> int:
        try:
            made = self.services.backend.product(order_of(self.services, self.job))
        except Missing as error:
            return self._lost(f"MISSING: {error}")
        failpoint.reached("before_publish", self.job.attempt)
        rows = sum(int(table["rows"]) for table in made.manifest["tables"].values())
        values = {"manifest": dict(made.manifest), "certificate": dict(made.certificate), "rows": rows}
        values |= {"manifest_hash": made.manifest_hash}
        values |= (
            {"progress": {**self.progress, "phase": "done", "fraction": 1.0, "eta_seconds": 0.0}}
            if self.progress
            else {}
        )
        moved = self.jobs.succeed(self.job, self.me, values) or self._mine(State.SUCCEEDED)
        failpoint.reached("after_publish", self.job.attempt)
        if moved is None:
            return self._give_way()
        publish(self.services, moved)
        return DONE

    def _failed(self, code: str, message: str) -> int:
        return DONE if self.jobs.fail(self.job, self.me, code, message) else self._give_way()

    def _lost(self, reason: str) -> int:
        return DONE if self.jobs.lose(self.job, self.me, reason) else self._give_way()

    def _mine(self, state: State) -> Job | None:
        """The job if this attempt brought it to a state: a commit whose answer got lost has been made."""
        job = self.jobs.get(self.job.id)
        return job if job and job.state == state and job.attempt == self.job.attempt else None

    def _give_way(self) -> int:
        """The state changed under our hands: a cancel is carried out, anything else is somebody else's business."""
        return DONE if self.jobs.cancelled(self.job, self.me, "the work had ended") or self._ended() else FENCED

    def _ended(self) -> bool:
        job = self.jobs.get(self.job.id)
        return job is not None and job.attempt == self.job.attempt and job.finished_at is not None

    def _insist(self, write: Callable[[], Any]) -> Any:
        """Tries a write again while the database is away; once the lease may be another's it is given up."""
        while True:
            try:
                return write()
            except sa.exc.OperationalError as error:
                log("write_failed", job_id=self.job.id, attempt=self.job.attempt, error=type(error).__name__)
                if time.monotonic() - self.beaten > 0.8 * self.settings.lease_seconds:
                    return CUT_OFF
                time.sleep(LOOK_SECONDS)

    def shut_down(self, _signal: int, _frame: FrameType | None) -> None:
        """An orderly shutdown: the work stops where it is and the job goes back to the queue."""
        threading.Thread(target=self._shut_down, name="shutdown").start()

    def _shut_down(self) -> None:
        self.ending.acquire()
        if self.work is not None:
            self.work.stop()
        self._insist(lambda: self.jobs.release(self.job, self.me))
        os._exit(DONE)


def main(arguments: list[str]) -> int:
    """Runs one attempt."""
    settings = Settings.from_environment()
    set_up(settings.log_level)
    services = services_of(settings)
    job = services.store.jobs.get(arguments[0])
    if job is None or job.attempt != int(arguments[1]):
        return NO_JOB if job is None else FENCED
    supervisor = Supervisor(services, job)
    signal.signal(signal.SIGTERM, supervisor.shut_down)
    code = supervisor.run()
    log("supervisor_ended", job_id=job.id, attempt=job.attempt, code=code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
