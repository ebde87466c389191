"""What there is to watch and read, authored on the driver: a few thousand titles."""

from __future__ import annotations

import functools
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Column
from pyspark.sql import functions as F

from generation import reference
from generation.engine.draw import driver_uniform
from generation.engine.exact import Floats, exp, log, normal_quantile, power
from generation.engine.lookup import Choice, Quantiles, choice, grid, quantiles
from generation.engine.vocabulary import title_words
from generation.spec.catalog.content_catalog import CATEGORIES, FORMATS
from generation.spec.config import Config

# Median seconds and how often each category uses each format (short, clip, episode, film, article): design choices.
MEDIAN_SECONDS = {"short": 36.0, "clip": 240.0, "episode": 1560.0, "film": 6120.0, "article": 150.0}
LENGTH_SIGMA = 0.5
FORMAT_SHARES = {
    "news": (0.10, 0.30, 0.15, 0.00, 0.45),
    "sports": (0.20, 0.35, 0.25, 0.00, 0.20),
    "drama": (0.05, 0.10, 0.60, 0.25, 0.00),
    "comedy": (0.25, 0.20, 0.40, 0.15, 0.00),
    "lifestyle": (0.25, 0.20, 0.30, 0.00, 0.25),
    "kids_family": (0.10, 0.25, 0.45, 0.20, 0.00),
    "gaming": (0.30, 0.40, 0.15, 0.00, 0.15),
    "documentary": (0.05, 0.15, 0.45, 0.25, 0.10),
    "music": (0.35, 0.50, 0.05, 0.05, 0.05),
}
FORMATS_UP_TO = {category: list(accumulate(shares)) for category, shares in FORMAT_SHARES.items()}

CURVE_BITS = 12
ARTICLE_CURVE, LONG_CURVE, SHORT_CURVE = range(3)


@dataclass(frozen=True)
class Title:
    """A title; `content_id` counts from 1 and runs through the categories in turn."""

    content_id: int
    name: str
    category: str
    format: str
    length_seconds: int


def titles(config: Config) -> tuple[Title, ...]:
    """All titles of a configuration."""
    return _titles(config.output.seed, config.engagement.titles)


@functools.lru_cache(maxsize=4)
def _titles(seed: int, count: int) -> tuple[Title, ...]:
    ids = range(1, count + 1)
    spread = np.array([driver_uniform(seed, "title length", content_id) for content_id in ids])
    factors = exp(LENGTH_SIGMA * normal_quantile(np.clip(spread, 1e-6, 1 - 1e-6)))
    return tuple(_title(seed, content_id, float(factor)) for content_id, factor in zip(ids, factors, strict=True))


def category_number(content_id: Column) -> Column:
    """The place of a title's category in the catalogue's order."""
    return (content_id - 1) % len(CATEGORIES)


def _title(seed: int, content_id: int, factor: float) -> Title:
    category = CATEGORIES[(content_id - 1) % len(CATEGORIES)]  # as `category_number`
    drawn = driver_uniform(seed, "title format", content_id)
    form = FORMATS[min(bisect_right(FORMATS_UP_TO[category], drawn), len(FORMATS) - 1)]
    length = max(int(MEDIAN_SECONDS[form] * factor), 5)
    return Title(content_id, title_words(seed, content_id, category), category, form, length)


@dataclass(frozen=True)
class Bits:
    """A part of a BIGINT that holds several small numbers: where it begins, and how wide it is."""

    start: int
    width: int

    def of(self, packed: Column) -> Column:
        """The number in it."""
        return F.shiftright(packed, self.start).bitwiseAND(F.lit((1 << self.width) - 1))


TITLE_OF, LENGTH_OF, CURVE_OF = Bits(0, 20), Bits(20, 24), Bits(44, 3)
"""What an event takes from its title, in one number, so that it is found at once: content_id, seconds, completion curve."""

ON_TV = 4 << CURVE_OF.start
"""Added to a title's number where it is watched on TV."""


def popularity(config: Config) -> Choice:
    """The title of an event, packed, by category: Zipf-Mandelbrot over the category's titles."""
    engagement = config.engagement
    return _popular(config.output.seed, engagement.titles, engagement.popularity_offset, engagement.popularity_exponent)


@functools.lru_cache(maxsize=4)
def _popular(seed: int, count: int, offset: float, exponent: float) -> Choice:
    ids, weights = _popularity(count, offset, exponent)
    return choice("popularity", weights, _packed(_titles(seed, count), ids).tolist())


