"""What households earn and whether they own their home (reference/income.json, reference/people.json)."""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column
from pyspark.sql import functions as F

from generation import reference
from generation.engine.exact import Floats, exp, log, power
from generation.engine.lookup import Choice, Quantiles, choice, grid, quantiles
from generation.entities.market import Market, by_age_type_and_size, market
from generation.spec.catalog.households import INCOME_BRACKETS
from generation.spec.config import US_INCOME_SHARES, Config

AMOUNT_BITS = 10

_AGE_NAMES = ("under_25", "25-34", "35-44", "45-54", "55-64", "65-74", "75+")
GROUPS = ("single", "married", "lone_parent", "other")
_GROUP_OF_TYPE = ("single",) + ("married",) * 4 + ("other", "other") + ("lone_parent",) * 2 + ("other",) * 3


ROUNDS, NEVER = 200, 1e-12
"""Rounds of fitting; shares of nothing are so little, since every household has some income."""

EARNERS, SIZES = 4, 7
"""Earners count up to three, members up to seven."""

LEVELS = (
    "less_than_9th_grade", "less_than_9th_grade", "less_than_9th_grade", "high_school", "some_college", "some_college",
    "bachelor", "graduate",
)  # fmt: skip
"""The level of education whose tilt each of EDUCATIONS has."""

_LEVELS = ("less_than_9th_grade", "high_school", "some_college", "bachelor", "graduate")


def income_cell(age_band: Column, kind: Column, earners: Column, size: Column, education: Column) -> Column:
    """The number of a household's condition of `brackets`; `kind` and `education` are numbers of their closed sets."""
    group = _numbered(kind, [GROUPS.index(name) for name in _GROUP_OF_TYPE])
    level = _numbered(education, [_LEVELS.index(name) for name in LEVELS])
    many, members = F.least(earners, F.lit(EARNERS - 1)), F.least(size, F.lit(SIZES)) - 1
    cell = age_band
    for part, count in ((group, len(GROUPS)), (many, EARNERS), (members, SIZES), (level, len(_LEVELS))):
        cell = cell * count + part
    return cell.cast("bigint")


def _numbered(number: Column, values: list[int]) -> Column:
    """The value at a number; neighbours with one value share a branch."""
    picked = F.lit(values[-1])
    for at in range(len(values) - 2, -1, -1):
        if values[at] != values[at + 1]:
            picked = F.when(number <= at, values[at]).otherwise(picked)
    return picked


def brackets(config: Config) -> Choice:
    """Income bracket by `income_cell`: the published table by age and type, tilted by education, times the factors that
    give the published brackets by earners, size and age (scripts/calibrate_income.py).
    """
    wanted = config.households.income_shares
    if wanted == US_INCOME_SHARES:
        return _brackets(None, None)
    return _brackets(tuple(wanted[name] for name in INCOME_BRACKETS), market(config))


@functools.lru_cache(maxsize=8)
def _brackets(wanted: tuple[float, ...] | None, of: Market | None) -> Choice:
    cells = bracket_weights()
    if wanted is not None and of is not None:
        cells = _weighted(cells, np.array(wanted), of)
    return choice("income brackets", cells.reshape(-1, cells.shape[-1]))


def _weighted(cells: Floats, wanted: Floats, of: Market) -> Floats:
    """The shares of all cells times one factor a bracket, so that the market's households have the wanted brackets."""
    known = reference.income()["cells"]
    homes = by_age_type_and_size(of.joint)
    groups = np.stack([homes[:, [name == group for name in _GROUP_OF_TYPE], :].sum(axis=1) for group in GROUPS], axis=1)
    often = groups[:, :, None, :, None] * np.array(known["earners"]).swapaxes(2, 3)[:, :, :, :, None]
    often = (often * np.array(known["education"])[:, :, None, None, :])[..., None]
    factors = np.ones(len(INCOME_BRACKETS))
    for _ in range(ROUNDS):
        model = cells * factors
        found = (model / model.sum(axis=-1, keepdims=True) * often).sum(axis=(0, 1, 2, 3, 4))
        factors = factors * np.maximum(wanted, NEVER) * found.sum() / np.maximum(found, NEVER)
    return cells * factors


def bracket_weights() -> Floats:
    """Relative shares of the brackets: age band, group of types, earners, size, level of education, bracket."""
    income = reference.income()
    table, factors = income["by_householder_age_and_type"], income["factors"]
    base = np.array([[table[age][g if g in table[age] else "other"]["share"] for g in GROUPS] for age in _AGE_NAMES])
    tilt = np.array([income["education_tilt"][level] for level in _LEVELS])
    odds = exp(tilt[:, None] * (np.arange(len(INCOME_BRACKETS)) - 4) / 4)
    ages = np.array([factors["by_age"][name] for name in _AGE_NAMES])
    earners = np.array([factors["by_earners"][str(number)] for number in range(EARNERS)])
    sizes = np.array([factors["by_size"][str(number)] for number in range(1, SIZES + 1)])
    of_age = (base * ages[:, None, :])[:, :, None, None, None, :]
    return of_age * earners[:, None, None, :] * sizes[:, None, :] * odds


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
