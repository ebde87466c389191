"""Memory of a run on one machine: what it needs, what there is, and the units that fit."""

from __future__ import annotations

import os
from pathlib import Path

from generation.spec.config import Config

UNITS_AT_A_TIME = 2
"""Ranges of households that are made side by side."""

START_BYTES = 700_000_000
"""Interpreter, engine and lookups (docs/benchmarks.md)."""

LANE_BYTES, HOUSEHOLD_BYTES, SMALL_HOUSEHOLD_BYTES = 400_000_000, 3_400, 12_000
"""A unit in the making: buffers and what each household adds; small units need less than the buffers, by household."""

JUDGE_BYTES, JUDGED_HOUSEHOLD_BYTES = 2_000_000_000, 25_000
"""At most what the judge takes, once the engine and its memory are gone; of few households, by household."""

LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def needed_memory(config: Config) -> int:
    """Bytes that a run with the embedded engine holds at most: while it makes units, or while it judges them."""
    households, unit = config.households.count, config.output.unit_households
    making = min(UNITS_AT_A_TIME, -(-households // unit)) * unit_bytes(min(unit, households))
    return START_BYTES + max(making, min(JUDGE_BYTES, households * JUDGED_HOUSEHOLD_BYTES))


def unit_bytes(households: int) -> int:
    """Bytes that a unit of so many households needs while it is made."""
    return min(households * SMALL_HOUSEHOLD_BYTES, LANE_BYTES + households * HOUSEHOLD_BYTES)


def fitting_unit(memory: int) -> int:
    """The largest unit of whole thousands of households that leaves a run within so many bytes; 0 if none does."""
    unit = (memory - START_BYTES) // UNITS_AT_A_TIME
    small, large = unit // SMALL_HOUSEHOLD_BYTES, (unit - LANE_BYTES) // HOUSEHOLD_BYTES
    return max(0, max(small, large) // 1_000 * 1_000)


def machine_memory() -> int | None:
    """Bytes that processes may hold here: those of the machine, or fewer where a control group limits them; None where
    the system does not tell.
    """
    try:
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    except (AttributeError, OSError, ValueError):
        return None
    for path in LIMITS:
        try:
            found.append(int(path.read_text()))
        except (OSError, ValueError):
            continue  # not there, or "max"
    return min(found)
