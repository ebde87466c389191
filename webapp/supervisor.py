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
from typing import Any, NoReturn, TypeVar

import sqlalchemy as sa

from webapp import failpoint
from webapp.backends.base import Fault, Missing, Order, Sight, Work
from webapp.lifecycle import State
from webapp.logs import log, log_failure, set_up
from webapp.processes import end_all, identity, supervisors_of, this_host
from webapp.services import Services, services_of
from webapp.settings import Settings
from webapp.store.database import AWAY
from webapp.store.models import Job

T = TypeVar("T")

LOOK_SECONDS = 0.2
SAFE_SHARE = 0.8
"""Of the lease: who could not renew it for so long stops, before another can have the job."""

DONE, FENCED, CUT_OFF, NO_JOB = 0, 76, 77, 78
"""Exit codes: the job moved on; another attempt has it; the database was away for too long; there is no such job."""


class CutOff(Exception):
    """The lease could not be renewed for so long that the job may soon be another's."""


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
    ending: Any = field(default_factory=threading.RLock)
    """Taken for good by the thread that ends this attempt."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set when there is nothing left to renew the lease for."""

    def __post_init__(self) -> None:
        self.me = f"{supervisors_of(this_host())}{os.getpid()}"
        self.jobs = self.services.store.jobs
        self.settings = self.services.settings

    def run(self) -> int:
        """Sees the attempt through and returns the exit code."""
        try:
            return self._attempt()
        except CutOff:
            log("cut_off", job_id=self.job.id, attempt=self.job.attempt)
            return self._stopped(CUT_OFF)
        finally:
            self.over.set()

    def _attempt(self) -> int:
        end_all(self.job.processes)
        failpoint.reached("before_first_beat", self.job.attempt)
        state = self._insist(self._report)
        if state is not State.RUNNING:
            return FENCED if state is None else self._insist(self._give_way)
        threading.Thread(target=self._beats, name="beats", daemon=True).start()
        try:
            self.work = self.services.backend.start(order_of(self.services, self.job))
        except Exception as error:
            return self._conclude(Sight("failed", fault=_start_failed(error)))
        failpoint.reached("before_report", self.job.attempt)
        if self._insist(self._report) is None:
            return self._stopped(FENCED)
        return self._conclude(self._watch())

    def _report(self) -> State | None:
        """A beat that tells where the work is."""
        mine = {"host": this_host(), "attempt": self.job.attempt, "supervisor": identity(os.getpid())}
        return self._beat({"processes": {**mine, **(self.work.reference if self.work else {})}})

    def _stopped(self, code: int) -> int:
        self.ending.acquire()
        self._leave_work()
        return code

    def _stop_work(self) -> None:
        if self.work is not None:
            self.work.stop()

    def _leave_work(self) -> None:
        if self.work is not None:
            self.work.leave()

    # --- the lease ------------------------------------------------------------------------------------------------------

    def _beat(self, seen: dict[str, Any]) -> State | None:
        asked = time.monotonic()
        state = self.jobs.beat(self.job.id, self.job.attempt, holder=self.me, **seen)
        self.beaten = asked
        return state

    def _is_cut_off(self) -> bool:
        return time.monotonic() - self.beaten > SAFE_SHARE * self.settings.lease_seconds

    def _beats(self) -> None:
        """Renews the lease until the job is somebody else's, is to be cancelled, or the database is gone too long."""
        while not self.over.wait(self.settings.beat_seconds):
            try:
                state = self._beat({"progress": self.progress} if self.progress else {})
            except sa.exc.SQLAlchemyError as error:
                log("beat_failed", job_id=self.job.id, attempt=self.job.attempt, error=type(error).__name__)
                if self._is_cut_off():
                    return self._leave(CUT_OFF)
                continue
            if state is not State.RUNNING:
                return self._leave(FENCED if state is None else DONE)
            self._beat_work()

    def _beat_work(self) -> None:
        try:
            if self.work is not None:
                self.work.beat()
        except OSError as error:
            # A full disk, say: the work meets it too and tells why; without its supervisor it could not.
            log("work_not_beaten", job_id=self.job.id, attempt=self.job.attempt, error=error.strerror)

    def _leave(self, code: int) -> None:
        """Stops the work and ends this process, unless another thread is at it; a cancelled job is then cancelled."""
        if self.ending.acquire(blocking=False):
            end = self._stop_work if code == DONE else self._leave_work
            self._exit(code, end, lambda: self.jobs.cancelled(self.job, self.me, "the work was stopped"))

    def _exit(self, code: int, end: Callable[[], None], write: Callable[[], Any]) -> NoReturn:
        """Ends this process whatever its other threads are doing; `write` moves the job on, if it is still this attempt's."""
        try:
            end()
            if code == DONE:
                self._insist(write)
            log("supervisor_left", job_id=self.job.id, attempt=self.job.attempt, code=code)
        except Exception:
            log_failure("supervisor_left_in_trouble", job_id=self.job.id, attempt=self.job.attempt)
        finally:
            os._exit(code)

    # --- the work -------------------------------------------------------------------------------------------------------

    def _watch(self) -> Sight:
        assert self.work is not None
        while True:
            sight = self.work.look()
            self.progress = dict(sight.progress) if sight.progress else self.progress
            if sight.state not in ("running", "unknown"):
                return sight
            if self._is_cut_off():
                # The beating thread may be waiting for the database for longer than the lease lasts.
                raise CutOff
            time.sleep(LOOK_SECONDS)

    def _conclude(self, sight: Sight) -> int:
        self.ending.acquire()
        self._stop_work()
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
        except (Missing, OSError, ValueError) as error:
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
        try:
            publish(self.services, moved)
        except (Missing, OSError) as error:
            log("publish_failed", job_id=self.job.id, error=type(error).__name__, remedy="a dispatcher tries again")
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

    def _insist(self, write: Callable[[], T]) -> T:
        """Tries a write again while the database is away; raises `CutOff` once the lease may be another's."""
        while True:
            try:
                return write()
            except AWAY as error:
                log("write_failed", job_id=self.job.id, attempt=self.job.attempt, error=type(error).__name__)
                if self._is_cut_off():
                    raise CutOff from error
                time.sleep(LOOK_SECONDS)

    def shut_down(self, _signal: int, _frame: FrameType | None) -> None:
        """An orderly shutdown: the work stops where it is and the job goes back to the queue."""
        threading.Thread(target=self._shut_down, name="shutdown", daemon=True).start()

    def _shut_down(self) -> None:
        if self.ending.acquire(blocking=False):
            self._exit(DONE, self._leave_work, lambda: self.jobs.release(self.job, self.me))


def _start_failed(error: Exception) -> Fault:
    return Fault("START_FAILED", f"{type(error).__name__}: {error}", may_pass=True)


def main(arguments: list[str]) -> int:
    """Runs one attempt."""
    settings = Settings.from_environment()
    set_up(settings.log_level)
    services = services_of(settings)
    try:
        job = services.store.jobs.get(arguments[0])
    except AWAY as error:
        log("job_not_read", job_id=arguments[0], error=type(error).__name__)
        return CUT_OFF
    if job is None or job.attempt != int(arguments[1]):
        return NO_JOB if job is None else FENCED
    supervisor = Supervisor(services, job)
    signal.signal(signal.SIGTERM, supervisor.shut_down)
    code = supervisor.run()
    log("supervisor_ended", job_id=job.id, attempt=job.attempt, code=code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
