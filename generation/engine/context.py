"""What a table needs to be made: a session, the draws of the seed, the lookups and the configuration."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from generation.engine.draw import Draws
from generation.engine.lookup import Frames
from generation.spec.config import Config


@dataclass(frozen=True)
class Span:
    """A range of household ids, first to last, both included; `partitions` is how many tasks make it."""

    first: int
    last: int
    partitions: int = 2


@dataclass(frozen=True)
class Engine:
    """One dataset in the making on one session. Holds no data: only how to make it."""

    spark: SparkSession
    config: Config
    draws: Draws
    frames: Frames

    @classmethod
    def of(cls, spark: SparkSession, config: Config) -> Engine:
        """The engine of a configuration on a session."""
        return cls(spark, config, Draws(config.output.seed), Frames(spark))

    def household_ids(self, span: Span) -> DataFrame:
        """One row a household of the span: `household_id`."""
        ids = self.spark.range(span.first, span.last + 1, 1, span.partitions)
        return ids.select(F.col("id").cast("bigint").alias("household_id"))