def _popularity(count: int, offset: float, exponent: float) -> tuple[NDArray[np.int64], Floats]:
    """The titles of each category and their weights: Zipf-Mandelbrot over all titles. Numbers beyond the last have none."""
    per_category = -(-count // len(CATEGORIES))
    ids = np.arange(per_category)[None, :] * len(CATEGORIES) + np.arange(len(CATEGORIES))[:, None] + 1
    return ids, np.where(ids <= count, power(ids + offset, -exponent), 0.0)


def _packed(rows: tuple[Title, ...], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    numbers = [
        row.content_id + (row.length_seconds << LENGTH_OF.start) + (_curve(row) << CURVE_OF.start) for row in rows
    ]
    return np.array(numbers, dtype=np.int64)[np.minimum(ids, len(rows)) - 1]


def _curve(title: Title) -> int:
    """Of completion, off TV."""
    return {"article": ARTICLE_CURVE, "short": SHORT_CURVE}.get(title.format, LONG_CURVE)


@functools.cache
def tastes() -> Choice:
    """A category by age band (6) and gender: band * 2 + female."""
    return choice("tastes", _shares_by_group())


def _shares_by_group() -> Floats:
    table = reference.activity()["categories"]["by_category"]
    rows = []
    for band in range(6):
        for female in (False, True):
            rows.append([_taste(table[category], band, female) for category in CATEGORIES])
    return np.array(rows)


FAVOURITE, RUNNER_UP = 0.40, 0.20
"""Shares of a person's events in their favourite category and in the runner-up; the rest is what people like them watch."""


def mixed_taste(group: Column, favourite: Column, runner_up: Column) -> Column:
    """The row of `mixed_tastes` of a person: the row of `tastes` for people like them, and two categories of their own."""
    return (group * len(CATEGORIES) + favourite) * len(CATEGORIES) + runner_up


@functools.cache
def mixed_tastes() -> Choice:
    """The category of an event by a person's own taste."""
    own, shares = np.eye(len(CATEGORIES)), _shares_by_group()
    shares = shares / shares.sum(axis=1)[:, None]
    mixed = (
        FAVOURITE * own[None, :, None, :]
        + RUNNER_UP * own[None, None, :, :]
        + (1 - FAVOURITE - RUNNER_UP) * shares[:, None, None, :]
    )
    return choice("mixed tastes", mixed.reshape(-1, len(CATEGORIES)))


def _taste(row: dict[str, object], band: int, female: bool) -> float:
    ratio = float(row["female_to_male"])  # type: ignore[arg-type]
    tilt = 2 * ratio / (1 + ratio) if female else 2 / (1 + ratio)
    return float(row["base"]) * float(row["by_age"][band]) * tilt  # type: ignore[arg-type,index]


@functools.cache
def completion() -> Quantiles:
    """Share consumed, by curve (off TV, then on it): dwell on articles (Weibull), and for video a mixture of leaving early,
    stopping anywhere and completing (about 20%, more on TV and for short forms).
    """
    u = grid(CURVE_BITS, tail=0)
    # Weibull with shape 0.75 and scale 45 s against the median article.
    article = np.minimum(45.0 / MEDIAN_SECONDS["article"] * power(-log(1.0 - u), 1 / 0.75), 1.0)
    long, tv, short = (_video_curve(u, complete) for complete in (0.20, 0.45, 0.35))
    curves = [article, long, short, long, article, tv, short, tv]
    return quantiles("completion", np.floor(np.stack(curves) * 10_000) / 10_000, CURVE_BITS, tail=0)


def _video_curve(u: np.ndarray, complete: float) -> np.ndarray:
    """Quantiles of the mixture: of those who do not complete, 35 in 80 leave early (Beta(0.6, 6)), 45 stop anywhere."""
    x = np.arange(1, 20_001) / 20_000
    early = np.zeros_like(x)
    for k, coefficient in enumerate((1, -5, 10, -10, 5, -1)):
        early += coefficient * power(x, k + 0.6) / (k + 0.6)
    cdf = (0.4375 * early / early[-1] + 0.5625 * np.minimum(x / 0.95, 1.0)) * (1 - complete)
    stopped = x[np.minimum(np.searchsorted(cdf, u), len(x) - 1)]
    return np.where(u >= 1 - complete, 1.0, np.minimum(stopped, 0.95))
