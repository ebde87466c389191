"""Campaigns authored on the driver, and how they are delivered: who is eligible, how often and when they are exposed."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import position
from generation.engine.context import Engine
from generation.engine.draw import driver_uniform, whole
from generation.engine.exact import power
from generation.engine.lookup import Lookup, Quantiles, grid, inverse_cdf, quantiles
from generation.engine.vocabulary import advertiser, campaign_goal
from generation.entities.calendar import WARP_CELLS, daily_warp, summer_days
from generation.entities.delivery import deals, dealt, place, places
from generation.entities.identifiers import DAY
from generation.entities.outcomes import reach_by_intent
from generation.spec.catalog.campaigns import CHANNELS, VERTICALS
from generation.spec.config import Config
from generation.spec.keys import CAMPAIGN
from generation.spec.plan import LARGE_STATES, channels, lift, start_day, target

FREQUENCY_BITS = 12
NBD_SHAPE = 0.9
"""Shape of the negative binomial of exposures per person; display 0.45 to linear TV 1.2 in planning practice."""

MOST_ODDS = 4.0
"""Of one more exposure, where a mean is near its cap."""


@dataclass(frozen=True)
class Campaign:
    """One campaign. Dates are UTC; `end` is the flight's last day."""

    campaign_id: int
    name: str
    advertiser: str
    vertical: str
    start: dt.date
    end: dt.date
    min_age: int
    max_age: int
    genders: tuple[str, ...]
    states: tuple[str, ...]
    income_brackets: tuple[str, ...]
    segments: tuple[str, ...]
    channels: tuple[str, ...]
    budget: int
    lift: float


def campaigns(config: Config) -> tuple[Campaign, ...]:
    """All campaigns of a configuration; campaign k does not depend on how many there are."""
    return tuple(_campaign(config, number) for number in range(1, config.campaigns.count + 1))


def _campaign(config: Config, number: int) -> Campaign:
    def u(decision: str) -> float:
        return driver_uniform(config.plan_seed, f"campaign {decision}", number)

    settings, wanted = config.campaigns, target(config, number)
    start = config.window_start + dt.timedelta(days=start_day(config, number))
    goal, brand = campaign_goal(config.plan_seed, number), advertiser(config.plan_seed, number)
    return Campaign(
        campaign_id=number,
        name=f"{brand.split()[0]} {goal} {number}",
        advertiser=brand,
        vertical=VERTICALS[int(u("vertical") * len(VERTICALS))],
        start=start,
        end=start + dt.timedelta(days=settings.flight_days - 1),
        channels=channels(config, number),
        budget=int(25_000 * (1 + 39 * u("budget"))),
        lift=lift(config, number),
        min_age=wanted.min_age,
        max_age=wanted.max_age,
        genders=wanted.genders,
        states=wanted.states,
        income_brackets=wanted.income_brackets,
        segments=wanted.segments,
    )


def campaign_frame(engine: Engine) -> DataFrame:
    """The campaigns as a small frame to pair people with."""
    config, rows = engine.config, campaigns(engine.config)
    personal = [[c for c in row.channels if c != "ctv"] for row in rows]
    lookup = Lookup(
        "campaigns",
        {
            "campaign_id": np.array([row.campaign_id for row in rows], dtype=np.int64),
            "flight_start": np.array([(row.start - config.window_start).days * DAY for row in rows], dtype=np.int64),
            "min_age": np.array([row.min_age for row in rows], dtype=np.int64),
            "max_age": np.array([row.max_age for row in rows], dtype=np.int64),
            "wanted_gender": [row.genders[0] if row.genders else "" for row in rows],
            "large_states": np.array([bool(row.states) for row in rows], dtype=bool),
            "wants_upper_income": np.array([bool(row.income_brackets) for row in rows], dtype=bool),
            "wanted_segment": [row.segments[0] if row.segments else "" for row in rows],
            "personal_channels": np.array([len(p) for p in personal], dtype=np.int64),
            "all_channels": np.array([len(row.channels) for row in rows], dtype=np.int64),
            "vertical": np.array([VERTICALS.index(row.vertical) for row in rows], dtype=np.int64),
            "lift": np.array([row.lift for row in rows]),
            "advertiser": [row.advertiser for row in rows],
        },
    )
    return engine.frames.frame(lookup).drop("__row")


