"""A few rows of tables, the same the full run will have, made from the first households.

Almost all the time of a small table is planning, whose cost rises faster than a plan's length. So what several tables need
is made once and kept in memory, lookups outlive a configuration, and tables are made side by side.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from generation.preview.samples import Abandoned, Asked, Previews

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from generation.spec.config import Config

__all__ = ["Abandoned", "Asked", "Previews", "preview"]


def preview(spark: SparkSession, config: Config, table: str, rows: int) -> list[dict[str, object]]:
    """The first `rows` rows of a table by its key, as JSON values (timestamps as text in UTC).

    Fewer only if the dataset, or its first 8,000 households, have fewer.
    """
    with Previews(lambda: nullcontext(spark)) as previews:
        sample = previews.samples(Asked(config, (table,), rows))[table]
    return [dict(zip(sample.columns, row, strict=True)) for row in sample.rows]
