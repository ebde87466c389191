"""Campaign assignments: who was eligible, in which arm, and when held-out people would have been exposed."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, moment
from generation.engine.context import Engine
from generation.entities.audience import audience
from generation.entities.campaigns import assignment_id, before_opt_out, deliveries, eligible, exposure_second
from generation.spec.catalog.campaign_assignments import CAMPAIGN_ASSIGNMENTS


def campaign_assignments(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row an eligible person and campaign."""
    frame = deliveries(engine, eligible(engine, audience(engine, people, households)))
    frame = exposure_second(engine, frame, F.lit(1), "_first")
    ghost = F.col("held_out") & (F.col("delivered") > 0) & before_opt_out(F.col("_first"))
    frame = frame.select(
        assignment_id(F.col("individual_id"), F.col("campaign_id")).alias("assignment_id"),
        "individual_id",
        "campaign_id",
        F.when(F.col("held_out"), "holdout").otherwise("treatment").alias("arm"),
        F.when(ghost, moment(engine.config.window_start, F.col("_first"))).alias("ghost_impression_at"),
    )
    return conform(frame, CAMPAIGN_ASSIGNMENTS)
