"""Simulates how a cluster works off the tasks of large datasets, and states what docs/scaling.md says.

    python scripts/scaling.py [--draws 20] [--spread 0.35] [--lost 0.002]

Work per table comes from the measured rates in `generation/spec/estimate.py`, cores and partitions from
`generation/spec/sizing.py`. Tables are made one after the other, as a run does. A task's seconds vary log-normally by `--spread`,
and a share of `--lost` is made twice, as when a machine goes away. Every core takes the next task when it is free.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.presets import PRESET_BY_NAME
from generation.spec.sizing import FIXED_SECONDS, Plan, core_seconds, plan

SIZES = (1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
SEED = 20_261_123


def sized(households: int) -> Config:
    """The preset `standard` with another number of households."""
    standard = PRESET_BY_NAME["standard"].config
    return standard.model_copy(update={"households": standard.households.model_copy(update={"count": households})})


def makespan(tasks: list[float], cores: int) -> float:
    """Seconds until the last of the tasks ends."""
    free = [0.0] * min(cores, len(tasks))
    for seconds in tasks:
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return max(free)


def simulated(config: Config, made: Plan, spread: float, lost: float, draw: random.Random) -> float:
    """Seconds of one run, starting compute left out."""
    total, work = FIXED_SECONDS, core_seconds(estimate(config))
    for name, count in made.partitions.items():
        mean = work[name] / count
        times = [mean * math.exp(draw.gauss(-spread * spread / 2, spread)) for _ in range(count)]
        total += makespan([seconds * (1 + (draw.random() < lost)) for seconds in times], made.cores)
    return total


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--spread", type=float, default=0.35)
    parser.add_argument("--lost", type=float, default=0.002)
    options = parser.parse_args()
    draw = random.Random(SEED)
    print(
        "| households | rows | GB | cores | tasks of the largest table | planned s | simulated s, median (worst) | core hours |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for households in SIZES:
        config = sized(households)
        expected, made = estimate(config), plan(config)
        runs = [simulated(config, made, options.spread, options.lost, draw) for _ in range(options.draws)]
        size = f"{households:,} | {expected.rows:,} | {expected.bytes / 1e9:,.1f}"
        wide = f"{made.cores:,} | {max(made.partitions.values()):,}"
        seconds = f"{made.seconds:.0f} | {statistics.median(runs):.0f} ({max(runs):.0f})"
        print(f"| {size} | {wide} | {seconds} | {made.core_seconds / 3600:,.1f} |")


if __name__ == "__main__":
    main()
