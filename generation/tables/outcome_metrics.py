"""Outcome metrics: how the credit for each response is shared among its touches."""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from generation.engine.columns import conform, money
from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.engine.exact import power
from generation.engine.lookup import Lookup
from generation.entities.touches import touches
from generation.spec.catalog.outcome_metrics import OUTCOME_METRICS
from generation.spec.keys import OUTCOME

BILLION = 1_000_000_000
"""Credits are whole billionths; the last touch takes the remainder, so that they add up exactly."""

HALF_LIFE_HOURS = 168
DECAY_HOURS = 24 * 90 + 1
ENDS, MIDDLE = 400_000_000, 200_000_000
"""Position-based: two fifths to the first and the last touch each, one fifth to those between them."""


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
    frame = touches(
        engine, exposures, converting.select("individual_id", "campaign_id", "response_id", "timestamp", "value")
    )
    hours = whole((F.unix_timestamp("timestamp") - F.unix_timestamp("touched_at")) / 3600)
    frame = engine.frames.look_up(frame, decay(), hours, _decay="weight")
    path = Window.partitionBy("response_id")
    frame = frame.withColumn("_n", F.row_number().over(path.orderBy("exposure_id")).cast("bigint"))
    frame = frame.withColumn("_m", F.count("*").over(path)).withColumn("_decayed", F.sum("_decay").over(path))
    credit = _credit(engine.config.campaigns.attribution.model)
    frame = frame.withColumn("_share", credit.cast("bigint")).withColumn(
        "_cents", (F.col("value") * 100).cast("bigint")
    )
    # Down to the cent, in whole numbers: cents * credit / 1e9.
    frame = frame.withColumn("_part", whole_over(F.col("_cents") * F.col("_share"), BILLION))
    others = path.orderBy("exposure_id").rowsBetween(Window.unboundedPreceding, -1)
    is_last = F.col("_n") == F.col("_m")
    rest_share = F.lit(BILLION) - F.coalesce(F.sum("_share").over(others), F.lit(0))
    rest_cents = F.col("_cents") - F.coalesce(F.sum("_part").over(others), F.lit(0))
    frame = frame.withColumn("_credit", F.when(is_last, rest_share).otherwise(F.col("_share")))
    frame = frame.withColumn("_revenue", F.when(is_last, rest_cents).otherwise(F.col("_part")))
    # first_touch and last_touch leave the other touches without credit, and a row is a credited touch.
    return frame.filter(F.col("_credit") > 0).select(
        (F.col("response_id") * OUTCOME + F.col("_n")).alias("outcome_id"),
        "response_id",
        "exposure_id",
        F.lit("converted").alias("conversion_status"),
        money(F.col("_revenue")).alias("revenue"),
        (F.col("_credit") / F.lit(float(BILLION))).alias("attribution_weight"),
        F.lit(engine.config.campaigns.attribution.model).alias("attribution_model"),
    )


def _credit(model: str) -> Column:
    """Billionths for a touch `_n` of `_m`, before the remainder goes to the last."""
    first, last, count = F.col("_n") == 1, F.col("_n") == F.col("_m"), F.col("_m")
    even = whole_over(F.lit(BILLION), count)
    between = whole_over(F.lit(MIDDLE), F.greatest(count - 2, F.lit(1)))
    ends = F.when(count <= 2, even).when(first | last, F.lit(ENDS)).otherwise(between)
    return {
        "first_touch": F.when(first, F.lit(BILLION)).otherwise(0),
        "last_touch": F.when(last, F.lit(BILLION)).otherwise(0),
        "linear": even,
        "time_decay": whole_over(F.col("_decay") * BILLION, F.col("_decayed")),
        "position_based": ends,
    }[model]


def whole_over(number: Column, divisor: Column | int) -> Column:
    """Whole division of BIGINTs without rounding through doubles: (number - number mod divisor) / divisor."""
    by = F.lit(divisor).cast("bigint") if isinstance(divisor, int) else divisor.cast("bigint")
    exact = number.cast("bigint") - F.pmod(number.cast("bigint"), by)
    return (exact.cast("decimal(20,0)") / by.cast("decimal(20,0)")).cast("bigint")


@functools.cache
def decay() -> Lookup:
    """Weight of a touch by whole hours before the conversion, halving every week, in billionths."""
    step = float(power(np.array([2.0]), -1.0 / HALF_LIFE_HOURS)[0])
    weights, weight = [], float(BILLION)
    for _ in range(DECAY_HOURS):
        weights.append(int(weight))
        weight *= step
    return Lookup("decay", {"weight": np.array(weights, dtype=np.int64)})
