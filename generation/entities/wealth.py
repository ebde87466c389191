"""What households earn and whether they own their home (reference/income.json, reference/people.json)."""

from __future__ import annotations

import functools

import numpy as np

from generation import reference
from generation.engine.exact import exp, log, power
from generation.engine.lookup import Choice, Quantiles, choice, grid, quantiles
from generation.spec.catalog.households import HOUSEHOLD_TYPES, INCOME_BRACKETS

AGE_BANDS = (0, 25, 35, 45, 55, 65, 75)
"""Where the published age bands of householders begin."""

AMOUNT_BITS = 10

_AGE_NAMES = ("under_25", "25-34", "35-44", "45-54", "55-64", "65-74", "75+")
_GROUPS = ("single",) + ("married",) * 4 + ("other", "other") + ("lone_parent",) * 2 + ("other",) * 3


@functools.cache
def brackets() -> Choice:
    """Income bracket by householder's age band and household type: band * 12 + type."""
    table = reference.income()["by_householder_age_and_type"]
    rows = []
    for age in _AGE_NAMES:
        for number in range(len(HOUSEHOLD_TYPES)):
            group = _GROUPS[number] if _GROUPS[number] in table[age] else "other"
            rows.append(table[age][group]["share"])
    return choice("income brackets", np.array(rows))


@functools.cache
def amounts() -> Quantiles:
    """Whole dollars inside each bracket: log-uniform, and a Pareto tail cut at 5 million in the highest."""
    u, table = grid(AMOUNT_BITS), reference.income()["brackets"]
    rows = []
    for number in range(len(INCOME_BRACKETS)):
        low, high = float(max(table["lower"][number], table["draw_floor"])), float(table["upper"][number])
        if number < len(INCOME_BRACKETS) - 1:
            ratio = float(log(np.array([high / low]))[0])
            rows.append(np.floor(low * exp(u * ratio)))
        else:
            alpha = table["top_pareto_alpha"]
            kept = 1.0 - float(power(np.array([low / high]), alpha)[0])
            rows.append(np.floor(low * power(1.0 - u * kept, -1.0 / alpha)))
    return quantiles("income amounts", np.stack(rows).astype(np.int64), AMOUNT_BITS)


def owner_shares() -> list[float]:
    """Share of owners by householder's age band."""
    return [float(share) for share in reference.people()["owner_rate_by_householder_age"]["share"]]
