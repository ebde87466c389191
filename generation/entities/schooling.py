"""Education, employment and marital status by age and gender (reference/people.json)."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation import reference
from generation.engine.context import Engine
from generation.engine.lookup import Choice, Lookup, choice
from generation.entities.household_tables import COUPLES
from generation.spec.catalog.individuals import EDUCATIONS, EMPLOYMENTS, MARITAL_STATUSES
from generation.spec.keys import PERSON

OLDEST = 110
AGES = OLDEST + 1
GENDER_NAMES = ("male", "female")
ENLISTMENT_AGE = 17


def _in_band(bands: list[str], age: int) -> int:
    """The position of the band, written `16-19` or `75+`, that an age falls into; ages below the first are in it."""
    starts = [int(band.rstrip("+").split("-")[0]) for band in bands]
    return max(0, sum(age >= start for start in starts) - 1)


LIKE_PARTNER = 0.44
"""Share of couples who stand at the same place of their ages' and genders' attainment. The others are independent; the
mixture has Kendall's tau of spouses between .33 and .40 (Greenwood et al. 2014).
"""

YOUNG_POPULATION = {
    "female": (0.147, 0.119, 0.153, 0.144, 0.142, 0.141, 0.154),
    "male": (0.171, 0.125, 0.157, 0.150, 0.140, 0.131, 0.125),
}
"""Shares of the single ages among people of 18 to 24 in a sample of generated households: the published row is their mean."""

ASSOCIATES_BY_AGE = (0.0, 0.2, 0.8, 1.3, 1.5, 1.6, 1.6)
"""Relative share of associate's degrees at 18 to 24 (design choice; nobody has one at 18)."""


def with_schooling(engine: Engine, people: DataFrame) -> DataFrame:
    """People with the numbers of their `education` and `employment`, the second given the first."""
    household, person, draws = F.col("household_id"), F.col("individual_id"), engine.draws
    partner = (F.col("ordinal") == 1) & F.col("type").isin(*COUPLES)
    alike = partner & draws.chance("education like partner", LIKE_PARTNER, household)
    at = F.col("female").cast("bigint") * AGES + F.col("age")
    steps = [f"_step{number}" for number in range(1, len(EDUCATIONS))]
    frame = engine.frames.look_up(people, education_steps(), at, **dict(zip(steps, EDUCATIONS[1:], strict=True)))
    u = draws.uniform("education", F.when(alike, household * PERSON).otherwise(person))
    frame = frame.withColumn("_u", u)
    education = functools.reduce(Column.__add__, [(F.col("_u") >= F.col(step)).cast("bigint") for step in steps])
    frame = frame.withColumn("education", education).drop("_u", *steps)
    given = at * len(EDUCATIONS) + F.col("education")
    return engine.frames.choose(frame, "employment", employments(), draws.bits("employment", person), given)


@functools.cache
def education_steps() -> Lookup:
    """From which place in the attainment of a gender and age (female * AGES + age) each level but the lowest begins."""
    rows = np.array([_education(gender, age) for gender in GENDER_NAMES for age in range(AGES)])
    begins = np.minimum(np.cumsum(rows / rows.sum(axis=1, keepdims=True), axis=1)[:, :-1], 1.0)
    # Above the last level that occurs, rounding must not open a gap.
    begins = np.where(np.cumsum(rows[:, ::-1], axis=1)[:, ::-1][:, 1:] > 0, begins, 2.0)
    return Lookup("education steps", {name: begins[:, at] for at, name in enumerate(EDUCATIONS[1:])})


def _education(gender: str, age: int) -> list[float]:
    """Shares of EDUCATIONS. From 18 to 24 the published total is split by single years."""
    if age < 18:
        return [1.0] + [0.0] * 7
    table = reference.people()["education_by_sex_age"]["derived_2024"][gender]
    bands = list(table)
    shares = list(table[bands[_in_band(bands, age)]])
    return [0.0, *(_young_education(shares, gender, age) if age < 25 else shares)]


