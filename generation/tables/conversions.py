"""Conversions: everybody eligible may convert; exposure raises the chance (`generation.entities.effects`). Where an order is
placed is another matter than where the advertisement was seen.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, moment, money
from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.entities.campaigns import assignment_id, before_opt_out, exposure_second
from generation.entities.devices import device_id
from generation.entities.effects import causing_touch, outcomes, valued
from generation.entities.identifiers import DAY, window_seconds
from generation.entities.outcomes import SHORTEST_LAG, lags
from generation.entities.screens import order_device, touched_device, with_channel
from generation.spec.catalog.conversions import CONVERSIONS
from generation.spec.config import AFTERGLOW_DAYS
from generation.spec.keys import CONVERSION, EXPOSURE


def conversions(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row a conversion."""
    frame = _timed(engine, outcomes(engine, households, people).filter(F.col("y")))
    frame = _placed(engine, frame.filter(F.col("_second") < window_seconds(engine)))
    frame = valued(engine, frame)
    frame = frame.select(
        (assignment_id(F.col("individual_id"), F.col("campaign_id")) * CONVERSION).alias("conversion_id"),
        "individual_id",
        "campaign_id",
        "advertiser",
        "device_id",
        moment(engine.config.window_start, F.col("_second")).alias("timestamp"),
        money(F.col("cents")).alias("value"),
    )
    return conform(frame, CONVERSIONS)


def _timed(engine: Engine, frame: DataFrame) -> DataFrame:
    """Caused conversions follow one of the exposures by the vertical's lag; the others come at any time of the flight."""
    draws, keys = engine.draws, (F.col("individual_id"), F.col("campaign_id"))
    frame = frame.withColumn("_caused", F.col("caused") | F.col("spilled_over"))
    frame = _with_touch(engine, frame)
    frame = engine.frames.quantile(frame, "_lag", lags(), draws.bits("lag", *keys), F.col("vertical"))
    length = (engine.config.campaigns.flight_days + AFTERGLOW_DAYS) * DAY
    anytime = F.col("flight_start") + whole(draws.uniform("conversion time", *keys) * length)
    second = F.when(F.col("_caused"), F.col("_touch") + _lag(engine)).otherwise(anytime)
    # A touch after the opt-out never happened, so it causes nothing.
    return frame.withColumn("_second", second).filter(~F.col("caused") | before_opt_out(F.col("_touch")))


def _with_touch(engine: Engine, frame: DataFrame) -> DataFrame:
    """With `_touch`, the second of the exposure that caused the conversion, and its number in `frequency`."""
    frame = frame.withColumn("frequency", causing_touch(engine))
    own = {"individual_id": "_buyer", "exposures": "_planned"}
    # An exposure's time is a matter of who was exposed.
    frame = frame.withColumnsRenamed(own).withColumnsRenamed(
        {"toucher": "individual_id", "toucher_planned": "exposures"}
    )
    frame = exposure_second(engine, frame, F.col("frequency"), "_touch")
    return frame.drop("individual_id", "exposures").withColumnsRenamed({new: old for old, new in own.items()})


def _placed(engine: Engine, frame: DataFrame) -> DataFrame:
    """With `device_id`: some of what own exposures cause is ordered where they were seen, the rest on any own device."""
    keys = (F.col("individual_id"), F.col("campaign_id"))
    exposure = assignment_id(*keys) * EXPOSURE + F.col("frequency")
    frame = with_channel(engine, frame.withColumn("exposure_id", exposure))
    share = engine.config.campaigns.measurement.same_device_share
    there = F.col("caused") & engine.draws.chance("orders there", share, *keys)
    slot = F.coalesce(F.when(there, touched_device(engine)), order_device(engine))
    return frame.withColumn("device_id", device_id(F.col("household_id"), slot))


def _lag(engine: Engine) -> Column:
    """Seconds from the touch to what it causes. With measurement, what would come after as_of comes before it: the lag
    starts anew there, because a conversion that nobody sees would be an effect that nobody can find.
    """
    if not engine.config.campaigns.measurement.enabled:
        return F.col("_lag")
    room = window_seconds(engine) - F.col("_touch") - SHORTEST_LAG
    return F.lit(SHORTEST_LAG) + F.pmod(F.col("_lag") - SHORTEST_LAG, room)
