"""Tables as files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from generation.spec.catalog import TABLE_BY_NAME
from tests.webapp.results.conftest import Shown, table_sql
from webapp.reading import Snapshot, whole


def test_a_parquet_download_is_the_whole_table(shown: Shown, good_dataset: Path, tmp_path: Path) -> None:
    for name in shown.manifest["tables"]:
        (tmp_path / "table.parquet").write_bytes(shown.client.get(f"/jobs/{shown.job.id}/tables/{name}.parquet").data)
        assert pq.read_schema(tmp_path / "table.parquet").names == [c.name for c in TABLE_BY_NAME[name].columns]
        ours = f"FROM read_parquet('{tmp_path}/table.parquet')"
        differ = f"(SELECT COUNT(*) {ours}) - (SELECT COUNT(*) FROM (FROM {table_sql(good_dataset, name)} EXCEPT ALL {ours}))"
        ((left,),) = duckdb.sql(f"SELECT {differ}").fetchall()
        assert left == shown.manifest["tables"][name]["rows"], name


def test_a_csv_download_is_the_whole_table_with_nested_values_as_json(shown: Shown) -> None:
    answer = shown.client.get(f"/jobs/{shown.job.id}/tables/audience_attributes.csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert len(rows) == shown.manifest["tables"]["audience_attributes"]["rows"]
    assert isinstance(json.loads(rows[0]["affinity_scores"]), dict)


@pytest.mark.parametrize(
    ("kind", "media"), [("csv", "text/csv; charset=utf-8"), ("parquet", "application/vnd.apache.parquet")]
)
def test_a_download_has_the_name_of_dataset_and_table(shown: Shown, kind: str, media: str) -> None:
    answer = shown.client.get(f"/jobs/{shown.job.id}/tables/devices.{kind}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="good-devices.{kind}"'
    assert answer.headers["Content-Type"] == media


@pytest.mark.parametrize("written", [whole.csv, whole.parquet], ids=["csv", "parquet"])
def test_a_download_comes_in_pieces(shown: Shown, monkeypatch: pytest.MonkeyPatch, written) -> None:  # type: ignore[no-untyped-def]  # either
    monkeypatch.setattr(whole, "BATCH", 2048)
    table = TABLE_BY_NAME["content_engagements"]
    snapshot = Snapshot.of(Path(shown.job.target) / table.name, table, shown.manifest["tables"][table.name]["version"])
    pieces = [len(piece) for piece in written(snapshot)]
    assert len(pieces) > 3 and max(pieces) < sum(pieces) / 2
