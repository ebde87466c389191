"""Attribution credits: who gets the credit for every conversion, under every model."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from generation.engine.columns import conform, label, money
from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.entities.credit import BILLION, credit_of, paths, shared_out, whole_over
from generation.entities.touches import touches
from generation.spec.catalog.attribution_credits import ATTRIBUTION_CREDITS, CREDIT_MODELS, CREDIT_UNITS
from generation.spec.catalog.outcome_metrics import ATTRIBUTION_MODELS
from generation.spec.keys import CAMPAIGN, CONVERSION, CREDIT, MODEL, PERSON

LEAST = 1_000_000
"""A thousandth: what a channel counts at least, also where people do better without it."""


def attribution_credits(engine: Engine, exposures: DataFrame, conversions: DataFrame) -> DataFrame:
    """One row a credited touch, unit and model."""
    wanted = with_home(conversions).select(
        "individual_id", "household_id", "campaign_id", "conversion_id", "timestamp", "value"
    )
    own = _credits(engine, with_home(exposures), wanted.drop("household_id"), "individual_id")
    at_home = _credits(engine, with_home(exposures), wanted.drop("individual_id"), "household_id")
    return conform(own.unionByName(at_home), ATTRIBUTION_CREDITS)


def with_home(frame: DataFrame) -> DataFrame:
    """The frame with the `household_id` of individual_id."""
    person = F.col("individual_id")
    return frame.withColumn("household_id", whole_over(person, PERSON))


def _credits(engine: Engine, exposures: DataFrame, wanted: DataFrame, whose: str) -> DataFrame:
    """The credits of a unit: of the exposures that share `whose` with the conversion."""
    frame = paths(engine, touches(engine, exposures, wanted, whose), "conversion_id")
    frame = _shares(frame.join(removal_effects(exposures, wanted, whose), "channel"))
    frame = shared_out(frame, Window.partitionBy("conversion_id", "_number"))
    unit = 0 if whose == "individual_id" else 1
    converter = F.pmod(whole_over(F.col("conversion_id"), CAMPAIGN * CONVERSION), F.lit(PERSON))
    return frame.select(
        (F.col("exposure_id") * CREDIT + converter * (2 * MODEL) + F.col("_number") + unit * MODEL).alias("credit_id"),
        "conversion_id",
        "exposure_id",
        "channel",
        F.lit(CREDIT_UNITS[unit]).alias("unit"),
        "model",
        "touch",
        "touches",
        (F.col("credit") / F.lit(float(BILLION))).alias("weight"),
        money(F.col("cents")).alias("revenue"),
    )


def _shares(frame: DataFrame) -> DataFrame:
    """Every touch once a model, with what it may have."""
    path = Window.partitionBy("conversion_id")
    frame = frame.withColumn("_effects", F.sum("effect").over(path))
    removed = whole_over(F.col("effect") * BILLION, F.col("_effects"))
    credits = [*(credit_of(model) for model in ATTRIBUTION_MODELS), removed]
    number = F.sequence(F.lit(0).cast("bigint"), F.lit(len(credits) - 1).cast("bigint"))
    frame = frame.withColumn("_number", F.explode(number))
    share = F.when(F.col("_number") == 0, credits[0])
    for at, credit in enumerate(credits[1:], start=1):
        share = share.when(F.col("_number") == at, credit)
    return frame.withColumn("model", label(F.col("_number"), CREDIT_MODELS)).withColumn("share", share)


def removal_effects(exposures: DataFrame, conversions: DataFrame, whose: str) -> DataFrame:
    """One row a `channel` with its `effect` in billionths: by which share the conversion rate of exposed people (or
    households) is lower among those whom the channel did not reach. They count once a campaign.
    """
    keys = [whose, "campaign_id"]
    seen = exposures.select(*keys, "channel").distinct()
    converted = conversions.select(*keys).distinct().withColumn("_converted", F.lit(1).cast("bigint"))
    seen = seen.join(converted, keys, "left").withColumn(
        "_converted", F.coalesce("_converted", F.lit(0).cast("bigint"))
    )
    pairs = seen.groupBy(*keys).agg(F.max("_converted").alias("_converted"))
    total = pairs.agg(F.count(F.lit(1)).alias("_people"), F.sum("_converted").alias("_conversions"))
    with_it = seen.groupBy("channel").agg(F.count(F.lit(1)).alias("_with"), F.sum("_converted").alias("_of_them"))
    frame = with_it.crossJoin(total)
    rate = F.col("_conversions").cast("double") / F.col("_people").cast("double")
    left_out = (F.col("_people") - F.col("_with")).cast("double")
    without = F.when(left_out > 0, (F.col("_conversions") - F.col("_of_them")).cast("double") / left_out).otherwise(0.0)
    effect = F.when(rate > 0, whole((1.0 - without / rate) * float(BILLION))).otherwise(BILLION)
    return frame.select("channel", F.greatest(effect.cast("bigint"), F.lit(LEAST).cast("bigint")).alias("effect"))
