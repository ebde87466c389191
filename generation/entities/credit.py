"""Credit: how a conversion is shared out among its touches, in whole billionths and cents."""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.engine.exact import power
from generation.engine.lookup import Lookup

BILLION = 1_000_000_000
"""Credits are whole billionths; the last touch takes the remainder, so that they add up exactly."""

IN_ORDER = ("touched_at", "exposure_id")
"""The order of touches; people of a household may be exposed in the same second."""

HALF_LIFE_HOURS = 168
DECAY_HOURS = 24 * 90 + 1
ENDS, MIDDLE = 400_000_000, 200_000_000
"""Position-based: two fifths to the first and the last touch each, one fifth to those between them."""


def paths(engine: Engine, touched: DataFrame, key: str) -> DataFrame:
    """Touches with their number in the path of a conversion (`touch`, 1 the first), the path's length (`touches`), and how
    much is left of each by its age (`_decay`), of all (`_decayed`). Exposures' keys rise with time.
    """
    hours = whole((F.unix_timestamp("timestamp") - F.unix_timestamp("touched_at")) / 3600)
    frame = engine.frames.look_up(touched, decay(), hours, _decay="weight")
    path = Window.partitionBy(key)
    frame = frame.withColumn("touch", F.row_number().over(path.orderBy(*IN_ORDER)).cast("bigint"))
    return frame.withColumn("touches", F.count("*").over(path)).withColumn("_decayed", F.sum("_decay").over(path))


def shared_out(frame: DataFrame, path: WindowSpec) -> DataFrame:
    """The credited touches with `credit` in billionths and `cents`, from what each may have (`share`): both add up exactly,
    because the last touch takes what is left.
    """
    frame = frame.withColumn("share", F.col("share").cast("bigint"))
    frame = frame.withColumn("_all_cents", (F.col("value") * 100).cast("bigint"))
    # Down to the cent, in whole numbers: cents * credit / 1e9.
    frame = frame.withColumn("_part", whole_over(F.col("_all_cents") * F.col("share"), BILLION))
    others = path.orderBy(*IN_ORDER).rowsBetween(Window.unboundedPreceding, -1)
    is_last = F.col("touch") == F.col("touches")
    rest = F.lit(BILLION) - F.coalesce(F.sum("share").over(others), F.lit(0))
    rest_cents = F.col("_all_cents") - F.coalesce(F.sum("_part").over(others), F.lit(0))
    frame = frame.withColumn("credit", F.when(is_last, rest).otherwise(F.col("share")))
    frame = frame.withColumn("cents", F.when(is_last, rest_cents).otherwise(F.col("_part")))
    # first_touch and last_touch leave the other touches without credit, and a row is a credited touch.
    return frame.filter(F.col("credit") > 0)


def credit_of(model: str) -> Column:
    """Billionths for touch `touch` of `touches`, before the remainder goes to the last."""
    first, last, count = F.col("touch") == 1, F.col("touch") == F.col("touches"), F.col("touches")
    even = whole_over(F.lit(BILLION), count)
    between = whole_over(F.lit(MIDDLE), F.greatest(count - 2, F.lit(1)))
    ends = F.when(count <= 2, even).when(first | last, F.lit(ENDS)).otherwise(between)
    return {
        "first_touch": F.when(first, F.lit(BILLION)).otherwise(0),
        "last_touch": F.when(last, F.lit(BILLION)).otherwise(0),
        "linear": even,
        "time_decay": whole_over(F.col("_decay") * BILLION, F.col("_decayed")),
        "position_based": ends,
    }[model]


def whole_over(number: Column, divisor: Column | int) -> Column:
    """Whole division of BIGINTs without rounding through doubles: (number - number mod divisor) / divisor."""
    by = F.lit(divisor).cast("bigint") if isinstance(divisor, int) else divisor.cast("bigint")
    exact = number.cast("bigint") - F.pmod(number.cast("bigint"), by)
    return (exact.cast("decimal(20,0)") / by.cast("decimal(20,0)")).cast("bigint")


@functools.cache
def decay() -> Lookup:
    """Weight of a touch by whole hours before the conversion, halving every week, in billionths."""
    step = float(power(np.array([2.0]), -1.0 / HALF_LIFE_HOURS)[0])
    weights, weight = [], float(BILLION)
    for _ in range(DECAY_HOURS):
        weights.append(int(weight))
        weight *= step
    return Lookup("decay", {"weight": np.array(weights, dtype=np.int64)})
