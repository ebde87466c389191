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
    dealt_channels,
    deliveries,
    eligible,
    exposure_second,
)
from generation.entities.delivery import CREATIVES, VIDEO_CHANNELS
from generation.entities.devices import COMPUTER_SLOT, CTV_SLOT, TABLET_SLOT, device_id, own_computer, own_tablet
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
    frame = ids.with_lives(engine, frame.filter(~F.col("held_out") & (F.col("delivered") > 0)))
    frame = frame.withColumn("frequency", F.explode(F.sequence(F.lit(1).cast("bigint"), F.col("delivered"))))
    frame = exposure_second(engine, frame, F.col("frequency"), "_second")
    frame = frame.filter(before_opt_out(F.col("_second")))
    assignment = assignment_id(F.col("individual_id"), F.col("campaign_id"))
    frame = frame.withColumn("exposure_id", assignment * EXPOSURE + F.col("frequency"))
    frame = _where(engine, _channel(engine, frame))
    return conform(_viewed(engine, frame), CAMPAIGN_EXPOSURES)


def _channel(engine: Engine, frame: DataFrame) -> DataFrame:
    """One of the campaign's channels that a device of the person carries; connected TV stands last in the list. Delivered to
    the specification it is dealt by the channels' shares, below their caps.
    """
    if engine.config.campaigns.delivery.enabled:
        return dealt_channels(engine, frame)
    first = F.when(F.col("on_personal"), 0).otherwise(F.col("personal_channels"))
    count = F.when(F.col("on_tv"), F.col("all_channels")).otherwise(F.col("personal_channels")) - first
    at = first + engine.draws.integer("exposure channel", count, F.col("exposure_id"))
    return frame.withColumn("channel", F.element_at(F.split("channel_list", ","), (at + 1).cast("int")))


def _where(engine: Engine, frame: DataFrame) -> DataFrame:
    """The device, its slot and the identifier slot that is targeted there."""
    exposure, draws = F.col("exposure_id"), engine.draws
    tv = draws.integer("exposure tv", F.col("ctvs"), exposure)
    u = draws.uniform("exposure device", exposure)
    to_phone = F.col("phone") & ((u < 0.65) | (F.col("tablets") + F.col("computers") == 0))
    to_computer = (F.col("computers") > 0) & ((u < 0.88) | (F.col("tablets") == 0))
    in_app = F.col("_maid_period").isNotNull() & draws.chance("exposure in app", 0.6, exposure)
    on_tv = F.col("channel") == "ctv"
    slot = (
        F.when(on_tv, tv + CTV_SLOT)
        .when(to_phone, F.col("ordinal"))
        .when(to_computer, own_computer() + COMPUTER_SLOT)
        .otherwise(own_tablet() + TABLET_SLOT)
    )
    seen = (
        F.when(on_tv, tv + ids.CTV_ID)
        .when(to_phone, F.when(in_app, ids.MAID).otherwise(ids.PHONE_COOKIE))
        .when(to_computer, own_computer() + ids.COMPUTER_COOKIE)
        .otherwise(own_tablet() + ids.TABLET_COOKIE)
    )
    frame = frame.withColumn("device_id", device_id(F.col("household_id"), slot)).withColumn(
        "_seen", seen.cast("bigint")
    )
    mapping = ids.seen_mapping(engine, F.col("_seen"), F.col("_second"), F.col("device_id"))
    return frame.withColumn("mapping_id", F.when(ids.consents(engine, "advertising"), mapping))


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
