"""Conversions: everybody eligible may convert; exposure raises the chance.

One draw decides for a person and campaign: below the rate without exposure they convert anyway, between that and the rate
with their exposures the campaign caused it. The causal tables can therefore be told from the same draw.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, moment, money
from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.entities.audience import audience
from generation.entities.campaigns import assignment_id, before_opt_out, deliveries, eligible, exposure_second
from generation.entities.identifiers import DAY, window_seconds
from generation.entities.outcomes import intents, lags, order_cents
from generation.spec.catalog.conversions import CONVERSIONS
from generation.spec.keys import CONVERSION

AFTERGLOW_DAYS = 7
"""Conversions without cause are logged for the flight and this many days after it."""


def conversions(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row a conversion."""
    pairs = deliveries(engine, eligible(engine, audience(engine, people, households)))
    frame = _timed(engine, _converters(engine, pairs))
    frame = frame.filter(F.col("_second") < window_seconds(engine))
    bits = engine.draws.bits("order value", F.col("individual_id"), F.col("campaign_id"))
    frame = engine.frames.quantile(frame, "_cents", order_cents(), bits, F.col("vertical"))
    frame = frame.select(
        (assignment_id(F.col("individual_id"), F.col("campaign_id")) * CONVERSION).alias("conversion_id"),
        "individual_id",
        "campaign_id",
        "advertiser",
        moment(engine.config.window_start, F.col("_second")).alias("timestamp"),
        money(F.col("_cents")).alias("value"),
    )
    return conform(frame, CONVERSIONS)


def _converters(engine: Engine, pairs: DataFrame) -> DataFrame:
    """Pairs that convert, with whether the campaign `caused` it and the exposures that did."""
    settings, draws = engine.config.campaigns.measurement, engine.draws
    keys = (F.col("individual_id"), F.col("campaign_id"))
    frame = engine.frames.quantile(pairs, "_intent", intents(), draws.bits("intent", *keys))
    seen = F.when(F.col("held_out"), 0).otherwise(F.col("exposures")).cast("double")
    dose = seen / (seen + settings.saturation_exposures)
    base = F.col("_intent") * settings.conversion_rate
    u = draws.uniform("converts", *keys)
    frame = (
        frame.withColumn("_u", u).withColumn("_base", base).withColumn("_raised", base * (1.0 + F.col("lift") * dose))
    )
    frame = frame.filter(F.col("_u") < F.col("_raised"))
    return frame.withColumn("caused", F.col("_u") >= F.col("_base"))


def _timed(engine: Engine, frame: DataFrame) -> DataFrame:
    """Caused conversions follow one of the exposures by the vertical's lag; the others come at any time of the flight."""
    draws, keys = engine.draws, (F.col("individual_id"), F.col("campaign_id"))
    touch = draws.integer("causing touch", F.greatest(F.col("exposures"), F.lit(1)), *keys) + 1
    frame = exposure_second(engine, frame, touch, "_touch")
    frame = engine.frames.quantile(frame, "_lag", lags(), draws.bits("lag", *keys), F.col("vertical"))
    length = (engine.config.campaigns.flight_days + AFTERGLOW_DAYS) * DAY
    anytime = F.col("flight_start") + whole(draws.uniform("conversion time", *keys) * length)
    second = F.when(F.col("caused"), F.col("_touch") + F.col("_lag")).otherwise(anytime)
    # A touch after the opt-out never happened, so it causes nothing.
    return frame.withColumn("_second", second).filter(~F.col("caused") | before_opt_out(F.col("_touch")))