def eligible(engine: Engine, audience: DataFrame) -> DataFrame:
    """Pairs of audience members and campaigns whose criteria they meet and whose channels reach a device of theirs.

    Needs age, gender, state, upper_income, parent, affluent, and whether they are reached `on_tv` and `on_personal` devices.
    """
    pairs = campaign_frame(engine).crossJoin(audience)
    met = (
        F.col("age").between(F.col("min_age"), F.col("max_age"))
        & ((F.col("wanted_gender") == "") | (F.col("wanted_gender") == F.col("gender")))
        & (~F.col("large_states") | F.col("state").isin(*LARGE_STATES))
        & (~F.col("wants_upper_income") | F.col("upper_income"))
        & (
            (F.col("wanted_segment") == "")
            | ((F.col("wanted_segment") == "parents") & F.col("parent"))
            | ((F.col("wanted_segment") == "affluent_households") & F.col("affluent"))
        )
    )
    reached = (F.col("on_personal") & (F.col("personal_channels") > 0)) | (
        F.col("on_tv") & (F.col("all_channels") > F.col("personal_channels"))
    )
    if engine.config.campaigns.delivery.enabled:
        # Reach is met only where nobody who should be reached drops out.
        last = F.col("flight_start") + engine.config.campaigns.flight_days * DAY
        reached = reached & (F.col("opt_out").isNull() | (F.col("opt_out") >= last))
    return pairs.filter(met & reached)


def assignment_id(person: Column, campaign: Column) -> Column:
    """The key of a person's assignment to a campaign."""
    return person * CAMPAIGN + campaign


@functools.lru_cache(maxsize=8)
def frequency_curve(mean: float, cap: int) -> Quantiles:
    """Exposures of a reached person, 1 to cap: a zero-truncated negative binomial, cut at the cap, with the given mean."""
    return quantiles(f"frequency {mean} {cap}", _frequencies(mean, cap, NBD_SHAPE), FREQUENCY_BITS)


@functools.lru_cache(maxsize=8)
def frequency_curves(mean: float, shape: float, caps: tuple[int, ...]) -> Quantiles:
    """The same for several caps, by their number."""
    rows = np.stack([_frequencies(mean, cap, shape) for cap in caps])
    return quantiles(f"frequencies {mean} {shape} {caps}", rows, FREQUENCY_BITS)


def _frequencies(mean: float, cap: int, shape: float) -> np.ndarray:
    if mean >= cap:
        # As near to the mean as the cap allows.
        return np.full(len(grid(FREQUENCY_BITS)), cap, dtype=np.int64)
    counts = np.arange(1, cap + 1)
    low, high = 1e-9, 1.0 - 1e-9 if mean <= 0.45 * cap else MOST_ODDS
    for _ in range(80):
        odds = (low + high) / 2
        weights = _nbd_weights(odds, cap, shape)
        below = float((weights * counts).sum()) < mean * float(weights.sum())
        low, high = (odds, high) if below else (low, odds)
    return inverse_cdf(np.cumsum(weights), grid(FREQUENCY_BITS)) + 1


def _nbd_weights(odds: float, cap: int, shape: float) -> np.ndarray:
    """Unnormalised negative binomial probabilities of 1 .. cap."""
    weights, weight = [], 1.0
    for k in range(1, cap + 1):
        weight = weight * (shape + k - 1) / k * odds
        weights.append(weight)
    return np.array(weights)


def exposure_second(engine: Engine, pairs: DataFrame, number: Column, into: str) -> DataFrame:
    """Pairs with the second of the window at which exposure `number` (1 .. exposures) happens.

    Each exposure keeps to its own part of the flight, so that they are in order by construction; inside a day they follow
    the local hours of activity. Needs individual_id, campaign_id, exposures, flight_start and zone.
    """
    days = engine.config.campaigns.flight_days
    u = engine.draws.uniform("exposure time", F.col("individual_id"), F.col("campaign_id"), number)
    parts = F.greatest(F.col("exposures"), F.lit(1))
    frame = pairs.withColumn("__at", (number - 1 + u * 0.96 + 0.02) / parts * days)
    day = F.floor("__at")
    cell = whole((F.col("__at") - day) * WARP_CELLS)
    row = (F.col("zone") * 2 + _in_summer(engine, F.col("flight_start") / DAY + day)) * WARP_CELLS + cell
    frame = engine.frames.look_up(frame, daily_warp(engine.config), row, __second="second", __width="width")
    inside = (F.col("__at") - F.floor("__at")) * WARP_CELLS
    second = F.col("__second") + (inside - F.floor(inside)) * F.col("__width")
    moment = F.col("flight_start") + day.cast("bigint") * DAY + whole(second)
    return frame.withColumn(into, moment).drop("__at", "__second", "__width")


def _in_summer(engine: Engine, day: Column) -> Column:
    """1 for days of the window on summer time, else 0."""
    result = F.lit(0)
    for first, last in summer_days(engine.config):
        result = F.when(day.between(first, last), 1).otherwise(result)
    return result


@functools.cache
def wear_out() -> np.ndarray:
    """Relative click rate of the n-th exposure, n = 1 .. 256: n^-0.25 (design choice)."""
    return power(np.arange(1, 257).astype(np.float64), -0.25)


