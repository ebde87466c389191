"""Person links: the person of every record."""

from __future__ import annotations

from pyspark.sql import DataFrame

from generation.engine.columns import conform
from generation.spec.catalog.person_links import PERSON_LINKS


def person_links(records: DataFrame) -> DataFrame:
    """The persons of records."""
    return conform(records, PERSON_LINKS).orderBy("record_id")
