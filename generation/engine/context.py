"""What a table needs to be made: a session, the draws of the seed, the lookups and the configuration."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from generation.engine.draw import Draws
from generation.engine.lookup import Frames
from generation.spec.config import Config

Part = TypeVar("Part")


@dataclass(frozen=True)
class Span:
    """A range of household ids, first to last, both included; `partitions` is how many tasks make it."""

    first: int
    last: int
    partitions: int = 2


@dataclass(frozen=True)
class Engine:
    """One dataset in the making on one session: how to make it, and where what several tables are made from may lie."""

    spark: SparkSession
    config: Config
    draws: Draws
    frames: Frames
    folder: Path | None = field(default=None, kw_only=True)

    @classmethod
    def of(cls, spark: SparkSession, config: Config, folder: Path | None = None) -> Engine:
        """The engine of a configuration on a session; with a folder for the frames it keeps, which is the caller's to
        remove.
        """
        return cls(spark, config, Draws(config.output.seed), Frames(spark), folder=folder)

    def within(self, name: str) -> Engine:
        """The same engine for one part of the dataset, whose kept frames lie apart."""
        return self if self.folder is None else dataclasses.replace(self, folder=self.folder / name)

    def forget(self) -> None:
        """Nothing that was kept is left."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def household_ids(self, span: Span) -> DataFrame:
        """One row a household of the span: `household_id`."""
        ids = self.spark.range(span.first, span.last + 1, 1, span.partitions)
        return ids.select(F.col("id").cast("bigint").alias("household_id"))

    def shared(self, name: str, frame: Callable[[], DataFrame]) -> DataFrame:
        """A frame that several tables, or several parts of one, are made from. Here each plans it anew; previews make it
        once.
        """
        return frame()

    def kept(self, name: str, frame: Callable[[], DataFrame]) -> DataFrame:
        """A shared frame that is dear to plan and to make, and read back at little cost: with a folder, it is made once
        and lies there as Parquet. Planning counts: for a hundred thousand households it costs as much as making people.
        """
        if self.folder is None:
            return self.shared(name, frame)
        place, unfinished = self.folder / name, self.folder / f"{name}.unfinished"
        if not place.is_dir():
            shutil.rmtree(unfinished, ignore_errors=True)
            frame().write.parquet(str(unfinished))
            # Without rows, engines may write neither a file to tell the types from nor a folder.
            unfinished.mkdir(parents=True, exist_ok=True)
            unfinished.rename(place)
        return self.spark.read.parquet(str(place)) if any(place.glob("*.parquet")) else frame()

    def by_parts(
        self,
        name: str,
        frame: DataFrame,
        key: str,
        parts: Sequence[Part],
        make: Callable[[DataFrame, Sequence[Part]], DataFrame],
    ) -> DataFrame:
        """The frame with columns that `make` gives it for each of the parts, which do not need each other. Here all at once;
        previews make some of them side by side and bring the rows together by their key.
        """
        return make(frame, parts)

    def shared_each(self, frames: Mapping[str, Callable[[], DataFrame]]) -> list[DataFrame]:
        """Several shared frames that do not need each other, by name."""
        return [self.shared(name, frame) for name, frame in frames.items()]
