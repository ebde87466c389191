"""Lookups: small frames joined on an integer index, the fast way to any distribution on every engine.

- `Lookup`: plain rows by number.
- `Choice`: unequal probabilities exactly, by alias tables: one uniform picks a cell and, in it, one of two outcomes.
- `Quantiles`: a curve on a grid of equal probabilities, with finer grids for the two outermost cells.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from generation.engine.draw import BITS
from generation.engine.exact import Floats, normal_quantile

_Outcomes = Sequence[object] | NDArray[np.generic]

PLACES = 1 << 31
"""Places inside a cell of an alias table. Whole numbers throughout: engines are quicker at them, and all agree on them."""

TAIL = 256
"""Rows of the finer grid that stands for the first and the last cell of a quantile table."""


@dataclass(frozen=True)
class Lookup:
    """Rows found by their number, 0 upwards. The name must be unique among a dataset's lookups."""

    name: str
    columns: Mapping[str, Sequence[object] | NDArray[np.generic]]


@dataclass(frozen=True)
class Choice:
    """One of several outcomes with given probabilities, per condition.

    `probabilities` has shape (conditions, outcomes); rows need not add up to 1 but must have a positive sum. `outcomes` has
    the same shape, or one row for all conditions.
    """

    name: str
    lookup: Lookup
    size: int


def choice(name: str, probabilities: Floats, outcomes: Sequence[Sequence[object]] | None = None) -> Choice:
    """A `Choice` from a probability matrix; outcomes default to their numbers."""
    matrix = np.atleast_2d(np.asarray(probabilities, dtype=np.float64))
    conditions, size = matrix.shape
    kept, alias = alias_tables(matrix)
    if outcomes is None:
        own: _Outcomes = np.tile(np.arange(size, dtype=np.int64), conditions)
        other: _Outcomes = alias.reshape(-1)
    else:
        rows = [list(outcomes[condition if len(outcomes) > 1 else 0]) for condition in range(conditions)]
        own = [name for names in rows for name in names]
        other = [names[a] for names, cells in zip(rows, alias.tolist(), strict=True) for a in cells]
    return Choice(name, cells_lookup(name, kept.reshape(-1), own, other), size)


def cells_lookup(name: str, kept: Floats, own: _Outcomes, other: _Outcomes) -> Lookup:
    """Cells for `Frames.choose_among`: the place up to which each keeps its own outcome, and the other one."""
    places = np.minimum(np.floor(kept * PLACES), PLACES - 1).astype(np.int32)
    return Lookup(name, {"kept": places, "own": _narrow(own), "other": _narrow(other)})


def _narrow(values: _Outcomes) -> _Outcomes:
    """Numbers in as few bytes as hold them all: a lookup that is small enough is copied to every task, and rows need not
    be sent to where their part of it is.
    """
    if len(values) == 0 or not isinstance(values[0], int | np.integer):
        return values
    numbers = np.asarray(values)
    types = (np.int16, np.int32)
    return numbers.astype(next((t for t in types if abs(numbers).max() <= np.iinfo(t).max), np.int64))


