"""Campaign exposures: the impressions that were delivered to people in the treatment arm."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, moment
from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.entities import identifiers as ids
from generation.entities.audience import audience
from generation.entities.campaigns import (
    assignment_id,
    before_opt_out,
    deliveries,
    eligible,
    exposure_second,
)
from generation.entities.delivery import CREATIVES, VIDEO_CHANNELS
from generation.entities.devices import device_id
from generation.entities.screens import exposure_screen, with_channel
from generation.spec.catalog.campaign_exposures import CAMPAIGN_EXPOSURES
from generation.spec.keys import EXPOSURE

VIEWABLE_SHARE = {"ctv": 0.95, "online_video": 0.72}
"""Share of impressions with at least half the pixels in view, by channel; others `DISPLAY_VIEWABLE` (design choices)."""
DISPLAY_VIEWABLE = 0.68

GENERAL_INVALID, SOPHISTICATED_INVALID = 0.015, 0.012
"""Shares of invalid traffic among impressions of people (design choice; bots without people are not in this table)."""


def campaign_exposures(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row an exposure."""
    frame = deliveries(engine, eligible(engine, audience(engine, people, households)))
    frame = frame.filter(~F.col("held_out") & (F.col("delivered") > 0))
    frame = ids.with_lives(engine, frame, ids.consents(engine, "advertising"))
    frame = frame.withColumn("frequency", F.explode(F.sequence(F.lit(1).cast("bigint"), F.col("delivered"))))
    frame = exposure_second(engine, frame, F.col("frequency"), "_second")
    frame = frame.filter(before_opt_out(F.col("_second")))
    assignment = assignment_id(F.col("individual_id"), F.col("campaign_id"))
    frame = frame.withColumn("exposure_id", assignment * EXPOSURE + F.col("frequency"))
    frame = _where(engine, with_channel(engine, frame))
    return conform(_viewed(engine, frame), CAMPAIGN_EXPOSURES)


def _where(engine: Engine, frame: DataFrame) -> DataFrame:
    """The device, and the identifier that is targeted there."""
    screen = exposure_screen(engine)
    frame = frame.withColumn("device_id", device_id(F.col("household_id"), screen.device))
    return ids.with_seen_mapping(engine, frame, screen.identifier, "_second", F.col("device_id"))


def _viewed(engine: Engine, frame: DataFrame) -> DataFrame:
    """Viewability and invalid traffic."""
    exposure, draws = F.col("exposure_id"), engine.draws
    share = F.lit(DISPLAY_VIEWABLE)
    for channel, value in VIEWABLE_SHARE.items():
        share = F.when(F.col("channel") == channel, value).otherwise(share)
    u, v = draws.uniform("pixels in view", exposure), draws.uniform("time in view", exposure)
    # Above the share: less than half the pixels; below it: from half to all.
    pixels = F.when(u < share, 0.5 + 0.5 * (u / share)).otherwise(0.5 * ((1.0 - u) / (1.0 - share)))
    percent = whole(pixels * 100) / 100
    milliseconds = whole(v * v * 20_000) + F.when(F.col("channel").isin(*VIDEO_CHANNELS), 1_500).otherwise(700)
    needed = F.when(F.col("channel").isin(*VIDEO_CHANNELS), 2_000).otherwise(1_000)
    w = draws.uniform("invalid traffic", exposure)
    traffic = (
        F.when(w < GENERAL_INVALID, "givt").when(w < GENERAL_INVALID + SOPHISTICATED_INVALID, "sivt").otherwise("valid")
    )
    creative = draws.integer("creative", CREATIVES, exposure) + 1
    return frame.select(
        "exposure_id", "individual_id", "campaign_id", "channel", "frequency", "device_id", "mapping_id",
        moment(engine.config.window_start, F.col("_second")).alias("timestamp"),
        F.concat_ws("-", F.lit("creative"), F.col("campaign_id").cast("string"), creative.cast("string")).alias("creative"),
        percent.alias("in_view_pct"),
        milliseconds.alias("in_view_ms"),
        ((percent >= 0.5) & (milliseconds >= needed)).alias("is_viewable"),
        traffic.alias("ivt_class"),
    )  # fmt: skip
