"""How much people engage, and on what: counts of events and shares of devices."""

from __future__ import annotations

import functools

import numpy as np

from generation import reference
from generation.engine.exact import Floats, exp, normal_quantile
from generation.engine.lookup import Quantiles, grid, inverse_cdf, quantiles
from generation.spec.config import Config
from generation.spec.keys import EVENT

AGE_BANDS = (13, 18, 25, 35, 45, 55, 65)
"""Bands of relative activity; the youngest is a design choice."""

BAND_POPULATION = (0.078, 0.107, 0.160, 0.155, 0.145, 0.148, 0.207)
"""About the shares of people of 13 and over in each band (ACS 2024 S0101), so that the mean stays as configured."""

TEEN_ACTIVITY = 0.90

COUNT_BITS = 12
NODES = 400

# Relative use of phone, TV, tablet and computer by age band (design choice: TV rises with age, phones fall).
DEVICE_WEIGHTS = (
    (0.60, 0.22, 0.08, 0.10), (0.56, 0.24, 0.06, 0.14), (0.50, 0.28, 0.07, 0.15), (0.45, 0.32, 0.08, 0.15),
    (0.41, 0.36, 0.08, 0.15), (0.36, 0.42, 0.08, 0.14), (0.28, 0.52, 0.09, 0.11),
)  # fmt: skip


def event_counts(config: Config) -> Quantiles:
    """Events of a person in the window by age band: Poisson with log-normal rate, some never active."""
    engagement = config.engagement
    mean = engagement.events_per_person_month * engagement.history_days / 30
    return _event_counts(mean, engagement.activity_sigma, engagement.inactive_share)


@functools.lru_cache(maxsize=8)
def _event_counts(mean: float, sigma: float, inactive: float) -> Quantiles:
    u = grid(COUNT_BITS)
    active = mean / max(1 - inactive, 1e-9) if inactive < 1 else 0.0
    curves = [_counts(u, active * level, sigma, inactive) for level in relative_activity()]
    return quantiles(f"event counts {mean} {sigma} {inactive}", np.stack(curves), COUNT_BITS)


def relative_activity() -> list[float]:
    """Activity by age band, with population mean 1."""
    levels = [TEEN_ACTIVITY, *(float(v) for v in reference.activity()["relative_activity_by_age"]["tv"])]
    mean = sum(level * share for level, share in zip(levels, BAND_POPULATION, strict=True)) / sum(BAND_POPULATION)
    return [level / mean for level in levels]


def _counts(u: Floats, mean: float, sigma: float, inactive: float) -> np.ndarray:
    """Quantiles of the mixture: zero with the inactive share, else Poisson with rate mean * exp(sigma z - sigma^2 / 2)."""
    if mean <= 0:
        return np.zeros(len(u), dtype=np.int64)
    rates = mean * exp(sigma * _nodes() - sigma * sigma / 2)
    weights = np.concatenate([np.full(NODES - 1, 1 / NODES), [1 / NODES - 1.11e-3 / 4], [2.4e-4, 3e-5, 7.5e-6]])
    cumulative = np.cumsum(_poisson_mixture(rates, weights / weights.sum()))
    cumulative = cumulative / cumulative[-1]
    counts = inverse_cdf(inactive + (1 - inactive) * cumulative, u)
    return np.minimum(np.where(u < inactive, 0, counts), EVENT - 1)


@functools.cache
def _nodes() -> Floats:
    """The standard normal at equal steps of probability, and three times far out."""
    at = (np.arange(NODES) + 0.5) / NODES
    return normal_quantile(np.concatenate([at, [1 - 1e-4, 1 - 1e-5, 1 - 1e-6]]))


def _poisson_mixture(rates: Floats, weights: Floats) -> Floats:
    """Probabilities of 0, 1, 2 ... under the mixture; a rate over 500 counts as itself, its spread being under 5%."""
    top = int(max(float(rates.max()) * 1.05, 60)) + 20
    small = rates <= 500
    total = np.zeros(max(top, 720))
    term = weights[small] * exp(-rates[small])
    for n in range(720):
        total[n] += float(term.sum())
        term = term * rates[small] / (n + 1)
    for rate, weight in zip(rates[~small], weights[~small], strict=True):
        total[int(rate)] += float(weight)
    return total
