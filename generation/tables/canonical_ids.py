"""Canonical ids: the live profile of every profile."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform
from generation.engine.context import Engine
from generation.entities.profiles import profiles
from generation.spec.catalog.canonical_ids import CANONICAL_IDS


def canonical_ids(engine: Engine, mappings: DataFrame, people: DataFrame) -> DataFrame:
    """One row a profile of the given people."""
    frame = profiles(engine, mappings, people)
    retired = F.col("merged").isNotNull() & F.col("split").isNull()
    frame = frame.withColumn("canonical_id", F.col("canonical")).withColumn("is_retired", retired)
    return conform(frame.withColumn("retired_at", F.when(retired, F.timestamp_seconds("merged"))), CANONICAL_IDS)
