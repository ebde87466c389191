"""Viewership patterns: habits, derived from the events alone."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform
from generation.engine.context import Engine
from generation.entities.habits import habits
from generation.spec.catalog.viewership_patterns import VIEWERSHIP_PATTERNS


def viewership_patterns(engine: Engine, events: DataFrame) -> DataFrame:
    """One row a person with events."""
    config = engine.config
    days = F.lit(config.engagement.history_days).cast("double")
    frame = habits(engine, events).select(
        F.col("individual_id").alias("pattern_id"),
        "individual_id",
        (F.col("events") * F.lit(30.0) / days).alias("frequency"),
        F.datediff(F.lit(config.output.as_of), F.to_date("last")).alias("recency"),
        F.col("parts.category").alias("preferred_categories"),
        "events",
        F.col("seconds").alias("watch_seconds"),
    )
    return conform(frame, VIEWERSHIP_PATTERNS)
