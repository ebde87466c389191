"""Touches: the exposures before a conversion that count for it."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.entities.campaigns import clicked
from generation.entities.identifiers import DAY


def touches(engine: Engine, exposures: DataFrame, conversions: DataFrame, whose: str = "individual_id") -> DataFrame:
    """One row a conversion and exposure of the same person and campaign that precedes it within its window: the view
    window, or the click window for clicked exposures. Columns of conversions, exposure_id, channel and touched_at.

    `whose` is the column that both share: individual_id, or household_id where exposures of everybody at home count.
    """
    windows = engine.config.campaigns.attribution
    seen = exposures.select(
        whose, "campaign_id", "exposure_id", "channel", "frequency", F.col("timestamp").alias("touched_at")
    )
    joined = conversions.join(seen, [whose, "campaign_id"])
    passed = F.unix_timestamp("timestamp") - F.unix_timestamp("touched_at")
    longest = max(windows.click_window_days, windows.view_window_days) * DAY
    joined = joined.filter((passed > 0) & (passed <= longest)).withColumn("_passed", passed)
    window = F.when(F.col("clicked"), longest).otherwise(windows.view_window_days * DAY)
    return clicked(engine, joined).filter(F.col("_passed") <= window).drop("_passed", "clicked", "frequency")
