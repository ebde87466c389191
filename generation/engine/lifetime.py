"""Lifetimes of identifiers as epochs: pure functions from time to epoch and back, so that no join finds what was valid when.

An identifier slot of a device has a period and a phase, both in seconds. Epoch 0 is the one that holds the start of the
history window; its interval began `phase` seconds before. `epoch_at` and `interval` are each other's inverse.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from generation.engine.draw import whole


@dataclass(frozen=True)
class Lifetime:
    """Period and phase of an identifier slot, BIGINT columns of seconds, 0 <= phase < period."""

    period: Column
    phase: Column

    def epoch_at(self, second: Column) -> Column:
        """The epoch that is valid at a second of the history window (0 = its start)."""
        return whole((second + self.phase) / self.period)

    def interval(self, epoch: Column) -> tuple[Column, Column]:
        """First second of the epoch and first second after it, relative to the window's start; may be negative."""
        start = epoch * self.period - self.phase
        return start, start + self.period

    def epochs(self, window_seconds: int) -> Column:
        """How many epochs touch the window."""
        return self.epoch_at(F.lit(window_seconds - 1).cast("bigint")) + 1
