"""Kills, freezes and cancels at random, by a seed: whatever runs on two hosts, but never both dispatchers at once."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field

import psutil

from tests.webapp.serving import command_of
from tests.webapp.stage import Stage
from webapp.lifecycle import State
from webapp.store.models import Job

HOSTS = ("north", "south")


@dataclass
class Monkey:
    """One who does damage. `plan` is how often it does what; it goes on as the jobs do, however fast the machine is."""

    stage: Stage
    random: random.Random
    plan: dict[str, int]
    done: Counter[str] = field(default_factory=Counter)
    dispatchers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    frozen: list[tuple[float, psutil.Process]] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    """Attempts that two processes were seen to run at once."""

    def __post_init__(self) -> None:
        self.ahead = [what for what, count in self.plan.items() for _ in range(count)]
        self.random.shuffle(self.ahead)

    def begin(self) -> None:
        """Two hosts dispatch."""
        for host in HOSTS:
            self.dispatchers[host] = self.stage.elsewhere(host)

    def turn(self, unfinished: list[Job], share: float) -> None:
        """Does what is due when a share of the jobs is done, and lets go what was frozen for long enough."""
        self._thaw(time.monotonic())
        total = sum(self.plan.values())
        if self.ahead and (total - len(self.ahead)) < share * total:
            what = self.ahead.pop()
            if getattr(self, f"_{what}")(unfinished):
                self.done[what] += 1
            else:
                self.ahead.insert(self.random.randrange(len(self.ahead) + 1), what)

    def rest(self) -> None:
        """Everything goes on, and nothing more is done."""
        self.ahead.clear()
        self._thaw(float("inf"))

    def _thaw(self, now: float) -> None:
        for due, process in [entry for entry in self.frozen if entry[0] <= now]:
            self.frozen.remove((due, process))
            _send(process, signal.SIGCONT)

    def _freeze(self, process: psutil.Process, seconds: float) -> bool:
        self.frozen.append((time.monotonic() + seconds, process))
        return _send(process, signal.SIGSTOP)

    def _victim(self) -> psutil.Process | None:
        running = self.stage.running()
        commands = [command for process in running if "webapp.supervisor" in (command := command_of(process))]
        attempts = Counter(tuple(command[-2:]) for command in commands)
        self.twice += [f"attempt {attempt} of {job} is run twice" for (job, attempt), n in attempts.items() if n > 1]
        return self.random.choice(running) if running else None

    def _kill(self, _: list[Job]) -> bool:
        """A supervisor, or the generator of one."""
        victim = self._victim()
        return victim is not None and _send(victim, signal.SIGKILL)

    def _stop(self, _: list[Job]) -> bool:
        """For less than a lease, or for more: then it comes back as a zombie with an attempt that is over."""
        victim = self._victim()
        lease = self.stage.services.settings.lease_seconds
        return victim is not None and self._freeze(victim, self.random.uniform(0.3, 2 * lease))

    def _kill_dispatcher(self, _: list[Job]) -> bool:
        host = self.random.choice(HOSTS)
        if self._is_alone(host):
            return False
        self.dispatchers[host].kill()
        self.dispatchers[host].wait()
        self.dispatchers[host] = self.stage.elsewhere(host)
        return True

    def _stop_dispatcher(self, _: list[Job]) -> bool:
        host = self.random.choice(HOSTS)
        process = psutil.Process(self.dispatchers[host].pid)
        return not self._is_alone(host) and self._freeze(process, self.random.uniform(0.3, 4))

    def _is_alone(self, host: str) -> bool:
        """Whether the other host's dispatcher stands still, or is only just starting."""
        other = next(self.dispatchers[name] for name in HOSTS if name != host)
        known = psutil.Process(other.pid)
        return known.status() == psutil.STATUS_STOPPED or time.time() - known.create_time() < 4

    def _cancel(self, unfinished: list[Job]) -> bool:
        """A running job rather than a waiting one: there is more that can go wrong."""
        running = [job for job in unfinished if job.state == State.RUNNING]
        among = running if running and self.random.random() < 0.8 else unfinished
        return bool(among) and self.stage.jobs.cancel(self.random.choice(among).id, "monkey") is not None


def _send(process: psutil.Process, number: signal.Signals) -> bool:
    try:
        process.send_signal(number)
    except psutil.Error:
        return False
    return True
