"""The samples of any configuration, from a session that stays warm."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from generation.engine.context import Span
from generation.engine.draw import Draws
from generation.preview.recent import Recent
from generation.preview.workshop import AT_ONCE, WarmFrames, Workshop
from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.identity import config_hash
from generation.spec.preview_client import Sample

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

FEWEST, MOST = 12, 8_000
"""Households that are made at least and at most: every household has people, conversions are rare."""

MARGIN, GROWTH = 4.0, 8
"""Enough households for four times the rows that are asked for, because planning is dear, not rows, and some rows come in
heaps; where that fails, eight times as many."""

SUMMARIES = ("campaign_lift",)
"""Tables that have rows of campaigns, as many whatever the households."""

MOST_ROWS = 1_000_000
"""Households whose tables would together have more rows are not made, however rare the rows that are asked for."""

WORKSHOPS_KEPT, SAMPLES_KEPT = 4, 256

LONGEST_FAREWELL_SECONDS = 5.0
"""How long the work of the moment may go on when all ends."""

BATCHES_A_SESSION = 75
"""The embedded engine keeps about a megabyte of every batch of tables until its session ends (Sail 0.7.2)."""

LOOK_SECONDS = 0.1
"""How often a request that waits for its turn looks whether it is still wanted."""


class Abandoned(Exception):
    """Nobody waits for the rows any more."""


@dataclass(frozen=True)
class Asked:
    """Which rows are asked for: the first `rows` of each table by its key, as long as they are `wanted`."""

    config: Config
    tables: tuple[str, ...]
    rows: int
    wanted: Callable[[], bool] = lambda: True


class Previews:
    """Samples of any configuration on a session that stays warm.

    One request is worked on at a time: two together would both be late. A further, larger batch of households for rows
    that are rare is begun within `patience` seconds only.
    """

    def __init__(
        self, open_session: Callable[[], AbstractContextManager[SparkSession]], patience: float = math.inf
    ) -> None:
        self._open_session, self._patience = open_session, patience
        self._turn = threading.Lock()
        self._samples = Recent[tuple[str, str], tuple[int, Sample]](SAMPLES_KEPT)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="preview")
        self._session = ExitStack()
        self._begin()

    def __enter__(self) -> Previews:
        return self

    def __exit__(self, *error: object) -> None:
        # Kept for good, so that nobody begins anything on a closed session.
        self._turn.acquire(timeout=LONGEST_FAREWELL_SECONDS)
        self._threads.shutdown(wait=False)
        self._session.close()

    def _begin(self) -> None:
        self._frames = WarmFrames(self._session.enter_context(self._open_session()))
        self._workshops = Recent[str, Workshop](WORKSHOPS_KEPT)
        self._batches = 0

    def samples(self, asked: Asked) -> dict[str, Sample]:
        """The rows of each table; raises `Abandoned` once they are not wanted."""
        dataset = config_hash(asked.config)
        found = self._remembered(dataset, asked)
        missing = tuple(table for table in asked.tables if table not in found)
        if missing:
            with self._my_turn(asked):
                made = self._made(dataset, dataclasses.replace(asked, tables=missing))
            for table, sample in made.items():
                # What is not complete is tried again, with more households.
                if sample.complete:
                    self._samples.put((dataset, table), (asked.rows, sample))
            found |= made
        return {table: found[table] for table in asked.tables}

    def is_alive(self) -> bool:
        """Whether the engine still answers, as far as there is time to ask it."""
        if not self._turn.acquire(timeout=LONGEST_FAREWELL_SECONDS):
            return True
        try:
            return self._frames.spark.range(1).count() == 1
        except Exception:
            return False
        finally:
            self._turn.release()

    def tidy(self) -> None:
        """Frees what is over the limits; between requests, since plans name the views that go."""
        if self._turn.acquire(blocking=False):
            try:
                self._samples.surplus()
                for workshop in self._workshops.surplus():
                    workshop.close()
                self._frames.forget_oldest()
                if self._batches >= BATCHES_A_SESSION:
                    self._session.close()
                    self._begin()
            finally:
                self._turn.release()

    @contextmanager
    def _my_turn(self, asked: Asked) -> Iterator[None]:
        while not self._turn.acquire(timeout=LOOK_SECONDS):
            if not asked.wanted():
                raise Abandoned
        try:
            yield
        finally:
            self._turn.release()

    def _remembered(self, dataset: str, asked: Asked) -> dict[str, Sample]:
        found: dict[str, Sample] = {}
        for table in asked.tables:
            rows, sample = self._samples.get((dataset, table)) or (0, None)
            if sample is not None and (rows >= asked.rows or len(sample.rows) < rows):
                found[table] = dataclasses.replace(sample, rows=sample.rows[: asked.rows])
        return found

    def _made(self, dataset: str, asked: Asked) -> dict[str, Sample]:
        """From ever more households, until all rows are found or it takes too long."""
        found: dict[str, Sample] = {}
        households, begun = households_for(asked), time.monotonic()
        while True:
            workshop = self._workshop(dataset, asked.config, households)
            self._batches += 1
            found |= self._together(dataset, workshop, asked)
            asked = dataclasses.replace(asked, tables=tuple(t for t in asked.tables if not found[t].complete))
            households = min(workshop.span.last * GROWTH, most_households(asked.config))
            late = time.monotonic() - begun > self._patience
            if late or not asked.tables or households <= workshop.span.last:
                return found

    def _workshop(self, dataset: str, config: Config, households: int) -> Workshop:
        """The configuration's workshop with at least so many households."""
        known = self._workshops.get(dataset)
        if known is not None and known.span.last >= households:
            return known
        if known is not None:
            known.close()
        span = Span(1, households, 1)
        workshop = Workshop(self._frames.spark, config, Draws(config.output.seed), self._frames, span)
        self._workshops.put(dataset, workshop)
        return workshop

    def _together(self, dataset: str, workshop: Workshop, asked: Asked) -> dict[str, Sample]:
        """The tables of one workshop, side by side."""

        def sample(table: str) -> Sample:
            if not asked.wanted():
                raise Abandoned
            return sampled(table, workshop.rows(table), asked.rows, workshop)

        futures = {table: self._threads.submit(sample, table) for table in asked.tables}
        wait(futures.values())
        try:
            return {table: future.result() for table, future in futures.items()}
        except Exception:
            # What failed once would fail the next request as well.
            self._workshops.drop(dataset)
            with suppress(Exception):
                workshop.close()
            raise


