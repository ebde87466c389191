"""Bot impressions: served beside those of people, and seen by nobody."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, label, moment
from generation.engine.context import Engine
from generation.engine.draw import BITS, stream, whole
from generation.entities.campaigns import campaign_frame
from generation.entities.delivery import CREATIVES, VIDEO_CHANNELS
from generation.entities.identifiers import DAY
from generation.spec.catalog.bot_impressions import BOT_IMPRESSIONS, BOT_ORIGINS

GENERAL = 0.7
"""Share of general invalid traffic, the kind that lists of known bots filter (design choice)."""

DOCUMENTATION = ("192.0.2.", "198.51.100.", "203.0.113.")
"""Networks that RFC 5737 keeps for documentation."""


def bot_impressions(engine: Engine, exposures: DataFrame) -> DataFrame:
    """One row an impression served to a bot: their number follows what each campaign and channel delivers."""
    draws, key = engine.draws, F.col("exposure_id")
    share = engine.config.campaigns.delivery.bot_share
    frame = exposures.filter(draws.chance("bot", share / (1.0 - share), key)).select(
        "exposure_id", "channel", "campaign_id"
    )
    flights = campaign_frame(engine).select(F.col("campaign_id").alias("_campaign"), "flight_start")
    frame = flights.join(frame, F.col("_campaign") == F.col("campaign_id"))
    length = engine.config.campaigns.flight_days * DAY
    second = F.col("flight_start") + draws.integer("bot time", length, key)
    general = draws.chance("bot general", GENERAL, key)
    origin = F.when(general, 0).otherwise(2) + draws.integer("bot origin", 2, key)
    network = label(draws.integer("bot network", len(DOCUMENTATION), key), DOCUMENTATION)
    number = (draws.integer("bot address", 254, key) + 1).cast("string")
    # Crawlers report nothing in view; sophisticated bots report what is paid for.
    percent = F.when(general, 0.0).otherwise(0.5 + whole(draws.uniform("bot pixels", key) * 51) / 100)
    milliseconds = F.when(general, 0).otherwise(1_000 + draws.integer("bot time in view", 9_000, key))
    needed = F.when(F.col("channel").isin(*VIDEO_CHANNELS), 2_000).otherwise(1_000)
    # A key of its own, from which no exposure is read off.
    mask = stream(engine.config.output.seed, "bot impression") & (2**BITS - 1)
    creative = (draws.integer("bot creative", CREATIVES, key) + 1).cast("string")
    return conform(
        frame.withColumns(
            {
                "impression_id": key.bitwiseXOR(F.lit(mask).cast("bigint")),
                "timestamp": moment(engine.config.window_start, second),
                "creative": F.concat_ws("-", F.lit("creative"), F.col("campaign_id").cast("string"), creative),
                "ivt_class": F.when(general, "givt").otherwise("sivt"),
                "origin": label(origin, BOT_ORIGINS),
                "ip_address": F.concat(network, number),
                "in_view_pct": percent,
                "in_view_ms": milliseconds,
                "is_viewable": (percent >= 0.5) & (milliseconds >= needed),
            }
        ),
        BOT_IMPRESSIONS,
    )
