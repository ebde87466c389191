"""What people do after advertising, or without it: rates, lags and order values (reference/activity.json)."""

from __future__ import annotations

import functools

import numpy as np

from generation import reference
from generation.engine.exact import exp, log, normal_quantile, power
from generation.engine.lookup import Quantiles, grid, quantiles
from generation.spec.catalog.campaigns import VERTICALS

CURVE_BITS = 12
DAY = 86_400
LONGEST_LAG_DAYS = 60
INTENT_SIGMA = 0.5
"""Spread of people's own inclination to convert, with mean 1 (design choice)."""


@functools.cache
def intents() -> Quantiles:
    """A person's inclination to convert, log-normal with mean 1."""
    z = normal_quantile(grid(CURVE_BITS))
    return quantiles("intents", exp(INTENT_SIGMA * z - INTENT_SIGMA * INTENT_SIGMA / 2), CURVE_BITS)


@functools.cache
def lags() -> Quantiles:
    """Seconds from a touch to the conversion it causes, by vertical: Weibull, at least a minute, cut at 60 days."""
    u, table = grid(CURVE_BITS), reference.activity()["conversion_lag_and_value"]
    rows = []
    for vertical in VERTICALS:
        shape, scale = table[vertical]["lag_shape"], table[vertical]["lag_scale_days"]
        rows.append(np.floor(scale * DAY * power(-log(1.0 - u), 1.0 / shape)))
    return quantiles("lags", np.clip(np.stack(rows), 60, LONGEST_LAG_DAYS * DAY).astype(np.int64), CURVE_BITS)


@functools.cache
def order_cents() -> Quantiles:
    """Order value in cents, by vertical: log-normal."""
    z, table = normal_quantile(grid(CURVE_BITS)), reference.activity()["conversion_lag_and_value"]
    rows = [np.floor(100 * table[v]["value_median"] * exp(table[v]["value_log_sd"] * z)) for v in VERTICALS]
    return quantiles("order cents", np.maximum(np.stack(rows), 100).astype(np.int64), CURVE_BITS)
