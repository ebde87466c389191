"""Draws in whole numbers have the shares that are asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.engine.lookup import choice
from generation.engine.session import session
from generation.spec.config import Config

ROWS = 200_000
CLOSE = 6.0
"""Standard deviations that a share may be off: less than one in a hundred million at random."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with session("embedded") as spark:
        yield Engine.of(spark, Config())


@pytest.mark.parametrize("probability", [0.0, 1e-300, 0.003, 0.5, 1 / 3, 1 - 2**-53, 1.0])
def test_a_chance_is_that_the_uniform_lies_below_it(engine: Engine, probability: float) -> None:
    key = F.col("id")
    same = engine.draws.chance("x", probability, key) == (engine.draws.uniform("x", key) < F.lit(probability))
    assert engine.spark.range(ROWS).filter(~same).count() == 0


@pytest.mark.parametrize("size", [1, 7, 3_600, 1 << 15, (1 << 15) + 1])
def test_whole_numbers_are_even_and_below_their_size(engine: Engine, size: int) -> None:
    drawn = engine.spark.range(ROWS).select(engine.draws.integer("x", size, F.col("id")).alias("n")).toPandas()["n"]
    assert drawn.between(0, size - 1).all()
    below = float((drawn < size // 2).mean())
    expected = (size // 2) / size
    assert abs(below - expected) <= CLOSE * np.sqrt(expected * (1 - expected) / ROWS)


def test_outcomes_have_the_shares_of_their_condition(engine: Engine) -> None:
    shares = np.array([[0.7, 0.0, 0.2, 0.1], [0.0, 0.001, 0.0, 0.999]])
    frame = engine.spark.range(ROWS).withColumn("condition", F.col("id") % 2)
    bits = engine.draws.bits("x", F.col("id"))
    chosen = engine.frames.choose(frame, "outcome", choice("shares of a test", shares), bits, F.col("condition"))
    found = chosen.groupBy("condition", "outcome").count().toPandas()
    counts = np.zeros_like(shares)
    counts[found["condition"], found["outcome"]] = found["count"]
    assert (counts[shares == 0] == 0).all()
    spread = np.sqrt(shares * (1 - shares) * ROWS / 2)
    assert (np.abs(counts - shares * ROWS / 2) <= CLOSE * spread + 1e-9).all()
