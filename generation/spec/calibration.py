"""How fast this machine is beside the one that the rates were measured on, found in a fraction of a second.

Plain Python of the standard library alone, on one core: compressing, hashing and sorting, as making tables does. What cores
add is assumed: a share of the work is done by one core, however many there are.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import geometric_mean
from threading import Lock

from generation.spec.rates import CALIBRATION_SECONDS, MEASURED_CORES

SHARED = 0.9
"""Share of a run's work that cores share. An assumption: runs were measured on one and on two cores, not on more."""

REPEATS = 8
"""Of each task; the quickest counts, so that what else the machine does matters little."""

QUOTAS = (
    (Path("/sys/fs/cgroup/cpu.max"),),
    (Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")),
)
"""Where a control group says how many microseconds of cores it may use, in how many of the clock."""

ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Machine:
    """`slowness` is the time of one core beside a core of the reference machine; `cores` those that processes may use."""

    slowness: float
    cores: float

    @property
    def factor(self) -> float:
        """The time of a run here beside that on the reference machine."""
        return self.slowness * _spread(self.cores) / _spread(MEASURED_CORES)

    @property
    def words(self) -> str:
        """The machine in words."""
        cores = f"{round(self.cores, 1):g}" + (" core" if self.cores == 1 else " cores")
        return f"{cores}, each {1 / self.slowness:.1f} times as fast as one of the reference machine"


def _spread(cores: float) -> float:
    """Time of a run on so many cores, as a share of that on one (Amdahl's law)."""
    return 1 - SHARED + SHARED / cores


def this_machine() -> Machine:
    """This machine as it was found once in this process."""
    with ONE_AT_A_TIME:
        return _found()


@cache
def _found() -> Machine:
    ratios = [seconds / CALIBRATION_SECONDS[name] for name, seconds in task_seconds().items()]
    return Machine(geometric_mean(ratios), usable_cores())


def task_seconds() -> dict[str, float]:
    """Seconds of a core for each task, the quickest of several."""
    return {name: min(_timed(task) for _ in range(REPEATS)) for name, task in _tasks().items()}


def _tasks() -> dict[str, Callable[[], object]]:
    draw = random.Random(0)
    noise = draw.randbytes(1 << 20)
    text = b" ".join(b"%d" % draw.randrange(10_000) for _ in range(60_000))
    numbers = [draw.random() for _ in range(20_000)]
    return {
        "hash": lambda: hashlib.sha256(noise).digest(),
        "compress": lambda: zlib.compress(text, 1),
        "sort": lambda: sorted(numbers),
    }


def _timed(task: Callable[[], object]) -> float:
    """Seconds that a core worked on the task, without those it had to wait for its turn."""
    begun = time.thread_time()
    task()
    return max(time.thread_time() - begun, 1e-6)


def usable_cores() -> float:
    """Cores that this process may use: those it may run on, or fewer where a control group limits their time."""
    try:
        there = float(len(os.sched_getaffinity(0)))
    except AttributeError:  # not on every system
        there = float(os.cpu_count() or 1)
    return max(0.1, min([there, *_quotas()]))


def _quotas() -> list[float]:
    found = []
    for paths in QUOTAS:
        try:
            quota, period = " ".join(path.read_text() for path in paths).split()
            found.append(float(quota) / float(period))
        except (OSError, ValueError):
            continue  # not there, or "max"
    return [cores for cores in found if cores > 0]  # -1 is no limit, too
