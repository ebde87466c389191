"""Education, employment and marital status by age and gender (reference/people.json)."""

from __future__ import annotations

import functools

import numpy as np

from generation import reference
from generation.engine.lookup import Choice, choice
from generation.spec.catalog.individuals import EMPLOYMENTS, MARITAL_STATUSES

OLDEST = 110
AGES = OLDEST + 1
GENDER_NAMES = ("male", "female")
ENLISTMENT_AGE = 17


def _in_band(bands: list[str], age: int) -> int:
    """The position of the band, written `16-19` or `75+`, that an age falls into; ages below the first are in it."""
    starts = [int(band.rstrip("+").split("-")[0]) for band in bands]
    return max(0, sum(age >= start for start in starts) - 1)


@functools.cache
def educations() -> Choice:
    """Attainment by gender and age: female * AGES + age."""
    return choice("educations", np.array([_education(g, age) for g in GENDER_NAMES for age in range(AGES)]))


def _education(gender: str, age: int) -> list[float]:
    """Shares of EDUCATIONS. From 18 to 24 the published total is split by single years, and blocked degrees move down."""
    if age < 18:
        return [1.0] + [0.0] * 7
    table = reference.people()["education_by_sex_age"]["derived_2024"][gender]
    bands = list(table)
    shares = list(table[bands[_in_band(bands, age)]])
    return [0.0, *(_young_education(shares, age) if age < 25 else shares)]


def _young_education(shares: list[float], age: int) -> list[float]:
    split = reference.people()["bachelor_or_higher_by_age_18_24"]
    at, mean = split["share"][age - 18], sum(split["share"]) / len(split["share"])
    degrees = shares[5] + shares[6]
    wanted = min(0.6, at * degrees / mean)
    graduate = wanted * shares[6] / degrees * 7 / 3 if age >= 22 else 0.0
    rest = [share * (1 - wanted) / (1 - degrees) for share in shares[:5]]
    if age < 19:
        rest[3], rest[4] = rest[3] + rest[4], 0.0
    return [*rest, wanted - graduate, graduate]


@functools.cache
def employments() -> Choice:
    """Employment by gender and age: female * AGES + age."""
    return choice("employments", np.array([_employment(g, age) for g in GENDER_NAMES for age in range(AGES)]))


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
