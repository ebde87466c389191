"""Where households live, and the numbering of phones that follows from it.

States are dealt in exact quotas to blocks of 65,536 households by a keyed permutation. So a household knows its rank among
the households of its state without looking at any other household, which makes phone numbers unique by construction.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation import reference
from generation.engine.context import Engine
from generation.engine.lookup import Lookup, alias_table, cells_lookup
from generation.engine.permute import permuted
from generation.entities.market import market
from generation.spec.config import Config
from generation.spec.problems import InvalidConfig, Problem

BLOCK_BITS = 16
BLOCK = 1 << BLOCK_BITS


@dataclass(frozen=True)
class Atlas:
    """The states and places of a configuration as lookups."""

    quota: Lookup
    state_cells: Lookup
    place_cells: Lookup
    places: Lookup


def with_state(engine: Engine, frame: DataFrame) -> DataFrame:
    """A frame with household_id, plus `state` (its number) and `rank` (the household's number among the state's)."""
    number = F.col("household_id") - 1
    # Columns first: a permutation writes its number and key into a plan about ten times.
    frame = frame.withColumns(
        {"_block": F.shiftright(number, BLOCK_BITS), "_place": number.bitwiseAND(F.lit(BLOCK - 1))}
    )
    block = F.col("_block")
    frame = frame.withColumn("_dealt", permuted(engine.draws, "state", F.col("_place"), BLOCK_BITS, block))
    atlas = atlas_of(engine.config)
    frame = engine.frames.look_up(frame, atlas.quota, F.col("_dealt"), state="state", _first="first", _quota="quota")
    rank = block * F.col("_quota") + F.col("_dealt") - F.col("_first")
    return frame.withColumn("rank", rank).drop("_dealt", "_first", "_quota", "_block", "_place")


def with_place(engine: Engine, frame: DataFrame) -> DataFrame:
    """A frame with household_id and `state`, plus `place` (its number)."""
    atlas, household = atlas_of(engine.config), F.col("household_id")
    frame = engine.frames.look_up(frame, atlas.state_cells, F.col("state"), _from="first", _size="size")
    bits = engine.draws.bits("place", household)
    span = (F.col("_from"), F.col("_size"))
    return engine.frames.choose_among(frame, "place", atlas.place_cells, bits, span).drop("_from", "_size")


@functools.cache
def state_codes() -> tuple[str, ...]:
    """The 51 state codes in the order of their numbers."""
    return tuple(reference.states()["state"])


def atlas_of(config: Config) -> Atlas:
    """The atlas of the configured states, shares and city (without any: the whole US); `InvalidConfig` without the city."""
    households = config.households
    return _atlas(households.states, tuple(sorted(households.state_shares.items())), households.city)


@functools.lru_cache(maxsize=8)
def _atlas(states: tuple[str, ...], shares: tuple[tuple[str, float], ...], city: str | None) -> Atlas:
    codes, table = state_codes(), reference.states()
    weights = [float(n) if not states or code in states else 0.0
               for code, n in zip(codes, table["population"], strict=True)]  # fmt: skip
    if shares:
        weights = [dict(shares).get(code, 0.0) for code in codes]
    if city:
        weights = [float(code == city[-2:]) for code in codes]
    population = np.array(weights)
    ends = np.floor(np.cumsum(population) / population.sum() * BLOCK + 0.5).astype(np.int64)
    starts = np.concatenate([[0], ends[:-1]])
    owner = np.searchsorted(ends, np.arange(BLOCK), side="right")
    quota = Lookup("state quota", {"state": owner, "first": starts[owner], "quota": (ends - starts)[owner]})
    first, size = _state_ranges()
    return Atlas(quota, Lookup("state cells", {"first": first, "size": size}), place_cells(city), _places())


@functools.cache
def _state_ranges() -> tuple[np.ndarray, np.ndarray]:
    """Where each state's places begin in the file, and how many there are. The file is grouped by state."""
    owner = _states()
    first = np.array([int(np.argmax(owner == code)) for code in state_codes()])
    size = np.array([int((owner == code).sum()) for code in state_codes()])
    for code, start, count in zip(state_codes(), first, size, strict=True):
        if not (owner[start : start + count] == code).all():
            raise ValueError(f"reference/places.csv is not grouped by state: {code}")
    return first, size


