"""What settings mean, as small charts computed from the configuration alone, in milliseconds: the wizard shows them while
somebody types. Shapes are those the generator draws from; tests compare them with generated rows.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.spec.catalog.households import HOUSEHOLD_TYPES
from generation.spec.charts import Bars, Chart, Lines, Ranks, Series
from generation.spec.config import DEFAULT_TYPE_SHARES, MEAN_PEOPLE_BY_TYPE, US_SIZE_SHARES, Config

SIZES = ("1", "2", "3", "4", "5", "6", "7+")

# Shares of sizes 1 to 6 and 7 or more by type, from the tables that households are drawn from
# (reference/households.json; tests/spec/test_meaning.py computes them anew).
SIZES_BY_TYPE = {
    "single_person": (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "married_couple": (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "married_with_children": (0.0, 0.0, 0.3473, 0.4124, 0.1685, 0.0507, 0.021),
    "married_with_adults": (0.0, 0.0, 0.6, 0.3, 0.1, 0.0, 0.0),
    "married_with_children_and_adults": (0.0, 0.0, 0.0, 0.2795, 0.34, 0.2298, 0.1506),
    "cohabiting_couple": (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "cohabiting_with_children": (0.0, 0.0, 0.4528, 0.3331, 0.143, 0.0494, 0.0217),
    "lone_parent": (0.0, 0.4849, 0.322, 0.1303, 0.0432, 0.0196, 0.0),
    "lone_parent_with_adults": (0.0, 0.0, 0.3464, 0.3201, 0.2037, 0.0862, 0.0435),
    "parent_with_adult_children": (0.0, 0.76, 0.2, 0.04, 0.0, 0.0, 0.0),
    "roommates": (0.0, 0.7, 0.22, 0.08, 0.0, 0.0, 0.0),
    "other_relatives": (0.0, 0.72, 0.21, 0.07, 0.0, 0.0, 0.0),
}

# CPS ASEC 2023, historical households table HH-4.
PUBLISHED_SIZES = (0.28986, 0.34967, 0.15043, 0.12202, 0.05472, 0.0207, 0.0126)

NBD_SHAPE = 0.9
"""Shape of the negative binomial frequency distribution, as the generator has it."""

MOST_EXPOSURES = 20
"""Exposures that have a bar of their own; the last stands for all that are more."""

DEVICES = ("smartphone", "ctv", "computer")


@dataclass(frozen=True)
class Meaning:
    """A chart ready for a page: drawing, table and caption."""

    caption: str
    svg: str
    head: list[str]
    rows: list[list[str]]


def charts_for(section: str, config: Config) -> tuple[Meaning, ...]:
    """The charts of a section; none for a section without any."""
    return tuple(_meaning(chart(config)) for chart in CHARTS.get(section, ()))


def _meaning(chart: Chart) -> Meaning:
    return Meaning(chart.title, chart.svg(), chart.head(), chart.rows())


@functools.cache
def _activity() -> dict[str, Any]:
    """The published habits, read as the data file they are: spec depends on no other package of the generator."""
    path = Path(__file__).parents[1] / "reference" / "activity.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


# Households


def type_shares(config: Config) -> dict[str, float]:
    """Shares of household types, moved towards the sizes or the mean that the configuration asks for."""
    shares, sizes = dict(config.households.type_shares), config.households.size_shares
    if sizes == US_SIZE_SHARES:
        return _tilted(config, shares)
    if config.households.type_shares != DEFAULT_TYPE_SHARES:
        return shares
    there = [sum(shares[name] * SIZES_BY_TYPE[name][size] for name in shares) for size in range(len(SIZES))]
    factors = [wanted / found for wanted, found in zip(sizes, there, strict=True)]
    return {
        name: share * sum(part * factor for part, factor in zip(SIZES_BY_TYPE[name], factors, strict=True))
        for name, share in shares.items()
    }


def _tilted(config: Config, shares: dict[str, float]) -> dict[str, float]:
    mean = config.households.people_per_household
    if mean is None:
        return shares
    low, high = -20.0, 20.0
    weights = shares
    for _ in range(80):
        tilt = (low + high) / 2
        weights = {name: share * math.exp(tilt * (MEAN_PEOPLE_BY_TYPE[name] - mean)) for name, share in shares.items()}
        reached = sum(weights[name] * MEAN_PEOPLE_BY_TYPE[name] for name in weights)
        low, high = (tilt, high) if reached < mean * sum(weights.values()) else (low, tilt)
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def size_shares(config: Config) -> tuple[float, ...]:
    """Expected shares of households with 1 to 6 and 7 or more people."""
    if config.households.size_shares != US_SIZE_SHARES:
        return config.households.size_shares
    shares = type_shares(config)
    return tuple(
        sum(shares[name] * SIZES_BY_TYPE[name][size] for name in HOUSEHOLD_TYPES) for size in range(len(SIZES))
    )


def household_sizes(config: Config) -> Chart:
    """People in a household, beside the published shares."""
    series = (Series("Households", size_shares(config)),)
    return Bars("How large households are", SIZES, series, "%", "people in the household", PUBLISHED_SIZES)


# Demographics


def household_types(config: Config) -> Chart:
    """The mix of household types."""
    shares = type_shares(config)
    labels = tuple(_short(name) for name in shares)
    return Ranks("Kinds of households", labels, Series("Households", tuple(shares.values())), "household type")


def identifiers(config: Config) -> Chart:
    """How much of each identifier type is known."""
    coverage = config.demographics.identity.coverage
    labels = tuple(_short(name) for name in coverage)
    title = "How many holders of each identifier are known"
    return Ranks(title, labels, Series("Known", tuple(coverage.values())), "identifier type")


def _short(name: str) -> str:
    """A name that fits beside a bar."""
    words = name.replace("synthetic_", "").replace("_and_", " + ").replace("_with_", " + ").replace("_", " ")
    return words.replace("children", "kids").replace("first party", "1st-party").replace("hashed", "hash of")


def emails(config: Config) -> Chart:
    """E-mail addresses of an adult."""
    shares = tuple(config.demographics.identity.emails_per_adult)
    return Bars(
        "E-mail addresses of an adult", ("0", "1", "2", "3", "4", "5"), (Series("Adults", shares),), "%", "addresses"
    )


# Engagement


def event_shares(config: Config, most: int = 40) -> tuple[float, ...]:
    """Share of people with 0, 1, ... events per 30 days: Poisson with log-normal rate, some never active."""
    engagement = config.engagement
    active = 1 - engagement.inactive_share
    mean = engagement.events_per_person_month / active if active else 0.0
    counts = [0.0] * (most + 1)
    nodes, sigma = 61, engagement.activity_sigma
    for node in range(nodes):
        z = -3.6 + 7.2 * node / (nodes - 1)
        weight = math.exp(-z * z / 2)
        rate = mean * math.exp(sigma * z - sigma * sigma / 2)
        chance = math.exp(-rate)
        for k in range(most + 1):
            counts[k] += weight * chance
            chance *= rate / (k + 1)
    total = sum(math.exp(-((-3.6 + 7.2 * node / (nodes - 1)) ** 2) / 2) for node in range(nodes))
    return tuple(
        active * count / total + (engagement.inactive_share if k == 0 else 0.0) for k, count in enumerate(counts)
    )


def activity(config: Config) -> Chart:
    """How unevenly people engage."""
    shares = event_shares(config)
    bins = ((0, 0), (1, 2), (3, 5), (6, 10), (11, 20), (21, 40))
    labels = tuple(str(low) if low == high else f"{low}–{high}" for low, high in bins)
    values = tuple(sum(shares[low : high + 1]) for low, high in bins)
    more = max(0.0, 1 - sum(values))
    series = (Series("People of 13 or over", (*values, more)),)
    return Bars("How unevenly people engage", (*labels, "41+"), series, "%", "events in 30 days")


def hours(config: Config) -> Chart:
    """When in the day, by device."""
    curves = _activity()["hour_of_day_weekday"]
    series = tuple(
        Series({"ctv": "TV", "smartphone": "Phone", "computer": "Computer"}[d], _normal(curves[d])) for d in DEVICES
    )
    return Lines("When people engage, on a weekday", tuple(float(h) for h in range(24)), series, "local hour", "%")


def _normal(values: list[float]) -> tuple[float, ...]:
    total = sum(values)
    return tuple(value / total for value in values)


def popularity(config: Config) -> Chart:
    """How much of a category's attention its most popular titles get."""
    engagement = config.engagement
    ranks = range(1, max(2, engagement.titles // 9) + 1)
    weights = [(9 * rank + engagement.popularity_offset) ** -engagement.popularity_exponent for rank in ranks]
    total = sum(weights)
    shares = tuple(weight / total for weight in weights)
    kept = sorted({min(len(shares), round(1.35**n)) for n in range(40)})
    series = (Series("Share of events", tuple(shares[rank - 1] for rank in kept)),)
    x = tuple(float(rank) for rank in kept)
    return Lines("How popular titles are", x, series, "rank of the title in its category", "%", log_x=True, log_y=True)


# Campaigns


def frequency_shares(config: Config) -> tuple[float, ...]:
    """Shares of reached people with 1, 2, ... cap exposures: a zero-truncated negative binomial cut at the cap."""
    delivery = config.campaigns.delivery
    shape = delivery.frequency_shape if delivery.enabled else NBD_SHAPE
    return _frequency_shares(config.campaigns.mean_frequency, config.campaigns.frequency_cap, shape)


@functools.lru_cache(maxsize=64)
def _frequency_shares(wanted: float, cap: int, shape: float) -> tuple[float, ...]:
    low, high, weights = 1e-9, 1 - 1e-9, [1.0]
    for _ in range(80):
        odds = (low + high) / 2
        weights, weight = [], 1.0
        for k in range(1, cap + 1):
            weight *= (shape + k - 1) / k * odds
            weights.append(weight)
        mean = sum(k * w for k, w in enumerate(weights, 1)) / sum(weights)
        low, high = (odds, high) if mean < wanted else (low, odds)
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def frequency(config: Config) -> Chart:
    """How often reached people see a campaign."""
    shares, rest = frequency_shares(config), frequency_shares(config)[MOST_EXPOSURES - 1 :]
    labels = tuple(str(n) for n in range(1, len(shares) + 1))
    if len(rest) > 1:
        shares, labels = (
            (*shares[: MOST_EXPOSURES - 1], sum(rest)),
            (*labels[: MOST_EXPOSURES - 1], f"{MOST_EXPOSURES}+"),
        )
    return Bars(
        "How often reached people see a campaign", labels, (Series("Reached people", shares),), "%", "exposures"
    )


def reach(config: Config) -> Chart:
    """How many of the eligible see a campaign at least so often."""
    shares, reached = frequency_shares(config), config.campaigns.reach
    at_least = [reached * sum(shares[n:]) for n in range(min(len(shares), 20))]
    x = tuple(float(n) for n in range(1, len(at_least) + 1))
    return Lines(
        "Reach at each frequency", x, (Series("Eligible people", tuple(at_least)),), "at least so many exposures", "%"
    )


def response(config: Config) -> Chart:
    """The conversion rate by exposures: dose and response."""
    measured = config.campaigns.measurement
    doses = tuple(float(n) for n in range(0, 21))
    rate = tuple(
        measured.conversion_rate * (1 + measured.lift * dose / (dose + measured.saturation_exposures)) for dose in doses
    )
    without = tuple(measured.conversion_rate for _ in doses)
    series = (Series("With the campaign", rate), Series("Without it", without))
    return Lines("What exposures do to the conversion rate", doses, series, "exposures", "%")


CHARTS: dict[str, tuple[Callable[[Config], Chart], ...]] = {
    "households": (household_sizes, household_types),
    "demographics": (identifiers, emails),
    "engagement": (activity, hours, popularity),
    "campaigns": (frequency, reach, response),
}
