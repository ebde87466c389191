"""A few rows of a table, the same the full run will have, made from the first households."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from generation.engine.context import Engine, Span
from generation.generate import make
from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.types import TIMESTAMP

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from generation.spec.config import Config

HOUSEHOLDS = (20, 400, 8_000)
"""How many households are tried in turn: conversions are far rarer than people."""


def preview(spark: SparkSession, config: Config, table: str, rows: int) -> list[dict[str, object]]:
    """The first `rows` rows of a table by its key, as plain values (timestamps as text in UTC).

    Fewer only if the dataset, or its first 8,000 households, have fewer.
    """
    engine = Engine.of(spark, config)
    found: list[dict[str, object]] = []
    for households in HOUSEHOLDS:
        span = Span(1, min(households, config.households.count), 1)
        with tempfile.TemporaryDirectory() as folder:
            parents = _Parents(engine, span, Path(folder))
            frame = _readable(make(engine, table, span, parents), table)
            key = TABLE_BY_NAME[table].primary_key
            found = [row.asDict(recursive=True) for row in frame.orderBy(key).limit(rows).collect()]
        if len(found) >= rows or households >= config.households.count:
            break
    return found


def _readable(frame: DataFrame, table: str) -> DataFrame:
    """Timestamps as text: clients would show them in the machine's time zone."""
    columns = TABLE_BY_NAME[table].columns
    return frame.select(
        *(F.col(c.name).cast("string").alias(c.name) if c.type == TIMESTAMP else c.name for c in columns)
    )


class _Parents(dict[str, "DataFrame"]):
    """The tables a table is made from, each made and written when it is asked for: plans of plans grow too large."""

    def __init__(self, engine: Engine, span: Span, folder: Path) -> None:
        super().__init__()
        self._engine, self._span, self._folder = engine, span, folder

    def __missing__(self, name: str) -> DataFrame:
        path = str(self._folder / name)
        make(self._engine, name, self._span, self).write.parquet(path)
        self[name] = self._engine.spark.read.parquet(path)
        return self[name]