@functools.lru_cache(maxsize=8)
def place_cells(city: str | None = None) -> Lookup:
    """Alias tables of all states' places, one after the other; outcomes are place numbers. With a city, its state's other
    places have no weight.
    """
    weights = np.array([float(weight) for weight in reference.places()["weight"]])
    if city:
        weights = np.where(_inside(city), weights, np.where(_states() == city[-2:], 0.0, weights))
    first, size = _state_ranges()
    kept = np.zeros(len(weights))
    other = np.zeros(len(weights), dtype=np.int64)
    for start, count in zip(first, size, strict=True):
        threshold, alias = alias_table(weights[start : start + count])
        kept[start : start + count] = threshold
        other[start : start + count] = np.array(alias) + start
    return cells_lookup("place cells", kept, np.arange(len(weights)), other)


@functools.cache
def _states() -> np.ndarray:
    return np.array(reference.places()["state"])


def _inside(city: str) -> np.ndarray:
    """Which places are in a city; `InvalidConfig` with the names that are near when there are none."""
    name, state = city[:-4], city[-2:]
    names, here = np.array(reference.places()["city"]), _states() == state
    found = here & (np.char.lower(names) == name.lower())
    if not found.any():
        near = difflib.get_close_matches(name, sorted(set(names[here].tolist())), n=3)
        hint = (
            f"did you mean {' or '.join(f'{other}, {state}' for other in near)}?" if near else f"look for it in {state}"
        )
        message = f"households.city {city!r} is no place with homes in {state}; {hint}"
        raise InvalidConfig([Problem("/households/city", "unknown_name", message)])
    return found


def check_market(config: Config) -> None:
    """`InvalidConfig` for a city that there is not, or for households that there cannot be."""
    if config.households.city:
        _inside(config.households.city)
    market(config)


def _places() -> Lookup:
    table = reference.places()
    return Lookup(
        "places",
        {
            "city": list(table["city"]),
            "state": list(table["state"]),
            "postal_code": list(table["postal_code"]),
            "latitude": np.array([float(v) for v in table["latitude"]]),
            "longitude": np.array([float(v) for v in table["longitude"]]),
            "time_zone": list(table["time_zone"]),
        },
    )


EXCHANGES, LINES = 800, 10_000
NUMBERS_PER_AREA = EXCHANGES * LINES
LINES_PER_HOUSEHOLD = 10
# Odd and not a multiple of 5, so that stepping by it visits every number of an area once.
STEP = 4_944_271


@functools.cache
def area_codes() -> tuple[Lookup, Lookup]:
    """The unassigned area codes of the states: (first, count) by state, and the codes themselves in order."""
    lists = reference.states()["area_codes"]
    count = np.array([len(codes) for codes in lists])
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    return (
        Lookup("area code ranges", {"first": first, "count": count}),
        Lookup("area codes", {"code": [str(code) for codes in lists for code in codes]}),
    )


def with_phone_number(engine: Engine, frame: DataFrame) -> DataFrame:
    """A frame with `state`, `rank` and `ordinal` (0 to 9), plus `phone` in E.164.

    Unique while a state's households times ten fit into its area codes: about 50 million households in all.
    """
    ranges, codes = area_codes()
    frame = engine.frames.look_up(frame, ranges, F.col("state"), _first="first", _count="count")
    line = F.col("rank") * LINES_PER_HOUSEHOLD + F.col("ordinal")
    frame = frame.withColumn("_line", F.pmod(line, F.col("_count") * NUMBERS_PER_AREA))
    area = F.col("_first") + _over(F.col("_line"), NUMBERS_PER_AREA)
    frame = engine.frames.look_up(frame, codes, area, _area="code")
    number = F.pmod(F.pmod(F.col("_line"), F.lit(NUMBERS_PER_AREA)) * STEP, F.lit(NUMBERS_PER_AREA))
    exchange = _over(number, LINES) + 200
    subscriber = F.lpad(F.pmod(number, F.lit(LINES)).cast("string"), 4, "0")
    phone = F.concat(F.lit("+1"), F.col("_area"), exchange.cast("string"), subscriber)
    return frame.withColumn("phone", phone).drop("_first", "_count", "_line", "_area")


def _over(number: Column, divisor: int) -> Column:
    """Whole division of a BIGINT below 2^53."""
    return F.floor(number / F.lit(divisor)).cast("bigint")
