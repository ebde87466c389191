"""Small column expressions that several tables need, equal on every engine."""

from __future__ import annotations

import datetime as dt

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.spec.table import Table


def conform(frame: DataFrame, table: Table) -> DataFrame:
    """The frame with exactly the table's columns, in order and cast to their types."""
    return frame.select(*(F.col(column.name).cast(column.type.ddl).alias(column.name) for column in table.columns))


def moment(start: dt.date, second: Column) -> Column:
    """The UTC timestamp a number of seconds after a date's midnight."""
    epoch = int(dt.datetime(start.year, start.month, start.day, tzinfo=dt.timezone.utc).timestamp())
    return F.timestamp_seconds(second.cast("bigint") + epoch)


def label(number: Column, names: tuple[str, ...]) -> Column:
    """The name at a number, 0 upwards; the numbers must be few."""
    picked = F.when(number == 0, names[0])
    for index, name in enumerate(names[1:], start=1):
        picked = picked.when(number == index, name)
    return picked


def position(text: Column, names: tuple[str, ...]) -> Column:
    """The number of a name, 0 upwards: the inverse of `label`."""
    picked = F.when(text == names[0], 0)
    for index, name in enumerate(names[1:], start=1):
        picked = picked.when(text == name, index)
    return picked.cast("bigint")


def band(number: Column, starts: tuple[int, ...]) -> Column:
    """The number of the band a value falls into; band k begins at starts[k], values below the first are in band 0."""
    result = F.lit(0).cast("bigint")
    for start in starts[1:]:
        result = result + (number >= start).cast("bigint")
    return result


def money(cents: Column) -> Column:
    """A whole number of cents as DECIMAL(12,2) dollars."""
    return (cents.cast("decimal(14,0)") * F.lit(0.01).cast("decimal(3,2)")).cast("decimal(12,2)")
