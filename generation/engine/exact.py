"""Elementary functions from + - * / and comparisons alone, so that a table made here is the same on every machine.

IEEE 754 fixes the result of those operations (and of scaling by powers of two) to the last bit; `math.exp` and friends
are only as equal as the C libraries below them. All functions take and return float64 arrays and are accurate to about
1e-15 relative, which is far finer than the grids they fill.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LN2 = 0.6931471805599453
# ln 2 in two parts: the first has so many trailing zero bits that whole multiples of it are exact.
LN2_HEAD = 0.693147180369123816490
LN2_REST = 1.90821492927058770002e-10
SQRT_HALF = 0.7071067811865476
# 1 / sqrt(2 pi)
NORMAL_PEAK = 0.3989422804014327


def exp(x: Floats) -> Floats:
    """e to the x, for x between -700 and 700."""
    x = np.asarray(x, dtype=np.float64)
    doublings = np.floor(x / LN2 + 0.5)
    rest = x - doublings * LN2_HEAD - doublings * LN2_REST
    total = np.ones_like(rest)
    for n in range(18, 0, -1):
        total = 1.0 + total * rest / n
    return np.ldexp(total, doublings.astype(np.int64))


def log(x: Floats) -> Floats:
    """Natural logarithm of x > 0."""
    mantissa, exponent = np.frexp(np.asarray(x, dtype=np.float64))
    low = mantissa < SQRT_HALF
    mantissa = np.where(low, mantissa * 2.0, mantissa)
    exponent = exponent - low
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    total = np.zeros_like(ratio)
    for n in range(25, 0, -2):
        total = 1.0 / n + square * total
    return exponent * LN2_HEAD + (2.0 * ratio * total + exponent * LN2_REST)


def power(x: Floats, exponent: float) -> Floats:
    """x > 0 to any power."""
    return exp(exponent * log(x))


def normal_cdf(x: Floats) -> Floats:
    """Probability that a standard normal is at most x, for x between -7 and 7."""
    square = x * x
    term = x.copy()
    total = x.copy()
    for n in range(1, 90):
        term = term * square / (2 * n + 1)
        total = total + term
    return 0.5 + NORMAL_PEAK * exp(-square / 2.0) * total


def normal_quantile(u: Floats) -> Floats:
    """The standard normal's value at probability u, for u between 1e-8 and 1 - 1e-8."""
    u = np.asarray(u, dtype=np.float64)
    low, high = np.full_like(u, -6.0), np.full_like(u, 6.0)
    for _ in range(50):
        middle = (low + high) / 2.0
        below = normal_cdf(middle) < u
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2.0