def alias_tables(weights: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Walker's alias tables of all rows, as `alias_table` makes them; side by side where rows are many and short."""
    if len(weights) > weights.shape[1]:
        return _side_by_side(weights)
    tables = [alias_table(row) for row in weights]
    return np.array([threshold for threshold, _ in tables]), np.array([alias for _, alias in tables])


def _side_by_side(weights: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The same steps as in `alias_table`, a step of all rows at a time."""
    count, size = weights.shape
    total = np.array([row.sum() for row in weights])
    if not (total > 0).all():
        raise ValueError("an alias table needs a positive weight")
    scaled = weights / total[:, None] * size
    threshold, alias = np.ones((count, size)), np.tile(np.arange(size, dtype=np.int64), (count, 1))
    # Two stacks a row, and how high they are.
    small, large = (np.argsort(~cells, axis=1, kind="stable") for cells in (scaled < 1.0, scaled >= 1.0))
    smalls = (scaled < 1.0).sum(axis=1)
    larges = size - smalls
    while (rows := np.flatnonzero((smalls > 0) & (larges > 0))).size:
        less, more = small[rows, smalls[rows] - 1], large[rows, larges[rows] - 1]
        threshold[rows, less], alias[rows, less] = scaled[rows, less], more
        scaled[rows, more] -= 1.0 - scaled[rows, less]
        # The one that gave goes to the other stack, in the place that is free now, or stays.
        shrunk = scaled[rows, more] < 1.0
        small[rows[shrunk], smalls[rows[shrunk]] - 1] = more[shrunk]
        smalls[rows[~shrunk]] -= 1
        larges[rows[shrunk]] -= 1
    for row in np.flatnonzero(smalls):
        left = small[row, : smalls[row]]
        nothing = left[weights[row, left] == 0]
        threshold[row, nothing], alias[row, nothing] = 0.0, int(np.argmax(weights[row]))
    return threshold, alias


def alias_table(weights: Floats) -> tuple[list[float], list[int]]:
    """Walker's alias tables: cell i keeps its own outcome below threshold[i] and gives alias[i] above."""
    total = float(weights.sum())
    if not total > 0:
        raise ValueError("an alias table needs a positive weight")
    scaled = (weights / total * len(weights)).tolist()
    threshold, alias = [1.0] * len(scaled), list(range(len(scaled)))
    small = [i for i, share in enumerate(scaled) if share < 1.0]
    large = [i for i, share in enumerate(scaled) if share >= 1.0]
    while small and large:
        less, more = small.pop(), large[-1]
        kept = threshold[less] = scaled[less]
        alias[less] = more
        left = scaled[more] = scaled[more] - (1.0 - kept)
        if left < 1.0:
            small.append(large.pop())
    for i in small:
        # Left over by rounding alone, unless its weight is nothing.
        if weights[i] == 0:
            threshold[i], alias[i] = 0.0, int(np.argmax(weights))
    return threshold, alias


@dataclass(frozen=True)
class Quantiles:
    """Values at equal steps of probability, per condition; `lookup` holds (conditions * rows) values. `tail` is how many rows
    stand for each of the outermost cells; 0: they are cells like the others.
    """

    name: str
    lookup: Lookup
    bits: int
    tail: int = TAIL

    @property
    def rows(self) -> int:
        """Rows per condition: the grid and its two tails."""
        return (1 << self.bits) + 2 * self.tail


def grid(bits: int, tail: int = TAIL) -> Floats:
    """The probabilities at which a quantile table of 2^bits cells holds its values: cell centres, then both tails."""
    cells = 1 << bits
    inner = (np.arange(cells) + 0.5) / cells
    low = (np.arange(tail) + 0.5) / (cells * TAIL)
    high = 1.0 - (tail - np.arange(tail) - 0.5) / (cells * TAIL)
    return np.concatenate([inner, low, high])


@functools.cache
def normal_grid(bits: int) -> Floats:
    """The standard normal's values at `grid(bits)`, read-only."""
    values = normal_quantile(grid(bits))
    values.setflags(write=False)
    return values


def quantiles(name: str, values: NDArray[np.generic], bits: int, tail: int = TAIL) -> Quantiles:
    """`Quantiles` from values at `grid(bits, tail)`, of shape (rows,) or (conditions, rows)."""
    return Quantiles(name, Lookup(name, {"value": np.asarray(values).reshape(-1)}), bits, tail)


def inverse_cdf(cumulative: Floats, u: Floats) -> NDArray[np.int64]:
    """The first position whose cumulative probability exceeds u, for a cumulative row that ends at its total."""
    return np.minimum(np.searchsorted(cumulative / cumulative[-1], u, side="right"), len(cumulative) - 1)


_VIEWS = itertools.count()


@dataclass
class Frames:
    """The lookups of a dataset as frames of one session, each made once.

    They are temporary views, so that a plan names a lookup instead of carrying its rows each time it is used.
    """

    spark: SparkSession
    _made: dict[str, DataFrame] = field(default_factory=dict)

    def frame(self, lookup: Lookup) -> DataFrame:
        """The lookup with its row number in `__row`."""
        if lookup.name not in self._made:
            self._made[lookup.name] = self.spark.table(registered(self.spark, lookup))
        return self._made[lookup.name]

    def look_up(self, frame: DataFrame, lookup: Lookup, row: Column, **columns: str) -> DataFrame:
        """`frame` with new columns named by the keywords, taken from the lookup's columns at the given row number.

        Every row number must exist: rows without one would be dropped. The lookup stands on the left of the join, where
        engines that build a hash table build it.
        """
        found = self.frame(lookup).select("__row", *(F.col(old).alias(new) for new, old in columns.items()))
        return found.join(frame.withColumn("__row", row.cast("int")), "__row").drop("__row")

    def choose(
        self, frame: DataFrame, into: str, chosen: Choice, bits: Column, condition: Column | int = 0
    ) -> DataFrame:
        """`frame` with a column that holds the outcome a draw's bits select under a condition (its number)."""
        first = (F.lit(condition) if isinstance(condition, int) else condition) * chosen.size
        return self.choose_among(frame, into, chosen.lookup, bits, (first, F.lit(chosen.size)))

    def choose_among(
        self, frame: DataFrame, into: str, cells: Lookup, bits: Column, span: tuple[Column, Column]
    ) -> DataFrame:
        """As `choose`, where a condition's cells are given by the number of the first and how many they are."""
        first, size = span
        scaled = frame.withColumn("__scaled", F.shiftright(bits, BITS - 31) * size.cast("bigint"))
        cell = F.shiftright("__scaled", 31)
        found = self.look_up(scaled, cells, first.cast("bigint") + cell, __kept="kept", __own="own", __other="other")
        inside = F.col("__scaled").bitwiseAND(F.lit(PLACES - 1))
        outcome = F.when(inside < F.col("__kept"), F.col("__own")).otherwise(F.col("__other"))
        if isinstance(cells.columns["own"], np.ndarray):
            outcome = outcome.cast("bigint")
        return found.withColumn(into, outcome).drop("__scaled", "__kept", "__own", "__other")

    def quantile(
        self, frame: DataFrame, into: str, curve: Quantiles, bits: Column, condition: Column | int = 0
    ) -> DataFrame:
        """`frame` with a column that holds the curve's value at a draw's bits, under a condition (its number)."""
        first = (F.lit(condition) if isinstance(condition, int) else condition) * curve.rows
        return self.look_up(frame, curve.lookup, first + quantile_row(bits, curve.bits, curve.tail), **{into: "value"})


def registered(spark: SparkSession, lookup: Lookup) -> str:
    """The name of a new temporary view of the session that holds a lookup, with the row number in `__row`."""
    columns = {name: _cells(values) for name, values in lookup.columns.items()}
    rows = len(next(iter(columns.values())))
    data = pd.DataFrame({"__row": np.arange(rows, dtype=np.int32), **columns})
    view = f"idgraph_lookup_{next(_VIEWS)}"
    # Without rows there is nothing to tell the types from: lists are text then.
    frame = spark.createDataFrame(data) if rows else spark.createDataFrame([], _types(data, columns))
    frame.createOrReplaceTempView(view)
    return view


def _cells(values: Sequence[object] | NDArray[np.generic]) -> list[object] | NDArray[np.generic]:
    """What pandas makes a column of without looking at each text for what it might be."""
    if isinstance(values, np.ndarray):
        return values
    return np.array(values, dtype=object) if len(values) and isinstance(values[0], str) else list(values)


def _types(data: pd.DataFrame, columns: Mapping[str, object]) -> StructType:
    text = [name for name, values in columns.items() if isinstance(values, list)]
    kinds = [(name, pa.string() if name in text else pa.from_numpy_dtype(kind)) for name, kind in data.dtypes.items()]
    return from_arrow_schema(pa.schema(kinds))


def quantile_row(bits: Column, width: int, tail: int = TAIL) -> Column:
    """The row of a quantile table of 2^width cells for a 63-bit draw: its cell, or a row of a tail's finer grid."""
    cells = 1 << width
    cell = F.shiftright(bits, BITS - width)
    if not tail:
        return cell
    finer = F.shiftright(bits, BITS - width - 8).bitwiseAND(F.lit(TAIL - 1))
    return F.when(cell == 0, finer + cells).when(cell == cells - 1, finer + cells + TAIL).otherwise(cell)
