"""Keyed permutations of fixed domains: numbers that are unique, look random and never depend on how many there are."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from generation.engine.draw import Draws

ROUNDS = 4


def permuted(draws: Draws, decision: str, number: Column, width: int, *keys: Column) -> Column:
    """A permutation of 0 .. 2^width - 1 (width even), another one for each value of the keys: a Feistel network."""
    half = width // 2
    mask = (1 << half) - 1
    left, right = F.shiftright(number, half).bitwiseAND(F.lit(mask)), number.bitwiseAND(F.lit(mask))
    for turn in range(ROUNDS):
        # Short, because every round is written into a plan as often as the later ones use it.
        scrambled = draws.bits(f"{decision}/{turn}", right, *keys, mask=mask)
        left, right = right, left.bitwiseXOR(scrambled)
    return F.shiftleft(left, half).bitwiseOR(right)
