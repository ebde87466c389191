"""Decisions are independent of each other and of the keys' order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from generation.engine.draw import Draws, stream
from generation.engine.session import session

KEYS = 200_000
DECISIONS = [f"decision {number}" for number in range(20)]


@pytest.fixture(scope="module")
def draws() -> Iterator[np.ndarray]:
    """KEYS x 20 uniforms: rows are keys 1, 2, 3 ..., columns are decisions."""
    with session("embedded") as spark:
        yield _uniforms(spark)


def _uniforms(spark: SparkSession) -> np.ndarray:
    frame = spark.range(1, KEYS + 1)
    columns = [Draws(42).uniform(name, F.col("id")).alias(f"u{at}") for at, name in enumerate(DECISIONS)]
    return np.asarray(frame.select("id", *columns).orderBy("id").drop("id").toPandas())


def test_no_two_decisions_are_correlated(draws: np.ndarray) -> None:
    correlations = np.corrcoef(draws, rowvar=False) - np.eye(len(DECISIONS))
    assert np.abs(correlations).max() < 4.5 / np.sqrt(KEYS)


def test_neighbouring_keys_are_not_correlated(draws: np.ndarray) -> None:
    for lag in (1, 2, 16):
        worst = max(abs(np.corrcoef(column[:-lag], column[lag:])[0, 1]) for column in draws.T)
        assert worst < 4.5 / np.sqrt(KEYS)


def test_every_decision_is_uniform(draws: np.ndarray) -> None:
    ranks = np.arange(1, KEYS + 1) / KEYS
    distances = [np.abs(np.sort(column) - ranks).max() for column in draws.T]
    assert max(distances) < 2.2 / np.sqrt(KEYS)


def test_pairs_of_decisions_fill_a_grid_evenly(draws: np.ndarray) -> None:
    for left, right in ((0, 1), (3, 17), (8, 9)):
        cells, _, _ = np.histogram2d(draws[:, left], draws[:, right], bins=32, range=[[0, 1], [0, 1]])
        expected = KEYS / 1024
        chi_square = float(((cells - expected) ** 2 / expected).sum())
        # 1,023 degrees of freedom: mean 1023, standard deviation 45.
        assert abs(chi_square - 1023) < 5 * 45


def test_names_do_not_run_together() -> None:
    assert stream(1, "2x") != stream(12, "x")
    assert len({stream(seed, name) for seed in range(50) for name in DECISIONS}) == 50 * len(DECISIONS)
