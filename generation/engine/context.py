"""What a table needs to be made: a session, the draws of the seed, the lookups and the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    def shared(self, name: str, frame: Callable[[], DataFrame]) -> DataFrame:
        """A frame that several tables, or several parts of one, are made from. Here each plans it anew, since reading a
        large frame back costs more than making it; previews make it once.
        """
        return frame()

    def shared_each(self, frames: Mapping[str, Callable[[], DataFrame]]) -> list[DataFrame]:
        """Several shared frames that do not need each other, by name."""
        return [self.shared(name, frame) for name, frame in frames.items()]
