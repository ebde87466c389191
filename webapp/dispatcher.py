"""The loop that starts supervisors and looks after jobs that nobody looks after. Any number may run, anywhere.

    python -m webapp.dispatcher

Every web process runs one in a thread. While nothing is going on it sleeps longer and longer, so that a database that
scales to zero can.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field

import sqlalchemy as sa

from webapp import failpoint
from webapp.backends.base import Missing
from webapp.lifecycle import State
from webapp.logs import log, log_failure, set_up
from webapp.processes import any_alive, end_all, has_supervisor, this_host
from webapp.services import Services, services_of
from webapp.settings import Settings
from webapp.store.jobs import Capacity
from webapp.store.models import Job
from webapp.supervisor import publish

BUSY_SECONDS, IDLE_SECONDS = 0.25, 30.0
STRANDED_SECONDS = 60.0
"""After this a dispatcher elsewhere tries to publish for a host that does not."""


@dataclass
class Dispatcher:
    """One loop."""

    services: Services
    children: dict[str, tuple[subprocess.Popen[bytes], Job]] = field(default_factory=dict)
    awake: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)

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
                pause = min(max(pause, 1.0) * 2, IDLE_SECONDS)
            except Exception:
                log_failure("dispatcher_tick_failed")
                pause = min(max(pause, 1.0) * 2, IDLE_SECONDS)
            if self.awake.wait(pause):
                pause = BUSY_SECONDS

    def stop(self) -> None:
        """Ends the loop; supervisors go on."""
        self.stopping.set()
        self.awake.set()

    def tick(self) -> bool:
        """Does everything there is to do now, and says whether anything is going on."""
        self._mourn()
        self._cancel_late()
        self._reap()
        self._clear_away()
        self._publish()
        while self._claim():
            pass
        return bool(self.children) or bool(self.jobs.any_unsettled(self.host))

    def _mourn(self) -> None:
        """Supervisors that ended without moving their job on have lost it."""
        for job_id, (child, job) in list(self.children.items()):
            if child.poll() is not None:
                del self.children[job_id]
                self.jobs.lose(job, self.me, f"the supervisor ended ({child.returncode})")
        for job in self.jobs.held_on(self.host):
            processes = job.processes or {}
            reported = processes.get("attempt") == job.attempt and processes.get("host") == self.host
            if job.id not in self.children and reported and not has_supervisor(processes):
                self.jobs.lose(job, self.me, "the supervisor is gone")

    def _cancel_late(self) -> None:
        """A cancel is carried out whether or not the supervisor answers; fencing makes that safe."""
        for job in self.jobs.cancelling_for(self.settings.cancel_seconds):
            end_all(job.processes)
            self.jobs.cancelled(job, self.me, "the supervisor did not answer in time")

    def _reap(self) -> None:
        for job in self.jobs.silent():
            self.jobs.lose(job, self.me, "the lease ran out", self.jobs.lease_is_out())

    def _clear_away(self) -> None:
        """What ended jobs left running on this host is ended."""
        for job in self.jobs.left_on(self.host):
            if job.state == State.SUCCEEDED and job.published_at is None:
                continue
            end_all(job.processes)
            if not any_alive(job.processes):
                self.jobs.gone(job)

    def _publish(self) -> None:
        """The manifest of a job that succeeded goes where readers look, if its supervisor died before it did that."""
        for job in self.jobs.unpublished(self.host, STRANDED_SECONDS):
            if job.id in self.children or has_supervisor(job.processes):
                continue
            try:
                publish(self.services, job)
            except Missing as error:
                # Nobody can publish it any more: the target is given free, and the result says that it is missing.
                log("publish_impossible", job_id=job.id, error=str(error))
                self.jobs.published(job.id)
            except OSError as error:
                log("publish_failed", job_id=job.id, error=error.strerror)

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
            self.jobs.lose(job, self.me, f"SPAWN_FAILED: the supervisor could not be started ({error.strerror})")
        return True

    def _spawn(self, job: Job) -> subprocess.Popen[bytes]:
        # A session of its own: what ends this process, from the terminal or from gunicorn, does not end the job.
        command = [sys.executable, "-m", "webapp.supervisor", job.id, str(job.attempt)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def release_host(services: Services) -> None:
    """An orderly shutdown of this host: every supervisor gives its job back and ends."""
    for job in services.store.jobs.held_on(this_host()):
        supervisor = (job.processes or {}).get("supervisor")
        if supervisor and has_supervisor(job.processes):
            os.kill(int(supervisor["pid"]), signal.SIGTERM)


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
