"""What people do after advertising, or without it: rates, lags and order values (reference/activity.json)."""

from __future__ import annotations

import functools

import numpy as np

from generation import reference
from generation.engine.exact import Floats, exp, log, power
from generation.engine.lookup import Quantiles, grid, normal_grid, quantiles
from generation.spec.catalog.campaigns import VERTICALS

CURVE_BITS = 12
DAY = 86_400
LONGEST_LAG_DAYS = 60
SHORTEST_LAG = 60
STEEPEST, HALVINGS = 40.0, 50


@functools.lru_cache(maxsize=8)
def intents(spread: float) -> Quantiles:
    """A person's inclination to convert, log-normal with mean 1."""
    return quantiles(f"intents {spread}", _inclination(spread), CURVE_BITS)


def _inclination(spread: float) -> Floats:
    return exp(spread * normal_grid(CURVE_BITS) - spread * spread / 2)


@functools.lru_cache(maxsize=8)
def reach_by_intent(reach: float, confounding: float, spread: float) -> Quantiles:
    """The chance to be reached by inclination: logistic in its log, `reach` on average, such that the mean inclination of
    reached people is `confounding` times that of the others.
    """
    z, intent = normal_grid(CURVE_BITS), _inclination(spread)
    low, high = 0.0, STEEPEST
    for _ in range(HALVINGS):
        slope = (low + high) / 2
        reached = _logistic(z, slope, reach)
        low, high = (slope, high) if _ratio(reached, intent) < confounding else (low, slope)
    return quantiles(f"reach {reach} {confounding} {spread}", _logistic(z, low, reach), CURVE_BITS)


def _logistic(z: Floats, slope: float, mean: float) -> Floats:
    """The logistic curve of a slope whose mean over the grid's cells is `mean`."""
    cells = slice(0, 1 << CURVE_BITS)
    grown = exp(np.clip(-slope * z, -300.0, 300.0))
    low, high = -300.0, 300.0
    for _ in range(HALVINGS):
        shift = (low + high) / 2
        chance = 1.0 / (1.0 + grown * float(exp(np.array([-shift]))[0]))
        low, high = (shift, high) if float(chance[cells].mean()) < mean else (low, shift)
    return np.asarray(chance)


def _ratio(reached: Floats, intent: Floats) -> float:
    cells = slice(0, 1 << CURVE_BITS)
    chance, inclined = reached[cells], intent[cells]
    with_, without = float((chance * inclined).sum()), float(((1.0 - chance) * inclined).sum())
    return (with_ / float(chance.sum())) / (without / float((1.0 - chance).sum()))


@functools.cache
def lags() -> Quantiles:
    """Seconds from a touch to the conversion it causes, by vertical: Weibull, at least a minute, cut at 60 days."""
    u, table = grid(CURVE_BITS), reference.activity()["conversion_lag_and_value"]
    rows = []
    for vertical in VERTICALS:
        shape, scale = table[vertical]["lag_shape"], table[vertical]["lag_scale_days"]
        rows.append(np.floor(scale * DAY * power(-log(1.0 - u), 1.0 / shape)))
    return quantiles("lags", np.clip(np.stack(rows), SHORTEST_LAG, LONGEST_LAG_DAYS * DAY).astype(np.int64), CURVE_BITS)


@functools.cache
def order_cents() -> Quantiles:
    """Order value in cents, by vertical: log-normal."""
    z, table = normal_grid(CURVE_BITS), reference.activity()["conversion_lag_and_value"]
    rows = [np.floor(100 * table[v]["value_median"] * exp(table[v]["value_log_sd"] * z)) for v in VERTICALS]
    return quantiles("order cents", np.maximum(np.stack(rows), 100).astype(np.int64), CURVE_BITS)