def deliveries(engine: Engine, pairs: DataFrame) -> DataFrame:
    """Eligible pairs with their randomised arm (`held_out`) and the `exposures` they get, or would get if held out.

    Nobody is exposed after their opt-out: `exposures` counts all that were planned, `delivered` those that happen. Without
    measurement they are the same, and callers drop the late ones.
    """
    return engine.kept("deliveries", lambda: _deliveries(engine, pairs))


def _deliveries(engine: Engine, pairs: DataFrame) -> DataFrame:
    settings, draws = engine.config.campaigns, engine.draws
    keys = (F.col("individual_id"), F.col("campaign_id"))
    frame = pairs.withColumn("held_out", draws.chance("holdout", settings.measurement.holdout_share, *keys))
    frame = _planned(engine, frame)
    likely: float | Column = settings.reach
    if settings.measurement.confounding != 1.0:
        curve = reach_by_intent(settings.reach, settings.measurement.confounding, settings.measurement.intent_spread)
        frame = engine.frames.quantile(frame, "_likely", curve, draws.bits("intent", *keys))
        likely = F.col("_likely")
    planned = F.when(draws.chance("reached", likely, *keys), F.col("_planned")).otherwise(0)
    frame = frame.withColumn("exposures", planned.cast("bigint")).drop("_planned", "_likely")
    return frame.withColumn("delivered", _delivered(engine) if settings.measurement.enabled else F.col("exposures"))


def _planned(engine: Engine, frame: DataFrame) -> DataFrame:
    """Pairs with `_planned`, the exposures of a person who is reached; delivered to the specification below what the person
    has room for, and with the number of the `deal` that says through which channels.
    """
    settings = engine.config.campaigns
    bits = engine.draws.bits("frequency", F.col("individual_id"), F.col("campaign_id"))
    if not settings.delivery.enabled:
        curve = frequency_curve(settings.mean_frequency, settings.frequency_cap)
        return engine.frames.quantile(frame, "_planned", curve, bits)
    plan = channel_plan(engine.config)
    row = place(F.col("campaign_id"), F.col("size"))
    frame = engine.frames.look_up(frame, places(engine.config, plan), row, deal="deal", _capacity="capacity")
    shape, caps = settings.delivery.frequency_shape, deals(engine.config, plan).capacities
    curve = frequency_curves(settings.mean_frequency, shape, caps)
    return engine.frames.quantile(frame, "_planned", curve, bits, F.col("_capacity")).drop("_capacity")


def channel_plan(config: Config) -> tuple[tuple[str, ...], ...]:
    """The channels of every campaign."""
    return tuple(campaign.channels for campaign in campaigns(config))


def dealt_channels(engine: Engine, exposures: DataFrame) -> DataFrame:
    """Exposures (frequency, deal) with the `channel` that delivers them to the specification."""
    return dealt(engine, exposures, channel_plan(engine.config))


def _delivered(engine: Engine) -> Column:
    """How many of the planned exposures are on days before the day of the opt-out; each has its own part of the flight."""
    days, planned = engine.config.campaigns.flight_days, F.col("exposures")
    left = F.floor((F.col("opt_out") - F.col("flight_start")) / F.lit(float(DAY))).cast("double")
    left = F.least(F.greatest(left, F.lit(0.0)), F.lit(float(days)))
    sure = F.least(whole(left * planned / days), planned)
    u = engine.draws.uniform("exposure time", F.col("individual_id"), F.col("campaign_id"), sure + 1)
    next_at = (sure + u * 0.96 + 0.02) / F.greatest(planned, F.lit(1)) * days
    one_more = F.when((sure < planned) & (next_at < left), 1).otherwise(0)
    return F.when(F.col("opt_out").isNull(), planned).otherwise(sure + one_more).cast("bigint")


def before_opt_out(second: Column) -> Column:
    """Whether a user (opt_out) has not opted out at a second of the window."""
    return F.col("opt_out").isNull() | (second < F.col("opt_out"))


@functools.cache
def click_lookup(rates: tuple[float, ...]) -> Lookup:
    """Click rate by channel (in the catalogue's order) and number of the exposure: channel * 256 + number - 1."""
    return Lookup(f"click rates {rates}", {"rate": np.concatenate([rate * wear_out() for rate in rates])})


def clicked(engine: Engine, exposures: DataFrame) -> DataFrame:
    """Exposures (exposure_id, channel, frequency) with whether they were `clicked`: a function of the exposure alone."""
    rates = tuple(engine.config.campaigns.click_rates[channel] for channel in CHANNELS)
    at = position(F.col("channel"), CHANNELS) * 256 + F.col("frequency") - 1
    frame = engine.frames.look_up(exposures, click_lookup(rates), at, _rate="rate")
    return frame.withColumn("clicked", engine.draws.chance("click", F.col("_rate"), F.col("exposure_id"))).drop("_rate")
