"""Campaign lift: the potential outcomes of all people, added up."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, position
from generation.engine.context import Engine
from generation.spec.catalog.campaign_lift import CAMPAIGN_LIFT
from generation.spec.catalog.campaigns import CHANNELS
from generation.spec.segments import SEGMENTS

GROUPS = 64
SEGMENT_NAMES = tuple(segment.name for segment in SEGMENTS)


def campaign_lift(engine: Engine, effects: DataFrame, attributes: DataFrame, exposures: DataFrame) -> DataFrame:
    """One row a campaign, and one a channel and segment of it."""
    rows = _of_people(effects, attributes).unionByName(_of_channels(effects, exposures))
    grouped = rows.groupBy("campaign_id", "breakdown", "group_name").agg(
        F.count(F.lit(1)).alias("eligible"),
        F.sum("_treated").alias("treated"),
        F.sum("_reached").alias("reached"),
        F.sum("_baseline").alias("baseline_conversions"),
        F.sum("_gained").alias("_gained"),
        F.sum("_incremental").alias("incremental_conversions"),
        F.sum("_revenue").alias("incremental_revenue"),
        F.sum("_spilled").alias("spillover_conversions"),
    )
    number = (
        F.when(F.col("breakdown") == "campaign", 0)
        .when(F.col("breakdown") == "channel", 1 + position(F.col("group_name"), CHANNELS))
        .otherwise(16 + position(F.col("group_name"), SEGMENT_NAMES))
    )
    itt = F.when(F.col("breakdown") != "channel", _share("_gained", "eligible"))
    grouped = grouped.withColumns(
        {
            "lift_id": F.col("campaign_id") * GROUPS + number,
            "itt": itt,
            "att": _share("_gained", "reached"),
            "relative_lift": _share("_gained", "baseline_conversions"),
        }
    )
    return conform(grouped, CAMPAIGN_LIFT)


def _share(part: str, whole: str) -> Column:
    return F.when(F.col(whole) > 0, F.col(part).cast("double") / F.col(whole).cast("double"))


def _of_people(effects: DataFrame, attributes: DataFrame) -> DataFrame:
    """Every eligible person in the campaign's row and in that of their segment."""
    caused = F.col("cause") == "campaign"
    people = effects.join(attributes.select("individual_id", "segment"), "individual_id")
    whole = F.col("breakdown") == "campaign"
    return people.withColumn("breakdown", F.explode(F.array(F.lit("campaign"), F.lit("segment")))).select(
        "campaign_id",
        "breakdown",
        F.when(whole, "all").otherwise(F.col("segment")).alias("group_name"),
        *_counted((F.col("exposures") > 0), caused, F.col("y1") - F.col("y0"), F.col("cause") == "household"),
    )


def _of_channels(effects: DataFrame, exposures: DataFrame) -> DataFrame:
    """Every treated person once for each channel they were exposed on."""
    keys = ["campaign_id", "individual_id"]
    seen = exposures.select(*keys, F.col("channel").alias("group_name")).distinct()
    causing = exposures.select(F.col("exposure_id").alias("caused_by"), F.col("channel").alias("_by"))
    people = effects.join(causing, "caused_by", "left").join(seen, keys)
    caused = (F.col("cause") == "campaign") & F.coalesce(F.col("_by") == F.col("group_name"), F.lit(False))
    return people.select(
        "campaign_id",
        F.lit("channel").alias("breakdown"),
        "group_name",
        *_counted(F.lit(True), caused, caused.cast("int"), F.lit(False)),
    )


def _counted(reached: Column, caused: Column, gained: Column, spilled: Column) -> list[Column]:
    nothing = F.lit(0).cast("decimal(12,2)")
    return [
        (F.col("arm") == "treatment").cast("bigint").alias("_treated"),
        reached.cast("bigint").alias("_reached"),
        F.when(reached, F.col("y0")).otherwise(0).cast("bigint").alias("_baseline"),
        gained.cast("bigint").alias("_gained"),
        F.when(caused, 1).otherwise(0).cast("bigint").alias("_incremental"),
        F.when(caused, F.col("value")).otherwise(nothing).alias("_revenue"),
        spilled.cast("bigint").alias("_spilled"),
    ]
