"""Source records: what each source system holds, in the order of keys that say nothing."""

from __future__ import annotations

from pyspark.sql import DataFrame

from generation.engine.columns import conform
from generation.spec.catalog.source_records import SOURCE_RECORDS


def source_records(records: DataFrame) -> DataFrame:
    """The noisy side of records."""
    return conform(records, SOURCE_RECORDS).orderBy("record_id")
