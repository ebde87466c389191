"""The first households of one configuration, made in memory."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from generation.engine.context import Engine, Part, Span
from generation.engine.lookup import Frames, Lookup, registered
from generation.generate import RECIPE, make
from generation.preview.recent import Recent

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LOOKUPS_KEPT = 256
"""A request uses about sixty, most of them the same for every configuration."""

AT_ONCE = 3
"""Frames made side by side."""

_VIEWS = itertools.count()


class WarmFrames(Frames):
    """Lookups as frames that outlive a configuration.

    Those that do not depend on it are one object for the whole process, so objects are what is remembered: under one name
    two configurations may have different lookups.
    """

    def __init__(self, spark: SparkSession) -> None:
        super().__init__(spark)
        self._views = Recent[int, tuple[Lookup, str]](LOOKUPS_KEPT)
        self._lock = threading.Lock()

    def frame(self, lookup: Lookup) -> DataFrame:
        """The lookup with its row number in `__row`."""
        with self._lock:
            known, view = self._views.get(id(lookup)) or (None, "")
            if known is None:
                view = registered(self.spark, lookup)
                # Holding the lookup keeps its number from being given to another.
                self._views.put(id(lookup), (lookup, view))
        return self.spark.table(view)

    def forget_oldest(self) -> None:
        """At most `LOOKUPS_KEPT` lookups are left."""
        for _, view in self._views.surplus():
            self.spark.catalog.dropTempView(view)


@dataclass(frozen=True)
class Workshop(Engine):
    """The first households of one configuration: every shared frame and every table is made once and kept in memory.

    Threads may ask at the same time; who comes second waits for the first.
    """

    span: Span
    _kept: dict[str, Future[Any]] = field(default_factory=dict)
    _views: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def shared(self, name: str, frame: Callable[[], DataFrame]) -> DataFrame:
        """The frame, read from memory."""
        return self._once(f"shared {name}", lambda: self._held(_rows(frame())))

    def shared_each(self, frames: Mapping[str, Callable[[], DataFrame]]) -> list[DataFrame]:
        """As `shared`, side by side."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(self.shared, frames, frames.values()))

    def by_parts(
        self,
        name: str,
        frame: DataFrame,
        key: str,
        parts: Sequence[Part],
        make: Callable[[DataFrame, Sequence[Part]], DataFrame],
    ) -> DataFrame:
        """As in an `Engine`, every second part at once."""
        before = self.shared(f"{name} before", lambda: frame)
        halves = (parts[::2], parts[1::2])
        with ThreadPoolExecutor(len(halves)) as threads:
            made, other = threads.map(lambda half: _rows(make(before, half)).sort_by(key), halves)
        for column in other.column_names:
            if column not in made.column_names:
                made = made.append_column(column, other[column])
        return self._held(made)

    def rows(self, table: str) -> pa.Table:
        """A table's rows for the first households."""
        return self._once(f"rows of {table}", lambda: _rows(make(self, table, self.span, self._parents(table))))

    def frame(self, table: str) -> DataFrame:
        """The same for making other tables from it."""
        return self._once(table, lambda: self._held(self.rows(table)))

    def _parents(self, table: str) -> dict[str, DataFrame]:
        """The tables a table is made from, made side by side."""
        parents = RECIPE[table].parents
        with ThreadPoolExecutor(max(len(parents), 1)) as threads:
            return dict(zip(parents, threads.map(self.frame, parents), strict=True))

    def close(self) -> None:
        """The engine keeps nothing of it."""
        for view in self._views:
            self.spark.catalog.dropTempView(view)

    def _once(self, key: str, make_it: Callable[[], Any]) -> Any:
        with self._lock:
            is_first = key not in self._kept
            kept = self._kept.setdefault(key, Future())
        if is_first:
            try:
                kept.set_result(make_it())
            except BaseException as error:
                kept.set_exception(error)
        return kept.result()

    def _held(self, rows: pa.Table) -> DataFrame:
        view = f"idgraph_preview_{next(_VIEWS)}"
        # Without rows there is nothing to tell the types from.
        schema = None if rows.num_rows else from_arrow_schema(rows.schema)
        self.spark.createDataFrame(rows, schema).createOrReplaceTempView(view)
        self._views.append(view)
        return self.spark.table(view)


def _rows(frame: DataFrame) -> pa.Table:
    """What a frame holds, every column nullable.

    `toArrow` of a Connect client asks for the frame's types first, so that the engine would analyse the plan twice: a fifth
    of a preview. The rows' answer has the types as well.
    """
    fetch = getattr(frame, "_to_table", None)
    rows, schema = fetch() if fetch else (frame.toArrow(), None)
    types = to_arrow_schema(schema) if schema else rows.schema
    return rows.cast(pa.schema([field.with_nullable(True) for field in types]))
