"""The households of a market: the published tables of composition, made to fit the shares a configuration asks for.

Type, age of the head, children and further adults of a household are drawn one after the other. Asked for other sizes, ages or
types, all combinations are weighted until their sums are those asked for (iterative proportional fitting), and taken apart
again: of all markets with these shares, the one least unlike the US.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from generation.engine.exact import Floats, exp
from generation.entities import household_tables as tables
from generation.entities.household_tables import AGES, COUPLES, FIRST_AGE
from generation.spec.catalog.households import HOUSEHOLD_TYPES
from generation.spec.config import (
    DEFAULT_TYPE_SHARES,
    MEAN_PEOPLE_BY_TYPE,
    US_HOUSEHOLDER_AGE_SHARES,
    US_SIZE_SHARES,
    Config,
)
from generation.spec.problems import InvalidConfig, Problem

AGE_BANDS = (0, 25, 35, 45, 55, 65, 75)
"""Where the published age bands of householders begin."""

CHILDREN, EXTRAS, SIZES, BANDS = 6, 4, 7, len(AGE_BANDS)
"""Counts of children 0 to 5 and further adults 0 to 3; sizes 1 to 7 or more; age bands of householders."""

PARTNER_REFERENCE = 0.45
"""Share of couples whose second person is the reference person (design choice; official tables take either)."""

ROUNDS, TOLERANCE = 400, 0.004

Wanted = tuple[tuple[float, ...], float | None, tuple[float, ...] | None, tuple[float, ...] | None]
"""Shares of types, mean people, shares of sizes and of householders' ages; None where nothing is asked for."""


@dataclass(frozen=True, eq=False)
class Market:
    """Shares of types; of head ages by type; of children by type and age; of further adults by type and children."""

    types: Floats
    ages: Floats
    children: Floats
    extras: Floats

    @property
    def joint(self) -> Floats:
        """Shares of all combinations: type, age, children, further adults."""
        by_age = self.types[:, None] * self.ages
        return by_age[:, :, None, None] * self.children[:, :, :, None] * self.extras[:, None, :, :]


def market(config: Config) -> Market:
    """The market of a configuration; `InvalidConfig` with the nearest shares when none has what is asked for."""
    return _market(_wanted(config))


def is_published(config: Config) -> bool:
    """Whether nothing is asked for that changes who lives together."""
    return _wanted(config) == (tuple(DEFAULT_TYPE_SHARES.values()), None, None, None)


def _wanted(config: Config) -> Wanted:
    households = config.households
    types = tuple(households.type_shares[name] for name in HOUSEHOLD_TYPES)
    sizes = None if households.size_shares == US_SIZE_SHARES else households.size_shares
    ages = households.householder_age_shares
    return (
        types,
        None if sizes else households.people_per_household,
        sizes,
        None if ages == US_HOUSEHOLDER_AGE_SHARES else ages,
    )


@functools.lru_cache(maxsize=16)
def _market(wanted: Wanted) -> Market:
    types, mean, sizes, ages = wanted
    shares = np.array(types)
    if mean is not None:
        shares = tilted(shares, np.array([MEAN_PEOPLE_BY_TYPE[name] for name in HOUSEHOLD_TYPES]), mean)
    published = Market(shares / shares.sum(), *_conditionals())
    if sizes is None and ages is None:
        return published
    fixed = None if types == tuple(DEFAULT_TYPE_SHARES.values()) and mean is None else published.types
    return _apart(_fitted(published.joint, fixed, sizes, ages))


@functools.cache
def _conditionals() -> tuple[Floats, Floats, Floats]:
    ages, children, extras = tables.head_age_shares(), tables.children_shares(), tables.extra_shares()
    return ages, children, np.repeat(extras[:, None, :], CHILDREN, axis=1)


def tilted(shares: Floats, sizes: Floats, mean: float) -> Floats:
    """Shares times exp(tilt * size) with the tilt that gives the mean size: the least change that does."""
    low, high = -20.0, 20.0
    for _ in range(80):
        tilt = (low + high) / 2
        weights = shares * exp(tilt * (sizes - mean))
        below = float((weights * sizes).sum()) < mean * float(weights.sum())
        low, high = (tilt, high) if below else (low, tilt)
    return weights / weights.sum()


@functools.cache
def sizes_of_cells() -> np.ndarray:
    """Size less one, at most 6, by type, children and further adults."""
    partner = np.array([number in COUPLES for number in range(len(HOUSEHOLD_TYPES))], dtype=np.int64)
    total = partner[:, None, None] + np.arange(CHILDREN)[None, :, None] + np.arange(EXTRAS)[None, None, :]
    return np.minimum(total, SIZES - 1)


