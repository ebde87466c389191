"""Whether the shares a market is described by can hold together, with the arithmetic where they cannot.

A household's type bounds its size: who is single lives alone, a couple are two, children and further adults are more.
So a number of households of some types needs as many of the sizes that these types can have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generation.spec.catalog.households import HOUSEHOLD_TYPES

SIZE_NAMES = ("1", "2", "3", "4", "5", "6", "7 or more")

SIZES_BY_TYPE: dict[str, tuple[int, int]] = {
    "single_person": (1, 1), "married_couple": (2, 2), "married_with_children": (3, 7), "married_with_adults": (3, 5),
    "married_with_children_and_adults": (4, 7), "cohabiting_couple": (2, 2), "cohabiting_with_children": (3, 7),
    "lone_parent": (2, 6), "lone_parent_with_adults": (3, 7), "parent_with_adult_children": (2, 4), "roommates": (2, 4),
    "other_relatives": (2, 4),
}  # fmt: skip
"""The smallest and largest size of each type, 7 standing for more."""

MEAN_OF_LARGEST = 7.5
"""Mean people of households of seven or more."""

SLACK = 0.005
"""Shares may miss each other by so much: published tables are rounded."""


def mean_size(sizes: Sequence[float]) -> float:
    """Mean people a household under shares of 1 to 7 or more."""
    return sum(share * (number if number < 7 else MEAN_OF_LARGEST) for number, share in enumerate(sizes, 1))


def sizes_problem(sizes: Sequence[float], types: Mapping[str, float]) -> str | None:
    """Why shares of sizes and shares of types exclude each other; None when some households have both."""
    for low in range(1, 8):
        for high in range(low, 8):
            inside = [
                name for name in HOUSEHOLD_TYPES if low <= SIZES_BY_TYPE[name][0] and SIZES_BY_TYPE[name][1] <= high
            ]
            needed, there = sum(types[name] for name in inside), sum(sizes[low - 1 : high])
            if needed > there + SLACK:
                return _too_many(low, high, {name: types[name] for name in inside if types[name]}, (needed, there))
    return None


def _too_many(low: int, high: int, types: Mapping[str, float], shares: tuple[float, float]) -> str:
    needed, there = shares
    named = " + ".join(f"{name} {share:g}" for name, share in types.items())
    span = SIZE_NAMES[low - 1] if low == high else f"{SIZE_NAMES[low - 1]} to {SIZE_NAMES[high - 1]}"
    return (
        f"type_shares and size_shares exclude each other: households of {span} are {named} = {needed:g} by type, but {there:g} "
        f"by size; raise those sizes or lower those types by {needed - there:g}"
    )


def mean_problem(sizes: Sequence[float], mean: float) -> str | None:
    """Why shares of sizes and a mean exclude each other; None when they agree."""
    found = mean_size(sizes)
    if abs(found - mean) <= 0.05:
        return None
    terms = " + ".join(
        f"{number if number < 7 else MEAN_OF_LARGEST:g} * {share:g}" for number, share in enumerate(sizes, 1)
    )
    return (
        f"size_shares and people_per_household exclude each other: {terms} = {found:.3g} people, not {mean:g}; "
        "leave people_per_household empty or change the shares"
    )


def places_problem(states: Sequence[str], shares: Mapping[str, float], city: str | None) -> str | None:
    """Why states, their shares and a city exclude each other; None when they agree."""
    outside = [name for name, share in shares.items() if share and states and name not in states]
    if outside:
        return f"state_shares names {', '.join(outside)}, which states {', '.join(states)} leaves out; add it there or drop it"
    if city is None:
        return None
    state = city[-2:]
    if states and state not in states:
        return f"city {city} is in {state}, which states {', '.join(states)} leaves out; empty states or add {state}"
    if shares and shares.get(state, 0.0) < 1:
        return (
            f"city {city} is in {state}, to which state_shares gives {shares.get(state, 0.0):g}; with a city all households are "
            "in its state, so empty state_shares"
        )
    return None
