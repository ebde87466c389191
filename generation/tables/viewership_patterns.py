"""Viewership patterns: habits, derived from the events alone."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform
from generation.engine.context import Engine
from generation.entities.habits import time_by_category
from generation.spec.catalog.viewership_patterns import VIEWERSHIP_PATTERNS


def viewership_patterns(engine: Engine, events: DataFrame) -> DataFrame:
    """One row a person with events."""
    config = engine.config
    frame = (
        time_by_category(engine, events)
        .groupBy("individual_id")
        .agg(
            F.sum("events").alias("events"),
            F.sum("seconds").alias("watch_seconds"),
            F.max("last").alias("last"),
            F.sort_array(F.collect_list(F.struct((-F.col("seconds")).alias("rank"), F.col("category")))).alias(
                "ranked"
            ),
        )
    )
    days = F.lit(config.engagement.history_days).cast("double")
    frame = frame.select(
        F.col("individual_id").alias("pattern_id"),
        "individual_id",
        (F.col("events") * F.lit(30.0) / days).alias("frequency"),
        F.datediff(F.lit(config.output.as_of), F.to_date("last")).alias("recency"),
        F.col("ranked.category").alias("preferred_categories"),
        "events",
        "watch_seconds",
    )
    return conform(frame, VIEWERSHIP_PATTERNS)
