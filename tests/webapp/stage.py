"""Real dispatchers and supervisors over one database and datasets folder, and what a test does to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from generation.spec.presets import PRESET_BY_NAME
from generation.spec.problems import validated
from tests.webapp.serving import command_of, of_folder, until
from webapp import runner
from webapp.auth import LOCAL, User
from webapp.lifecycle import ENDED
from webapp.processes import is_alive
from webapp.services import Services, services_of
from webapp.settings import Settings
from webapp.store.jobs import Jobs
from webapp.store.models import Job

ELSEWHERE = Path(__file__).parent / "elsewhere"

SHORT = {
    "IDGRAPH_BACKEND": "fake",
    "IDGRAPH_FAKE_STEP_SECONDS": "0.02",
    "IDGRAPH_LEASE_SECONDS": "3",
    "IDGRAPH_BEAT_SECONDS": "0.2",
    "IDGRAPH_CANCEL_SECONDS": "1",
    "IDGRAPH_SLOTS": "4",
    "IDGRAPH_USER_ACTIVE_LIMIT": "8",
    "IDGRAPH_USER_QUEUED_LIMIT": "1000",
}

DATA = {"households": {"count": 100}, "output": {"seed": 42}}
"""What makes a real dataset in a few seconds."""


@dataclass(frozen=True)
class Clock:
    """A wall clock that tests set."""

    file: Path

    def set(self, hours: float) -> None:
        """The clock is wrong by so much from now on, for everybody who goes by it."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(3600 * hours))
        fresh.replace(self.file)


@dataclass
class Stage:
    """A host. Everything that was started on it has ended when the stage closes."""

    folder: Path
    url: str
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.environment = {**SHORT, "DATASETS_DIR": str(self.folder), "DATABASE_URL": self.url, **self.environment}
        self.started: list[subprocess.Popen[bytes]] = []
        self.logbook = self.folder.with_name(f"{self.folder.name}-logs")
        self.logbook.mkdir(exist_ok=True)

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        while left := of_folder(self.folder):
            for process in left:
                process.kill()
            time.sleep(0.02)
        for dispatcher in self.started:
            dispatcher.wait(timeout=10)
        if "services" in vars(self):
            self.services.store.close()

    # --- what runs ------------------------------------------------------------------------------------------------------

    @cached_property
    def services(self) -> Services:
        """The services of this test's own process."""
        return services_of(Settings.from_environment(self.environment))

    @property
    def jobs(self) -> Jobs:
        """The jobs."""
        return self.services.store.jobs

    def dispatcher(self, **environment: str) -> subprocess.Popen[bytes]:
        """A dispatcher. It looks for jobs seldom while there are none: submit before."""
        command = [sys.executable, "-m", "webapp.dispatcher"]
        whole = {**os.environ, **self.environment, **environment}
        with (self.logbook / f"dispatcher-{len(self.started)}.log").open("wb") as log:
            self.started.append(subprocess.Popen(command, env=whole, stdout=log, stderr=log))
        return self.started[-1]

    def elsewhere(self, name: str, **environment: str) -> subprocess.Popen[bytes]:
        """A dispatcher that believes to be on another host, as do the supervisors that it starts."""
        return self.dispatcher(IDGRAPH_TEST_HOST=name, PYTHONPATH=str(ELSEWHERE), **environment)

    def on_time_of(self, clock: Clock) -> subprocess.Popen[bytes]:
        """A dispatcher that goes by a clock of the test's, as do the supervisors that it starts."""
        return self.dispatcher(IDGRAPH_TEST_CLOCK=str(clock.file), PYTHONPATH=str(ELSEWHERE))

    def logs(self) -> str:
        """What every process has said."""
        return "\n".join(path.read_text() for path in sorted(self.logbook.glob("dispatcher-*.log")))

    # --- jobs -----------------------------------------------------------------------------------------------------------

    def submit(self, name: str = "one", user: User = LOCAL, **sections: Mapping[str, Any]) -> Job:
        """A new job, by the way that the web app takes."""
        values = PRESET_BY_NAME["small"].config.model_dump(mode="json")
        for section, changes in sections.items():
            values[section] |= changes
        values["output"] |= {"name": name, "path": None}
        return runner.start(self.services, user, runner.Request(validated(values)))[0]

    def job(self, job: Job) -> Job:
        """The job as it is now."""
        found = self.jobs.get(job.id)
        assert found is not None
        return found

    def moves(self, job: Job) -> list[str]:
        """The states that the job has had."""
        return [event.after for event in self.jobs.events(job.id)]

    def reached(self, job: Job, state: str, seconds: float = 30) -> Job:
        """The job once it is in a state."""
        return self.when(job, lambda now: now.state == state, state, seconds)

    def ended(self, job: Job, seconds: float = 60) -> Job:
        """The job once it has ended, and is published if it succeeded."""
        done = lambda now: now.state in ENDED and (now.state != "succeeded" or now.published_at)  # noqa: E731
        return self.when(job, done, "its end", seconds)

    def when(self, job: Job, holds: Callable[[Job], object], what: str, seconds: float = 30) -> Job:
        """The job once something holds of it."""
        return until(lambda: holds(now := self.job(job)) and now, seconds, f"job {job.name}: {what}\n{self.logs()}")

    # --- processes ------------------------------------------------------------------------------------------------------

    def supervised(self, job: Job, attempt: int = 1, *, by: str = "supervisor") -> psutil.Process:
        """The supervisor, or `by="worker"` the generating process, of an attempt once it has been reported."""

        def found() -> psutil.Process | None:
            known = self.job(job).processes or {}
            return psutil.Process(known[by]["pid"]) if known.get("attempt") == attempt and by in known else None

        return until(found, 30, f"the {by} of attempt {attempt} of {job.name}\n{self.logs()}")

    def running(self) -> list[psutil.Process]:
        """Everything that runs on this host but dispatchers."""
        commands = [(process, command_of(process)) for process in of_folder(self.folder)]
        return [process for process, command in commands if command and "webapp.dispatcher" not in command]

    def units(self, job: Job) -> int:
        """How many units of work the job's attempts have finished."""
        return sum(1 for _ in (self.services.settings.runs_dir / job.id / "units").rglob("*") if _.is_file())


def freeze(process: psutil.Process) -> None:
    """The process stands still until it is thawed or killed."""
    process.send_signal(signal.SIGSTOP)


def thaw(process: psutil.Process) -> None:
    """A frozen process goes on."""
    process.send_signal(signal.SIGCONT)


def gone_within(process: psutil.Process, seconds: float) -> float:
    """The seconds until a process has ended; fails after the deadline."""
    begun, known = time.monotonic(), {"pid": process.pid}
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, seconds, f"the end of {known}")
    return time.monotonic() - begun


__all__ = ["DATA", "Clock", "Stage", "freeze", "gone_within", "is_alive", "thaw", "until"]