def households_for(asked: Asked) -> int:
    """How many of the first households probably have the rows of every table."""
    expected, count = estimate(asked.config).tables, asked.config.households.count
    growing = [table for table in asked.tables if TABLE_BY_NAME[table].axis != "whole" and table not in SUMMARIES]
    rarest = [expected[table].rows for table in growing if expected[table].rows]
    wanted = math.ceil(MARGIN * asked.rows * count / min(rarest)) if rarest else FEWEST
    return min(max(wanted, FEWEST), most_households(asked.config))


def most_households(config: Config) -> int:
    """How many households are made at most, in bounded memory whatever the settings."""
    count, expected = config.households.count, estimate(config).tables
    rows = sum(table.rows for name, table in expected.items() if TABLE_BY_NAME[name].axis == "households")
    return min(count, MOST, max(FEWEST, MOST_ROWS * count // rows))


def sampled(table: str, made: pa.Table, rows: int, workshop: Workshop) -> Sample:
    """The first rows of a table that was made for the first households."""
    spec = TABLE_BY_NAME[table]
    whole = spec.axis == "whole" or workshop.span.last >= workshop.config.households.count
    first = made.sort_by(spec.primary_key).slice(0, rows)
    return Sample(
        columns=tuple(made.column_names),
        rows=tuple(tuple(map(plain, row.values())) for row in first.to_pylist(maps_as_pydicts="strict")),
        complete=whole or first.num_rows == rows,
    )


def plain(value: Any) -> Any:
    """A value as JSON has it; money and moments as text, moments in UTC as Spark writes them."""
    match value:
        case dt.datetime():
            return str(value.astimezone(dt.timezone.utc).replace(tzinfo=None))
        case dt.date() | Decimal():
            return str(value)
        case dict():
            return {name: plain(part) for name, part in value.items()}
        case list():
            return [plain(part) for part in value]
    return value
