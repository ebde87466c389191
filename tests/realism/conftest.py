"""One dataset of a size that gives the comparisons power, and what they say about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable

from generation.spec.catalog import TABLES, location
from generation.verify.realism import survey
from generation.verify.realism.measure import Measure
from tests.builders import shared

HOUSEHOLDS = 30_000


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30,000 households of the default configuration, with a seed that nothing was fitted to."""
    return shared(tmp_path_factory, "town", households=HOUSEHOLDS, seed=2718)


@pytest.fixture(scope="session")
def measures(town: Path) -> dict[str, Measure]:
    """Every comparison of the town, by what it says."""
    return {measure.says: measure for measure in survey(town)[1]}


@pytest.fixture(scope="session")
def rows(town: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The town's tables as views, with times in UTC."""
    connection = opened(town)
    yield connection
    connection.close()


def opened(root: Path) -> duckdb.DuckDBPyConnection:
    """A connection with a view for every table of a dataset."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in TABLES:
        files = DeltaTable(root / location(table)).file_uris()
        connection.execute(f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet({files!r})")
    return connection
