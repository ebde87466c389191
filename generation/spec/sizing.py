"""How much compute a dataset takes on a cluster, so that it is made within five minutes: pure arithmetic on the forecast."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from generation.spec.config import Config
from generation.spec.estimate import ALWAYS, Estimate, Phases, estimate
from generation.spec.rates import FINGERPRINTING, JUDGING, MEASURED_CORES, ROWS_PER_SECOND, Reading

GOAL_SECONDS = 300.0
FIXED_SECONDS = 90.0
"""Of a run on a cluster: plans, fourteen commits one after the other, keys and the manifest. Starting compute is not in it."""
EFFICIENCY = 0.6
"""Of a core among many, for skew, the network and the last tasks of a stage; an assumption, not measured in a workspace."""
CORES_PER_WORKER = 8
TASK_SECONDS = 2.0
"""Of one task: long enough to be worth starting, short enough that no core waits long for the last one of a table."""
MOST_PARTITIONS = 100_000


@dataclass(frozen=True)
class Plan:
    """Compute for a run. `partitions` is by table of the forecast; serverless finds its workers by itself."""

    core_seconds: float
    cores: int
    workers: int
    phases: Phases
    partitions: dict[str, int]

    @property
    def seconds(self) -> float:
        """Seconds of the run, starting compute left out."""
        return self.phases.total

    @property
    def is_quick(self) -> bool:
        """Whether the run stays under the goal."""
        return self.seconds < GOAL_SECONDS


def plan(config: Config) -> Plan:
    """The compute that makes the configuration's dataset within the goal."""
    made = estimate(config)
    work = core_seconds(made)
    total = sum(work.values())
    cores = max(CORES_PER_WORKER, ceil(total / (EFFICIENCY * (GOAL_SECONDS - FIXED_SECONDS) * 0.95)))
    workers = ceil(cores / CORES_PER_WORKER)
    cores = workers * CORES_PER_WORKER
    phases = _phases(made, EFFICIENCY * cores)
    return Plan(total, cores, workers, phases, {name: _partitions(seconds) for name, seconds in work.items()})


def core_seconds(made: Estimate) -> dict[str, float]:
    """Making, judging and fingerprinting each table on one core."""
    return {
        name: _making(name, table.rows)
        + _reading(JUDGING, name, table.rows)
        + _reading(FINGERPRINTING, name, table.rows)
        for name, table in made.tables.items()
    }


def _phases(made: Estimate, cores: float) -> Phases:
    sizes = [(name, table.rows) for name, table in made.tables.items()]
    making = sum(_making(name, rows) for name, rows in sizes)
    judging, marking = (sum(_reading(phase, *size) for size in sizes) for phase in (JUDGING, FINGERPRINTING))
    return Phases(FIXED_SECONDS, making / cores, judging / cores, marking / cores, reporting=0.0)


def _making(name: str, rows: int) -> float:
    return MEASURED_CORES * rows / ROWS_PER_SECOND[name]


def _reading(phase: Reading, name: str, rows: int) -> float:
    return MEASURED_CORES * rows / (phase.rows_per_second if name in ALWAYS else phase.switched_rows_per_second)


def _partitions(core_seconds: float) -> int:
    return min(MOST_PARTITIONS, max(1, ceil(core_seconds / TASK_SECONDS)))
