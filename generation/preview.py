"""A few rows of a table, the same the full run will have, made in memory from the first households."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generation.engine.context import Engine, Span
from generation.generate import RECIPE, make

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from generation.spec.config import Config

HOUSEHOLDS = (20, 400, 8_000)
"""How many households are tried in turn: conversions are far rarer than people."""


def preview(spark: SparkSession, config: Config, table: str, rows: int) -> list[dict[str, object]]:
    """The first `rows` rows of a table by its key, as plain values; fewer only if the dataset has fewer."""
    engine = Engine.of(spark, config)
    found: list[dict[str, object]] = []
    for households in HOUSEHOLDS:
        span = Span(1, min(households, config.households.count), 1)
        frame = _frame(engine, table, span)
        found = [row.asDict(recursive=True) for row in frame.orderBy(frame.columns[0]).limit(rows).collect()]
        if len(found) >= rows or households >= config.households.count:
            break
    return found


def _frame(engine: Engine, table: str, span: Span) -> DataFrame:
    made: dict[str, DataFrame] = {}
    for name in RECIPE:
        made[name] = make(engine, name, span, made)
        if name == table:
            break
    return made[table]
