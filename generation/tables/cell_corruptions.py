"""Cell corruptions: one row a cell that differs from the truth."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform
from generation.spec.catalog.cell_corruptions import CELL_CORRUPTIONS
from generation.spec.sources import VALUE_COLUMNS

COLUMNS = 32


def cell_corruptions(records: DataFrame) -> DataFrame:
    """The ledger of records."""
    cells = [
        F.struct(
            F.lit(number).cast("bigint").alias("number"),
            F.lit(name).alias("column_name"),
            F.col(f"why_{name}").alias("noise_type"),
            F.col(f"clean_{name}").cast("string").alias("original_value"),
            F.col(name).cast("string").alias("noisy_value"),
        )
        for number, name in enumerate(VALUE_COLUMNS)
    ]
    frame = records.select("record_id", F.explode(F.array(*cells)).alias("cell"))
    frame = frame.filter(F.col("cell.noise_type").isNotNull())
    key = F.col("record_id") * COLUMNS + F.col("cell.number")
    frame = frame.select(key.alias("corruption_id"), "record_id", "cell.*")
    return conform(frame, CELL_CORRUPTIONS).orderBy("corruption_id")
