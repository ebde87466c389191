"""Distributions of two datasets side by side, read from their tables."""

from __future__ import annotations

from pathlib import Path

import duckdb
import sqlalchemy as sa

from tests.webapp.results.conftest import Shown, table_sql
from webapp.store.jobs import JOB


def test_two_datasets_are_compared_by_their_rows(shown: Shown, good_dataset: Path) -> None:
    html = shown.get(f"/jobs/compare?a={shown.job.id}&b={twin_of(shown)}")
    assert "Household sizes" in html and "Exposures by channel" in html
    ((alone,),) = duckdb.sql(f"SELECT AVG((size = 1)::INT) FROM {table_sql(good_dataset, 'households')}").fetchall()
    table = html.split("Household sizes", 1)[1].split("<tbody>", 1)[1].split("</tr>", 1)[0]
    assert table.count(f"{100 * alone:.3g}%") == 2


def twin_of(shown: Shown) -> str:
    """Another job with the same dataset."""
    values = {**shown.job.model_dump(), "id": "0" * 8 + shown.job.id[8:], "idempotency_key": None, "name": "twin"}
    with shown.services.store.engine.begin() as connection:
        connection.execute(sa.insert(JOB).values(**values))
    return str(values["id"])
