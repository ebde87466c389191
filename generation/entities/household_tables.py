"""The reference tables of household composition as choices and lookups (reference/households.json)."""

from __future__ import annotations

import functools

import numpy as np

from generation import reference
from generation.engine.exact import Floats
from generation.engine.lookup import Choice, Lookup, Quantiles, choice, inverse_cdf, normal_grid, quantiles
from generation.spec.catalog.households import HOUSEHOLD_TYPES

MARRIED, COHABITING = (1, 2, 3, 4), (5, 6)
COUPLES = MARRIED + COHABITING
MARRIED_WITH_CHILDREN, UNMARRIED_WITH_CHILDREN = (2, 4), (6, 7, 8)
ROOMMATES, RELATIVES = 10, 11

FIRST_AGE, AGES = 18, 83
"""Heads are 18 to 100 years old."""

OLDEST_AT_HEAD = 56
"""Mothers up to this age can have own children under 18; the table of children's ages ends here."""

CHILD_CELLS = 1024
ADULT_CHILD_MOTHER, ADULT_CHILD_MOTHERS, ADULT_CHILD_CELLS = 34, 67, 512
"""Mothers of adult children at home are 34 to 100."""

ELDER_PARENT, OTHER_RELATIVE, ADULT_CHILD, ROOMMATE, RELATIVE_ELDER, RELATIVE_PEER = range(6)
"""Kinds of further adults."""

NORMAL_BITS = 12


def _by_age(by_band: list[float]) -> list[float]:
    """A value for each single age of heads from one for each band."""
    bands = reference.households()["head_age_bands"]
    return [
        value
        for value, low, high in zip(by_band, bands["low"], bands["high_exclusive"], strict=True)
        for _ in range(low, high)
    ]


@functools.cache
def head_age_shares() -> Floats:
    """Shares of the head's ages by type: even within bands, geometric from 80 on."""
    tables = reference.households()
    bands, last = tables["head_age_bands"], tables["head_age_bands"]["last_band"]
    inside: list[float] = []
    for low, high in zip(bands["low"], bands["high_exclusive"], strict=True):
        raw = [last["q"] ** k for k in range(high - low)] if low == 80 else [1.0] * (high - low)
        inside += [value / sum(raw) for value in raw]
    rows = [np.array(_by_age(tables["head_age_band_by_type"][name])) * np.array(inside) for name in HOUSEHOLD_TYPES]
    return _normal(np.stack(rows))


def _normal(rows: Floats) -> Floats:
    return rows / rows.sum(axis=-1, keepdims=True)


@functools.cache
def female_heads() -> Lookup:
    """Share of women among heads by type and age (type * AGES + age - FIRST_AGE); 0 for couples, whose head is the man."""
    table = reference.households()["female_head"]
    rows: list[float] = []
    for name in HOUSEHOLD_TYPES:
        share = table.get(name, 0.0)
        ages = _by_age(table["single_person_by_band"]) if name == "single_person" else [share] * AGES
        older = table.get(f"{name}_70_plus")
        rows += [older if older and age + FIRST_AGE >= 70 else value for age, value in enumerate(ages)]
    return Lookup("female heads", {"share": np.array(rows)})


@functools.cache
def partner_gaps() -> Choice:
    """Years the man of a couple is older than the woman."""
    gaps = reference.households()["spouse_age_gap"]
    return choice("partner gaps", np.array([gaps["share"]]), [gaps["gap"]])


def gap_shares() -> list[tuple[int, float]]:
    """The years and how often they occur."""
    gaps = reference.households()["spouse_age_gap"]
    total = sum(gaps["share"])
    return [(int(gap), share / total) for gap, share in zip(gaps["gap"], gaps["share"], strict=True)]


@functools.cache
def children_shares() -> Floats:
    """Shares of 0 to 5 own children under 18 by type and age of the head."""
    tables = reference.households()["children_count"]
    rows: list[list[list[float]]] = []
    for number in range(len(HOUSEHOLD_TYPES)):
        group = (
            "married" if number in MARRIED_WITH_CHILDREN else "unmarried" if number in UNMARRIED_WITH_CHILDREN else None
        )
        bands = [[0.0, *shares] for shares in tables[group]] if group else [[1.0, 0, 0, 0, 0, 0]] * 14
        rows.append([list(bands[int(band)]) for band in _by_age([float(band) for band in range(14)])])
    return _normal(np.array(rows))


@functools.cache
def extra_shares() -> Floats:
    """Shares of 0 to 3 further adults by type."""
    by_type = reference.households()["extra_adults_count"]["by_type"]
    return _normal(np.array([[0.0, *by_type[n]] if n in by_type else [1.0, 0, 0, 0] for n in HOUSEHOLD_TYPES]))


@functools.cache
def extra_kinds() -> Choice:
    """Kind of a further adult by type (types without any: another relative)."""
    tables = reference.households()
    by_type, elder = tables["extra_adult_kind"]["by_type"], tables["other_relatives_elder_share"]
    rows = [[*by_type[name], 0, 0, 0] if name in by_type else [0, 1, 0, 0, 0, 0] for name in HOUSEHOLD_TYPES]
    rows[ROOMMATES] = [0, 0, 0, 1, 0, 0]
    rows[RELATIVES] = [0, 0, 0, 0, elder, 1 - elder]
    return choice("extra kinds", np.array(rows, dtype=np.float64))


def extra_women() -> dict[int, float]:
    """Share of women among each kind of further adults."""
    table = reference.households()["extra_adult_female"]
    kinds = ("elder_parent", "other", "adult_child", "roommate", "relative_elder", "relative_peer")
    return {number: table[kind] for number, kind in enumerate(kinds)}


def _fertility(age: int) -> float:
    """Relative rate of births at a mother's age."""
    table = reference.households()["fertility_age_at_birth"]
    index = age - table["age"][0]
    return float(table["share"][index]) if 0 <= index < len(table["share"]) else 0.0


@functools.cache
def child_ages() -> Lookup:
    """Age of a child by mother's age, (mother - 18) * CHILD_CELLS + cell: P(c) ~ fertility(mother - c) * weight(c)."""
    table = reference.households()["child_age"]
    return _ages_given_mother("child ages", table, range(18, OLDEST_AT_HEAD + 1), CHILD_CELLS)


@functools.cache
def adult_child_ages() -> Lookup:
    """Age of an adult child at home by mother's age, (mother - 34) * ADULT_CHILD_CELLS + cell."""
    table = reference.households()["adult_child_age"]
    mothers = range(ADULT_CHILD_MOTHER, ADULT_CHILD_MOTHER + ADULT_CHILD_MOTHERS)
    return _ages_given_mother("adult child ages", table, mothers, ADULT_CHILD_CELLS)


def _ages_given_mother(name: str, table: dict[str, list[float]], mothers: range, cells: int) -> Lookup:
    u = (np.arange(cells) + 0.5) / cells
    ages = np.array(table["age"])
    columns = []
    for mother in mothers:
        weights = np.array([_fertility(mother - int(age)) * w for age, w in zip(ages, table["weight"], strict=True)])
        columns.append(ages[inverse_cdf(np.cumsum(weights), u)])
    return Lookup(name, {"age": np.concatenate(columns).astype(np.int64)})


@functools.cache
def parent_ages_at_birth() -> Choice:
    """Age of a mother at a birth."""
    table = reference.households()["fertility_age_at_birth"]
    return choice("ages at birth", np.array([table["share"]]), [table["age"]])


@functools.cache
def standard_normal() -> Quantiles:
    """The standard normal."""
    return quantiles("standard normal", normal_grid(NORMAL_BITS), NORMAL_BITS)
