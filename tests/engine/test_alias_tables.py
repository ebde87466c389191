"""Alias tables give every outcome the probability it should have, however many are made at a time."""

from __future__ import annotations

import numpy as np
import pytest

from generation.engine.exact import Floats
from generation.engine.lookup import alias_table, alias_tables


def _weights(rows: int, size: int) -> Floats:
    """Weights of very different sizes, a third of them nothing, with an equal row and one of a single outcome."""
    source = np.random.default_rng(rows)
    weights = np.asarray(source.random((rows, size)) ** 4 * (source.random((rows, size)) < 0.67))
    weights[:, 0] += 1e-9
    weights[1], weights[2] = 1.0, 0.0
    weights[2, -1] = 3.0
    return weights


@pytest.mark.parametrize(("rows", "size"), [(2_000, 9), (100, 40), (30, 1)])
def test_many_tables_at_a_time_are_those_made_one_by_one(rows: int, size: int) -> None:
    weights = _weights(rows, size)
    kept, alias = alias_tables(weights)
    for row, (threshold, other) in enumerate(map(alias_table, weights)):
        assert kept[row].tolist() == threshold
        assert alias[row].tolist() == other


def test_cells_add_up_to_the_weights() -> None:
    weights = _weights(50, 12)
    kept, alias = alias_tables(weights)
    found = kept.copy()
    for row, cell in np.ndindex(*kept.shape):
        found[row, alias[row, cell]] += 1 - kept[row, cell]
    np.testing.assert_allclose(found / 12, weights / weights.sum(axis=1, keepdims=True), atol=1e-12)


def test_a_row_without_weight_is_refused() -> None:
    weights = _weights(50, 4)
    weights[7] = 0.0
    with pytest.raises(ValueError, match="positive weight"):
        alias_tables(weights)
