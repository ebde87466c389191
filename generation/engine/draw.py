"""Where every random value comes from: a hash of the seed, the name of a decision and the keys of an entity.

Nothing else may decide a value: not row order, partition, position in a list, clock or a generator's state. Two names are
two independent streams; a name is used for one decision only.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from generation.spec.plan import driver_uniform

BITS = 63
"""Width of a draw: the sign bit is dropped, because unsigned shifts are slow where they are emulated."""

FEW = 1 << 15
"""So many numbers are drawn without doubles, from 47 bits: the product keeps within a BIGINT."""

_POSITIVE = 2**63 - 1
_UNIT = 2.0**-53


def stream(seed: int, decision: str) -> int:
    """The signed 64-bit number of a decision's stream: SHA-256 over separated parts, so no two names run together."""
    digest = hashlib.sha256(f"{seed}\x1f{decision}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@dataclass(frozen=True)
class Draws:
    """All decisions of one seed. Keys must be BIGINT columns; they are cast, since engines infer different widths."""

    seed: int

    def bits(self, decision: str, *keys: Column, mask: int = _POSITIVE) -> Column:
        """A BIGINT from 0 to 2^63 - 1, uniform; with a mask, those of its bits."""
        parts = [F.lit(stream(self.seed, decision)).cast("bigint"), *(key.cast("bigint") for key in keys)]
        return F.xxhash64(*parts).bitwiseAND(F.lit(mask))

    def uniform(self, decision: str, *keys: Column) -> Column:
        """A DOUBLE in [0, 1) with 53 random bits."""
        return F.shiftright(self.bits(decision, *keys), BITS - 53).cast("double") * F.lit(_UNIT)

    def chance(self, decision: str, probability: float | Column, *keys: Column) -> Column:
        """True with the given probability, compared in full precision."""
        if isinstance(probability, Column):
            return self.uniform(decision, *keys) < probability
        if not 0 < probability < 1:
            return F.lit(probability >= 1)
        # The uniforms below it as whole numbers, which spares engines the way through doubles.
        below = math.ceil(float(probability) * 2**53) << (BITS - 53)
        return self.bits(decision, *keys) < F.lit(below)

    def integer(self, decision: str, size: int | Column, *keys: Column) -> Column:
        """A BIGINT from 0 to size - 1, uniform."""
        if isinstance(size, int) and size <= FEW:
            return F.shiftright(F.shiftright(self.bits(decision, *keys), BITS - 47) * size, 47)
        return whole(self.uniform(decision, *keys) * size)


def whole(number: Column) -> Column:
    """The BIGINT at or below a DOUBLE."""
    return F.floor(number).cast("bigint")


__all__ = ["BITS", "Draws", "driver_uniform", "stream", "whole"]
