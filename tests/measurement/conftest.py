"""One dataset of 10,000 households whose campaigns are large enough to be measured."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
from deltalake import DeltaTable

from generation.spec.catalog import TABLE_BY_NAME, location
from generation.spec.config import Config
from tests.builders import shared
from tests.measurement.estimators import People

SETTINGS = (
    "campaigns.measurement.enabled=true", "campaigns.attribution.enabled=true", "campaigns.measurement.confounding=1.6",
    "campaigns.measurement.conversion_rate=0.08",
    "campaigns.measurement.lift=2", "campaigns.measurement.holdout_share=0.3", "campaigns.measurement.null_share=0.25",
    "campaigns.delivery.enabled=true", "campaigns.count=20", "campaigns.eligible_share=0.8",
    "engagement.events_per_person_month=0.5",
)  # fmt: skip


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset."""
    return shared(tmp_path_factory, "large", households=10_000, settings=SETTINGS)


SPILLED = (
    *SETTINGS, "campaigns.measurement.spillover=0.6", "campaigns.measurement.same_device_share=0.8",
    "campaigns.delivery.day_parts={overnight: 0, morning: 0.2, daytime: 0.4}",
)  # fmt: skip
"""The same for fewer households, where exposures spill over, orders stay on their device and nights are silent."""


@pytest.fixture(scope="session")
def spilled(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The tables of 3,000 such households as views."""
    return opened(shared(tmp_path_factory, "spilled", households=3_000, settings=SPILLED))


@pytest.fixture(scope="session")
def config(large: Path) -> Config:
    """What it was made from."""
    return Config.model_validate(json.loads((large / "manifest.json").read_text())["config"])


@pytest.fixture(scope="session")
def rows(large: Path) -> duckdb.DuckDBPyConnection:
    """Its tables as views."""
    return opened(large)


def opened(dataset: Path) -> duckdb.DuckDBPyConnection:
    """A connection with every table as a view."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name in json.loads((dataset / "manifest.json").read_text())["tables"]:
        files = DeltaTable(dataset / location(TABLE_BY_NAME[name])).file_uris()
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({files!r})")
    return connection


@pytest.fixture(scope="session")
def campaigns(rows: duckdb.DuckDBPyConnection) -> list[People]:
    """The people of each campaign."""
    found = rows.execute("SELECT campaign_id, y0, y1, arm = 'treatment' AS treated, exposures FROM campaign_effects")
    columns = found.fetchnumpy()
    return [_people(columns, int(number)) for number in np.unique(columns["campaign_id"])]


def _people(columns: dict[str, np.ndarray], number: int) -> People:
    mine = columns["campaign_id"] == number
    y0, y1, exposures = (columns[name][mine].astype(float) for name in ("y0", "y1", "exposures"))
    return People(number, y0, y1, columns["treated"][mine], exposures)
