"""The loop that starts supervisors and looks after jobs that nobody looks after. Any number may run, anywhere.

    python -m webapp.dispatcher

Every web process runs one in a thread. While nothing is going on it sleeps longer and longer, so that a database that
scales to zero can.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from webapp import failpoint
from webapp.backends.base import Missing
from webapp.lifecycle import State
from webapp.logs import log, log_failure, set_up
from webapp.processes import any_alive, end_all, has_supervisor, is_alive, this_host
from webapp.services import Services, services_of
from webapp.settings import Settings
from webapp.store.jobs import Capacity
from webapp.store.models import Job
from webapp.supervisor import publish

BUSY_SECONDS, IDLE_SECONDS = 0.25, 30.0
TROUBLE_SECONDS = 5.0
"""The longest pause after something failed: somebody may be waiting for a cancel."""

END_SECONDS = 5.0
"""How long an orderly shutdown waits for its supervisors; a platform kills what is left soon after."""


@dataclass
class Patience:
    """How long things have stayed as they are, as this process saw them, by a clock that nobody sets. What nobody asks about
    between two turns is forgotten.
    """

    seen: dict[tuple[str, str], tuple[Any, float]] = field(default_factory=dict)
    before: dict[tuple[str, str], tuple[Any, float]] = field(default_factory=dict)

    def turn(self) -> None:
        """A new look at everything begins."""
        self.before, self.seen = self.seen, {}

    def seconds(self, what: str, job: Job, mark: Any) -> float:
        """How long a job has had this mark; 0 for one that is new or has changed."""
        now = time.monotonic()
        known = self.before.get((what, job.id))
        since = known[1] if known is not None and known[0] == mark else now
        self.seen[what, job.id] = (mark, since)
        return now - since


@dataclass
class Dispatcher:
    """One loop."""

    services: Services
    children: dict[str, tuple[subprocess.Popen[bytes], Job]] = field(default_factory=dict)
    awake: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    patience: Patience = field(default_factory=Patience)
    troubles: dict[str, float] = field(default_factory=dict)
    """When a job that could not be published is tried again."""

    def __post_init__(self) -> None:
        self.host = this_host()
        self.me = f"dispatcher:{self.host}:{os.getpid()}"
        self.jobs = self.services.store.jobs
        self.settings = self.services.settings

    def kick(self) -> None:
        """There is something to do."""
        self.awake.set()

    def run(self) -> None:
        """Ticks until stopped; a failing tick is logged and tried again."""
        pause = BUSY_SECONDS
        while not self.stopping.is_set():
            self.awake.clear()
            try:
                pause = BUSY_SECONDS if self.tick() else min(pause * 2, IDLE_SECONDS)
            except sa.exc.SQLAlchemyError as error:
                log("dispatcher_cannot_reach_store", error=type(error).__name__)
                pause = min(pause * 2, TROUBLE_SECONDS)
            except Exception:
                log_failure("dispatcher_tick_failed")
                pause = min(pause * 2, TROUBLE_SECONDS)
            if self.awake.wait(pause):
                pause = BUSY_SECONDS

    def stop(self) -> None:
        """Ends the loop; supervisors go on."""
        self.stopping.set()
        self.awake.set()

    def tick(self) -> bool:
        """Does everything there is to do now, and says whether anything is going on."""
        self.patience.turn()
        held = self.jobs.held()
        self._mourn(held)
        self._cancel_late(held)
        self._reap(held)
        self._clear_away()
        self._publish()
        while self._claim():
            pass
        return bool(self.children) or bool(self.jobs.any_unsettled(self.host))

    def _mourn(self, held: list[Job]) -> None:
        """Supervisors that ended without moving their job on have lost it."""
        for job_id, (child, job) in list(self.children.items()):
            if child.poll() is not None:
                self.jobs.lose(job, self.me, f"the supervisor ended ({child.returncode})")
                del self.children[job_id]
        for job in held:
            processes = job.processes or {}
            reported = processes.get("attempt") == job.attempt and processes.get("host") == self.host
            if job.id not in self.children and reported and not has_supervisor(processes):
                self.jobs.lose(job, self.me, "the supervisor is gone")

    def _cancel_late(self, held: list[Job]) -> None:
        """A cancel is carried out whether or not the supervisor answers; fencing makes that safe."""
        limit = self.settings.cancel_seconds
        late = {job.id: job for job in self.jobs.cancelling_for(limit)}
        for job in held:
            if job.state == State.CANCELLING and self.patience.seconds("cancel", job, job.attempt) > limit:
                late[job.id] = job
        for job in late.values():
            end_all(job.processes)
            self._cancel_elsewhere(job)
            self.jobs.cancelled(job, self.me, "the supervisor did not answer in time")

    def _cancel_elsewhere(self, job: Job) -> None:
        """Work that outlives its supervisor is cancelled; if that fails it makes what nobody publishes."""
        try:
            self.services.backend.cancel(job.processes or {})
        except Exception:
            log_failure("cancel_failed", job_id=job.id)

    def _reap(self, held: list[Job]) -> None:
        """Jobs whose lease has run out are lost: by the database's clock, or because it was not renewed for so long while
        this process looked on. The second needs no clock that could be set, and SQLite has no other.
        """
        for job in self.jobs.silent():
            self.jobs.lose(job, self.me, "the lease ran out", self.jobs.lease_is_out())
        for job in held:
            if self.patience.seconds("lease", job, (job.attempt, job.lease_until)) > self.settings.lease_seconds:
                self.jobs.lose(job, self.me, "the lease was not renewed", self.jobs.not_renewed(job))

    def _clear_away(self) -> None:
        """What ended jobs left running on this host is ended."""
        for job in self.jobs.left_on(self.host):
            if job.state == State.SUCCEEDED and job.published_at is None:
                continue
            end_all(job.processes)
            if not any_alive(job.processes):
                self.jobs.gone(job)

    def _publish(self) -> None:
        """The manifest of a job that succeeded goes where readers look, if its supervisor died or stopped before it did
        that. One job's trouble is nobody else's.
        """
        for job in self.jobs.unpublished(self.host):
            waited = self.patience.seconds("publish", job, job.attempt)
            is_at_it = has_supervisor(job.processes) and waited < self.settings.lease_seconds
            if is_at_it or time.monotonic() < self.troubles.get(job.id, 0.0):
                continue
            end_all(job.processes)
            try:
                publish(self.services, job)
            except Missing as error:
                # Nobody can publish it any more: the target is given free, and the result says that it is missing.
                log("publish_impossible", job_id=job.id, error=str(error))
                self.jobs.published(job.id)
            except sa.exc.SQLAlchemyError:
                raise
            except Exception:
                log_failure("publish_failed", job_id=job.id)
                self.troubles[job.id] = time.monotonic() + TROUBLE_SECONDS

    def _claim(self) -> bool:
        capacity = Capacity(self.host, self.settings.slots, self.settings.user_active_limit)
        job = self.jobs.claim(self.me, capacity) if self.jobs.any_waiting() else None
        if job is None:
            return False
        failpoint.reached("after_claim", job.attempt)
        log("job_claimed", job_id=job.id, attempt=job.attempt)
        try:
            self.children[job.id] = (self._spawn(job), job)
        except OSError as error:
            # Nothing else could be started either: the next tick tries again, and the job's attempts are counted.
            self.jobs.lose(job, self.me, f"SPAWN_FAILED: the supervisor could not be started ({error.strerror})")
            return False
        return True

    def _spawn(self, job: Job) -> subprocess.Popen[bytes]:
        # A session of its own: what ends this process, from the terminal or from gunicorn, does not end the job.
        command = [sys.executable, "-m", "webapp.supervisor", job.id, str(job.attempt)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def release_host(services: Services) -> None:
    """An orderly shutdown of this host: every supervisor gives its job back and ends, before this call returns if it can."""
    held = [job for job in services.store.jobs.held() if has_supervisor(job.processes)]
    supervisors = [(job.processes or {})["supervisor"] for job in held]
    for supervisor in supervisors:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(supervisor["pid"]), signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    while any(map(is_alive, supervisors)) and time.monotonic() < deadline:
        time.sleep(0.05)


def main() -> int:
    """Runs one loop until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    set_up(settings.log_level)
    dispatcher = Dispatcher(services_of(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: dispatcher.stop())
    dispatcher.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
