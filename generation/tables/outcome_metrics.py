"""Outcome metrics: how the credit for each response is shared among its touches."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from generation.engine.columns import conform, money
from generation.engine.context import Engine
from generation.entities.credit import BILLION, credit_of, paths, shared_out
from generation.entities.touches import touches
from generation.spec.catalog.outcome_metrics import OUTCOME_METRICS
from generation.spec.keys import OUTCOME


def outcome_metrics(engine: Engine, exposures: DataFrame, responses: DataFrame) -> DataFrame:
    """One row a credited touch of a response; one row without credit for responses that are no conversions."""
    converting = responses.filter(F.col("response_type") == "conversion")
    others = responses.filter(F.col("response_type") != "conversion")
    return conform(_uncredited(engine, others).unionByName(_credited(engine, exposures, converting)), OUTCOME_METRICS)


def _uncredited(engine: Engine, responses: DataFrame) -> DataFrame:
    return responses.select(
        (F.col("response_id") * OUTCOME).alias("outcome_id"),
        "response_id",
        "exposure_id",
        F.lit("not_converted").alias("conversion_status"),
        F.lit(0).cast("decimal(12,2)").alias("revenue"),
        F.lit(0.0).alias("attribution_weight"),
        F.lit(engine.config.campaigns.attribution.model).alias("attribution_model"),
    )


def _credited(engine: Engine, exposures: DataFrame, converting: DataFrame) -> DataFrame:
    wanted = converting.select("individual_id", "campaign_id", "response_id", "timestamp", "value")
    model = engine.config.campaigns.attribution.model
    frame = paths(engine, touches(engine, exposures, wanted), "response_id")
    frame = shared_out(frame.withColumn("share", credit_of(model)), Window.partitionBy("response_id"))
    return frame.select(
        (F.col("response_id") * OUTCOME + F.col("touch")).alias("outcome_id"),
        "response_id",
        "exposure_id",
        F.lit("converted").alias("conversion_status"),
        money(F.col("cents")).alias("revenue"),
        (F.col("credit") / F.lit(float(BILLION))).alias("attribution_weight"),
        F.lit(model).alias("attribution_model"),
    )
