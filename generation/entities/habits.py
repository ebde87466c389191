"""What the events say about each person and category."""

from __future__ import annotations

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.engine.lookup import Lookup
from generation.entities.content import titles
from generation.spec.catalog.content_catalog import CATEGORIES


def time_by_category(engine: Engine, events: DataFrame) -> DataFrame:
    """One row a person and category with events: events, seconds and the last timestamp."""
    return engine.kept("time by category", lambda: _time_by_category(engine, events))


def _time_by_category(engine: Engine, events: DataFrame) -> DataFrame:
    number = {name: at for at, name in enumerate(CATEGORIES)}
    rows = titles(engine.config)
    lookup = Lookup(
        "title categories",
        {"category": [row.category for row in rows], "number": np.array([number[r.category] for r in rows])},
    )
    frame = engine.frames.look_up(
        events.select("individual_id", "content_id", "timestamp", "duration"),
        lookup,
        F.col("content_id") - 1,
        category="category",
    )
    return frame.groupBy("individual_id", "category").agg(
        F.count("*").alias("events"),
        F.sum(F.col("duration").cast("bigint")).alias("seconds"),
        F.max("timestamp").alias("last"),
    )
