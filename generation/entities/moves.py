"""How long people have lived in their home (reference/people.json, ACS 2018 table B07001)."""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column
from pyspark.sql import functions as F

from generation import reference
from generation.engine.exact import log
from generation.engine.lookup import Quantiles, grid, quantiles

MOVE_BANDS = (18, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75)
"""Where the published age bands of movers begin."""

STAY_BITS = 12
YEAR = 365.25
LONGEST_STAY_DAYS = 29_220
"""Nobody has lived in a home for more than eighty years."""


@functools.cache
def lengths_of_stay() -> Quantiles:
    """Years in a home in units of their mean: people of one age leave at a constant rate."""
    return quantiles("lengths of stay", -log(1.0 - grid(STAY_BITS)), STAY_BITS)


def mean_stay_days(band: Column) -> Column:
    """Mean days in a home by age band, such that the published share has moved within a year."""
    shares = reference.people()["moved_last_year_by_age"]["share"]
    means = [-YEAR / float(log(np.array([1.0 - share]))[0]) for share in shares]
    chosen = F.lit(means[-1])
    for number in range(len(means) - 2, -1, -1):
        chosen = F.when(band == number, means[number]).otherwise(chosen)
    return chosen
