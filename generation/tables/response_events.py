"""Response events: clicks, visits, sign-ups and conversions that follow an exposure."""

from __future__ import annotations

import functools

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform
from generation.engine.context import Engine
from generation.entities.campaigns import clicked
from generation.entities.touches import touches
from generation.spec.catalog.response_events import RESPONSE_EVENTS, RESPONSE_TYPES
from generation.spec.keys import RESPONSE

VISIT_AFTER_CLICK = 0.80
"""Share of clicks whose landing page loads (design choice)."""

CLICK_SECONDS, VISIT_SECONDS, SIGNUP_SECONDS, LATER_VISIT_SECONDS = 20, 60, 3_600, 86_000
"""Longest delays: of a click after the exposure, then of the visit and the sign-up after the click, and of a visit
without click after the exposure (under a day, so inside every window)."""


def response_events(engine: Engine, exposures: DataFrame, conversions: DataFrame) -> DataFrame:
    """One row a response."""
    parts = [*_direct(engine, exposures), _conversions(engine, exposures, conversions)]
    return conform(functools.reduce(DataFrame.unionByName, parts), RESPONSE_EVENTS)


def _direct(engine: Engine, exposures: DataFrame) -> list[DataFrame]:
    """Clicks, and visits and sign-ups after a click; visits also without one."""
    draws, settings, exposure = engine.draws, engine.config.campaigns, F.col("exposure_id")
    valid = exposures.select("individual_id", "campaign_id", "exposure_id", "channel", "frequency", "timestamp")
    frame = clicked(engine, valid)
    click = draws.integer("click delay", CLICK_SECONDS, exposure) + 1
    landing = click + draws.integer("visit delay", VISIT_SECONDS, exposure) + 1
    later = draws.integer("later visit delay", LATER_VISIT_SECONDS, exposure) + 60
    signup = landing + draws.integer("sign-up delay", SIGNUP_SECONDS, exposure) + 10
    lands = F.col("clicked") & draws.chance("visits after click", VISIT_AFTER_CLICK, exposure)
    returns = ~F.col("clicked") & draws.chance("visits later", settings.visit_rate, exposure)
    signs = F.col("clicked") & draws.chance("signs up", settings.signup_rate, exposure)
    return [
        _response(engine, frame.filter(F.col("clicked")), "click", click),
        _response(engine, frame.filter(lands | returns), "visit", F.when(F.col("clicked"), landing).otherwise(later)),
        _response(engine, frame.filter(signs), "signup", signup),
    ]


def _response(engine: Engine, frame: DataFrame, kind: str, delay: Column) -> DataFrame:
    """Responses of a type; those that would come at or after as_of are not known yet."""
    at = F.timestamp_seconds(F.unix_timestamp("timestamp") + delay)
    rows = frame.select(
        (F.col("exposure_id") * RESPONSE + RESPONSE_TYPES.index(kind)).alias("response_id"),
        "individual_id",
        "campaign_id",
        "exposure_id",
        F.lit(kind).alias("response_type"),
        at.alias("timestamp"),
        F.lit(0).cast("decimal(12,2)").alias("value"),
        F.lit(None).cast("bigint").alias("conversion_id"),
    )
    return rows.filter(F.col("timestamp") < F.lit(engine.config.output.as_of).cast("timestamp"))


def _conversions(engine: Engine, exposures: DataFrame, conversions: DataFrame) -> DataFrame:
    """Conversions with at least one touch, referred to the last one. Exposures' keys rise with time."""
    wanted = conversions.select("individual_id", "campaign_id", "conversion_id", "timestamp", "value")
    last = (
        touches(engine, exposures, wanted)
        .groupBy("individual_id", "campaign_id", "conversion_id", "timestamp", "value")
        .agg(F.max("exposure_id").alias("exposure_id"))
    )
    return last.select(
        (F.col("exposure_id") * RESPONSE + RESPONSE_TYPES.index("conversion")).alias("response_id"),
        "individual_id",
        "campaign_id",
        "exposure_id",
        F.lit("conversion").alias("response_type"),
        "timestamp",
        "value",
        "conversion_id",
    )