def _young_education(shares: list[float], gender: str, age: int) -> list[float]:
    """Degrees come with the years, and the ages together have the published shares."""
    population = YOUNG_POPULATION[gender]
    total = sum(shares)
    lower, associate, degrees = sum(shares[:4]) / total, shares[4] / total, (shares[5] + shares[6]) / total
    split = reference.people()["bachelor_or_higher_by_age_18_24"]["share"]
    wanted = degrees * split[age - 18] / _mean(split, population)
    graduates = [share if year >= 22 else 0.0 for year, share in enumerate(split, 18)]
    graduate = shares[6] / total * graduates[age - 18] / _mean(graduates, population)
    some = associate * ASSOCIATES_BY_AGE[age - 18] / _mean(ASSOCIATES_BY_AGE, population)
    rest = [share / total / lower * (1 - wanted - some) for share in shares[:4]]
    return [*rest, some, wanted - graduate, graduate]


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)


@functools.cache
def employments() -> Choice:
    """Employment by gender, age and education: (female * AGES + age) * levels + level."""
    rows = [_employments(gender, age) for gender in GENDER_NAMES for age in range(AGES)]
    return choice("employments", np.array([row for levels in rows for row in levels]))


def _employments(gender: str, age: int) -> list[list[float]]:
    """Shares of EMPLOYMENTS at every level of education; together they are the published ones of the gender and age."""
    plain = _employment(gender, age)
    working = [EMPLOYMENTS.index(name) for name in ("full_time", "part_time", "self_employed")]
    employed = sum(plain[at] for at in working)
    levels = _education(gender, age)
    factors = [1.0, *(reference.people()["employment_odds_by_education"][name] for name in EDUCATIONS[1:])]
    if not 25 <= age <= 64:
        return [plain] * len(EDUCATIONS)
    rows = []
    for share in _shifted(employed / sum(plain), [level / sum(levels) for level in levels], factors):
        inside, outside = share / (employed / sum(plain)), (1 - share) / (1 - employed / sum(plain))
        rows.append([value * (inside if at in working else outside) for at, value in enumerate(plain)])
    return rows


def _shifted(share: float, weights: list[float], factors: list[float]) -> list[float]:
    """A share at every level: its odds times the level's factor, scaled so that the weighted mean stays."""
    low, high = 0.01, 100.0
    for _ in range(60):
        scale = (low + high) / 2
        odds = [scale * factor * share / (1 - share) for factor in factors]
        shares = [odd / (1 + odd) for odd in odds]
        low, high = (scale, high) if _mean(shares, weights) < share else (low, scale)
    return shares


def _employment(gender: str, age: int) -> list[float]:
    """Shares of EMPLOYMENTS: labour force status by age, split into kinds of work and reasons for not working."""
    shares = dict.fromkeys(EMPLOYMENTS, 0.0)
    if age < 16:
        return [1.0 if name == "under_16" else 0.0 for name in EMPLOYMENTS]
    people = reference.people()
    table = people["employment_by_sex_age"]["shares"][gender]
    bands = list(table)
    armed, employed, unemployed, outside = table[bands[_in_band(bands, age)]]
    # Nobody enlists before 17; the band begins at 16.
    armed = armed if age >= ENLISTMENT_AGE else 0.0
    own = people["self_employed_share"]
    self_employed = own[gender][_in_band(own["bands"], age)]
    hours = people["full_time_share"]
    full = hours[gender][_in_band(hours["bands"], age)]
    reasons = people["reason_not_in_labor_force"]
    shares |= {"armed_forces": armed, "unemployed": unemployed, "self_employed": employed * self_employed}
    shares["full_time"] = employed * (1 - self_employed) * full
    shares["part_time"] = employed * (1 - self_employed) * (1 - full)
    for reason, share in zip(reasons["reasons"], reasons[gender][_in_band(reasons["bands"], age)], strict=True):
        shares[reason] = outside * share
    return [shares[name] for name in EMPLOYMENTS]


@functools.cache
def unmarried_statuses() -> Choice:
    """Marital status of people without a spouse in the household: female * AGES + age."""
    table = reference.people()["marital_status_of_the_unmarried"]
    order = [table["statuses"].index(name) if name in table["statuses"] else None for name in MARITAL_STATUSES]
    rows = []
    for gender in GENDER_NAMES:
        for age in range(AGES):
            shares = table[gender][_in_band(table["bands"], age)] if age >= 18 else [1.0, 0.0, 0.0]
            rows.append([0.0 if at is None else shares[at] for at in order])
    return choice("unmarried statuses", np.array(rows), [list(MARITAL_STATUSES)])