@functools.cache
def bands_of_heads() -> Floats:
    """Share of householders in each age band by type and age of the head: in some couples it is the partner."""
    ages = np.arange(FIRST_AGE, FIRST_AGE + AGES)
    alone = np.array([[_band(age) == band for band in range(BANDS)] for age in ages], dtype=np.float64)
    partners = np.zeros_like(alone)
    for gap, share in tables.gap_shares():
        for row, age in enumerate(ages):
            shrink = min(1.0, max(0.1, (age - 20) / 20))
            partners[row, _band(max(FIRST_AGE, age - int(np.floor(gap * shrink + 0.5))))] += share
    mixed = (1 - PARTNER_REFERENCE) * alone + PARTNER_REFERENCE * partners
    return np.stack([mixed if number in COUPLES else alone for number in range(len(HOUSEHOLD_TYPES))])


def _band(age: float) -> int:
    return sum(age >= start for start in AGE_BANDS[1:])


def _fitted(
    joint: Floats, types: Floats | None, sizes: tuple[float, ...] | None, ages: tuple[float, ...] | None
) -> Floats:
    """The joint shares, weighted until their sums are those asked for."""
    for _ in range(ROUNDS):
        if types is not None:
            found = joint.sum(axis=(1, 2, 3))
            joint = joint * _ratio(types, found)[:, None, None, None]
        if ages is not None:
            found = by_age(joint)
            factor = (bands_of_heads() * _ratio(np.array(ages), found)).sum(axis=2)
            joint = joint * factor[:, :, None, None]
        if sizes is not None:
            factor = _ratio(np.array(sizes), by_size(joint))[sizes_of_cells()]
            joint = joint * factor[:, None, :, :]
    _check(joint, types, sizes, ages)
    return joint / joint.sum()


def _ratio(wanted: Floats, found: Floats) -> Floats:
    return np.where(found > 0, wanted / np.where(found > 0, found, 1.0), 0.0)


def by_size(joint: Floats) -> Floats:
    """Shares of the sizes."""
    cells = joint.sum(axis=1)
    return np.array([float(cells[sizes_of_cells() == size].sum()) for size in range(SIZES)])


def by_age(joint: Floats) -> Floats:
    """Shares of householders' age bands."""
    return (joint.sum(axis=(2, 3))[:, :, None] * bands_of_heads()).sum(axis=(0, 1))


def by_age_type_and_size(joint: Floats) -> Floats:
    """Shares of householders' age bands, types and sizes together."""
    found = np.zeros((BANDS, len(HOUSEHOLD_TYPES), SIZES))
    for size in range(SIZES):
        inside = joint * (sizes_of_cells() == size)[:, None, :, :]
        found[:, :, size] = (inside.sum(axis=(2, 3))[:, :, None] * bands_of_heads()).sum(axis=1).T
    return found


def _check(
    joint: Floats, types: Floats | None, sizes: tuple[float, ...] | None, ages: tuple[float, ...] | None
) -> None:
    """Refuse shares that no weighting reaches, with those that come nearest."""
    total = float(joint.sum())
    sums = {
        "type_shares": (types, joint.sum(axis=(1, 2, 3))),
        "size_shares": (sizes, by_size(joint)),
        "householder_age_shares": (ages, by_age(joint)),
    }
    asked = [name for name, (wanted, _) in sums.items() if wanted is not None]
    for name, (wanted, found) in sums.items():
        if wanted is None:
            continue
        reached = found / total if total else found
        if float(np.abs(reached - np.array(wanted)).max()) > TOLERANCE:
            raise InvalidConfig([_unreached(name, asked, (list(wanted), [float(v) for v in reached]))])


def _unreached(name: str, asked: list[str], shares: tuple[list[float], list[float]]) -> Problem:
    wanted, reached = (", ".join(f"{share:.3f}" for share in row) for row in shares)
    others = " and ".join(other for other in asked if other != name) or "the household types there are"
    nearest = f"the nearest households have {reached}" if any(shares[1]) else "no household has both"
    message = f"households.{name} {wanted} cannot be met together with {others}; {nearest}; change one of them towards the other"
    return Problem(f"/households/{name}", "contradiction", message)


def _apart(joint: Floats) -> Market:
    """The joint shares as shares of one after the other; where nothing is left, the published ones."""
    ages, children, extras = _conditionals()
    types, by_head = joint.sum(axis=(1, 2, 3)), joint.sum(axis=(2, 3))
    with_children, with_extras = joint.sum(axis=3), joint.sum(axis=1)
    return Market(
        types / types.sum(),
        _rows(by_head, ages),
        _rows(with_children, children),
        _rows(with_extras, extras),
    )


def _rows(weights: Floats, otherwise: Floats) -> Floats:
    total = weights.sum(axis=-1, keepdims=True)
    return np.where(total > 0, weights / np.where(total > 0, total, 1.0), otherwise)
