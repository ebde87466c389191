"""What the events say about each person and category."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.engine.lookup import Lookup
from generation.entities.content import category_number
from generation.spec.catalog.content_catalog import CATEGORIES

CATEGORY_BITS = 4
"""Room for a category beside a person in one number."""


def habits(engine: Engine, events: DataFrame) -> DataFrame:
    """One row a person with events: `events`, `seconds`, `last` (the latest moment) and `parts`, an array of a category, its
    seconds and events, the longest first and of equal ones by name.
    """
    return engine.kept("habits", lambda: _habits(time_by_category(engine, events)))


def _habits(frame: DataFrame) -> DataFrame:
    part = F.struct((-F.col("seconds")).alias("rank"), F.col("category"), F.col("events"), F.col("seconds"))
    return frame.groupBy("individual_id").agg(
        F.sum("events").alias("events"),
        F.sum("seconds").alias("seconds"),
        F.max("last").alias("last"),
        F.sort_array(F.collect_list(part)).alias("parts"),
    )


def time_by_category(engine: Engine, events: DataFrame) -> DataFrame:
    """One row a person and category with events: events, seconds and the last timestamp.

    Grouped by one number, of a person and a category of theirs: engines are quicker at that than at texts.
    """
    numbers = Lookup("categories", {"category": list(CATEGORIES)})
    frame = events.select(
        (F.shiftleft("individual_id", CATEGORY_BITS) + category_number(F.col("content_id"))).alias("place"),
        F.col("duration").cast("bigint").alias("duration"),
        "timestamp",
    )
    frame = frame.groupBy("place").agg(
        F.count("*").alias("events"), F.sum("duration").alias("seconds"), F.max("timestamp").alias("last")
    )
    number = F.col("place").bitwiseAND(F.lit((1 << CATEGORY_BITS) - 1))
    frame = engine.frames.look_up(frame, numbers, number, category="category")
    person = F.shiftright("place", CATEGORY_BITS).alias("individual_id")
    return frame.select(person, "category", "events", "seconds", "last")
