"""What a job made, read from a real dataset: overview, rows, downloads, dictionary."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from generation.spec.catalog import TABLES
from generation.spec.config import Config
from generation.spec.types import Scalar
from webapp import create_app, runner
from webapp.auth import LOCAL
from webapp.processes import this_host
from webapp.services import services_of
from webapp.settings import Settings
from webapp.store.database import migrate
from webapp.store.jobs import JOB, Capacity
from webapp.store.models import Job


@pytest.fixture
def shown(good_dataset: Path, tmp_path: Path) -> tuple[FlaskClient, Job]:
    """A client, and a succeeded job whose dataset is a copy of the good one."""
    settings = Settings(datasets_dir=tmp_path / "datasets", backend="fake")
    migrate(settings.store_url)
    services = services_of(settings)
    shutil.copytree(good_dataset, settings.datasets_dir / "good")
    manifest = json.loads((good_dataset / "manifest.json").read_text())
    config = Config.model_validate(
        {**manifest["config"], "output": {**manifest["config"]["output"], "name": "good", "path": None}}
    )
    runner.start(services, LOCAL, runner.Request(config))
    claimed = services.store.jobs.claim("test", Capacity(this_host(), 1, 1))
    assert claimed is not None
    rows = sum(table["rows"] for table in manifest["tables"].values())
    made = {"manifest": manifest, "certificate": {"ok": True, "rules_checked": 9, "findings": [], "rows": rows}}
    job = services.store.jobs.succeed(claimed, "test", {**made, "manifest_hash": "0" * 64, "rows": rows})
    assert job is not None
    services.store.jobs.published(job.id)
    return create_app(services=services).test_client(), job


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.data
    return answer.get_data(as_text=True)


def cells(html: str) -> list[list[str]]:
    body = re.search(r"<tbody>(.*?)</tbody>", html, re.S)
    assert body is not None
    rows = re.findall(r"<tr>(.*?)</tr>", body.group(1), re.S)
    return [
        [unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)]
        for row in rows
    ]


def table_sql(good: Path, name: str) -> str:
    return f"read_parquet('{good}/{name}/**/*.parquet')"


def test_the_overview_lists_every_table_with_the_rows_of_the_manifest(shown: tuple[FlaskClient, Job]) -> None:
    client, job = shown
    listed = {row[0]: row[1] for row in cells(page(client, f"/jobs/{job.id}/results"))}
    assert job.manifest is not None
    assert listed == {name: f"{entry['rows']:,}" for name, entry in job.manifest["tables"].items()}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_first_rows_are_those_with_the_smallest_keys(
    shown: tuple[FlaskClient, Job], good_dataset: Path, table
) -> None:  # type: ignore[no-untyped-def]  # a catalogue entry
    client, job = shown
    found = [row[0] for row in cells(page(client, f"/jobs/{job.id}/tables/{table.name}"))]
    sql = f"SELECT {table.primary_key} FROM {table_sql(good_dataset, table.name)} ORDER BY 1 LIMIT 50"
    assert found == [str(key) for (key,) in duckdb.sql(sql).fetchall()]


@pytest.mark.parametrize("order", ["up", "down"])
def test_every_scalar_column_sorts_both_ways(shown: tuple[FlaskClient, Job], good_dataset: Path, order: str) -> None:
    client, job = shown
    table = next(table for table in TABLES if table.name == "individuals")
    for number, column in enumerate(table.columns):
        assert isinstance(column.type, Scalar)
        found = [
            row[number]
            for row in cells(page(client, f"/jobs/{job.id}/tables/individuals?sort={column.name}&order={order}"))
        ]
        way = "DESC" if order == "down" else "ASC"
        sql = f"SELECT {column.name}::VARCHAR FROM {table_sql(good_dataset, 'individuals')} ORDER BY {column.name} {way} LIMIT 50"
        assert found == [value for (value,) in duckdb.sql(sql).fetchall()]


def test_pages_follow_each_other(shown: tuple[FlaskClient, Job]) -> None:
    client, job = shown
    first = cells(page(client, f"/jobs/{job.id}/tables/devices?page=1"))
    second = cells(page(client, f"/jobs/{job.id}/tables/devices?page=2"))
    assert len(first) == 50 and int(first[-1][0]) < int(second[0][0])


@pytest.mark.parametrize(
    "query", ["sort=nothing", "sort=device_id;drop table x", "page=-1", "page=99999999", "page=x", "order=sideways"]
)
def test_a_strange_address_shows_rows_all_the_same(shown: tuple[FlaskClient, Job], query: str) -> None:
    client, job = shown
    assert len(cells(page(client, f"/jobs/{job.id}/tables/devices?{query}"))) > 0


def test_a_parquet_download_is_the_whole_table(shown: tuple[FlaskClient, Job]) -> None:
    client, job = shown
    assert job.manifest is not None
    for name, entry in job.manifest["tables"].items():
        data = client.get(f"/jobs/{job.id}/tables/{name}.parquet").data
        assert pq.read_table(io.BytesIO(data)).num_rows == entry["rows"], name


def test_a_csv_download_is_the_whole_table_with_nested_values_as_json(shown: tuple[FlaskClient, Job]) -> None:
    client, job = shown
    assert job.manifest is not None
    answer = client.get(f"/jobs/{job.id}/tables/audience_attributes.csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert len(rows) == job.manifest["tables"]["audience_attributes"]["rows"]
    assert isinstance(json.loads(rows[0]["affinity_scores"]), dict)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="good-audience_attributes.csv"'


@pytest.mark.parametrize("name", ["..", "nothing", "_app", "individuals.exe", "INDIVIDUALS"])
def test_only_tables_of_the_catalogue_are_served(shown: tuple[FlaskClient, Job], name: str) -> None:
    client, job = shown
    assert client.get(f"/jobs/{job.id}/tables/{name}").status_code == 404
    assert client.get(f"/jobs/{job.id}/tables/{name}.csv").status_code == 404


def test_a_dataset_that_was_deleted_is_said_to_be_gone(shown: tuple[FlaskClient, Job]) -> None:
    client, job = shown
    shutil.rmtree(job.target)
    assert client.get(f"/jobs/{job.id}/tables/devices").status_code == 410
    assert "not there any more" in page(client, f"/jobs/{job.id}/results")


def test_a_damaged_file_is_said_to_be_gone_and_is_no_server_error(shown: tuple[FlaskClient, Job]) -> None:
    client, job = shown
    for file in Path(job.target, "devices").rglob("*.parquet"):
        file.unlink()
    assert client.get(f"/jobs/{job.id}/tables/devices").status_code == 410
    assert client.get(f"/jobs/{job.id}/tables/devices.csv").status_code == 410


@pytest.mark.parametrize("tool", [1, 2])
def test_the_python_and_duckdb_snippets_run_as_they_are(shown: tuple[FlaskClient, Job], tool: int) -> None:
    client, job = shown
    html = page(client, f"/jobs/{job.id}/tables/devices")
    found = re.search(rf'<code id="read-{tool}">(.*?)</code>', html, re.S)
    assert found is not None
    done = subprocess.run([sys.executable, "-c", unescape(found.group(1))], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_the_certificate_and_the_manifest_can_be_kept(shown: tuple[FlaskClient, Job]) -> None:
    client, job = shown
    assert json.loads(page(client, f"/jobs/{job.id}/manifest.json")) == job.manifest
    assert json.loads(page(client, f"/jobs/{job.id}/certificate.json")) == job.certificate


def with_report(client: FlaskClient, job: Job, good_dataset: Path) -> None:
    folder = client.application.extensions["idgraph"].settings.runs_dir / job.id
    folder.mkdir(parents=True)
    for name in ("report.html", "report.json"):
        shutil.copy(good_dataset / "_run" / name, folder / name)


def test_the_results_page_holds_the_sections_of_the_report(shown: tuple[FlaskClient, Job], good_dataset: Path) -> None:
    client, job = shown
    assert 'class="report"' not in page(client, f"/jobs/{job.id}/results")
    with_report(client, job, good_dataset)
    html = page(client, f"/jobs/{job.id}/results")
    sections = re.findall(r'<section class="r-section" id="r-(\w+)"', html)
    whole = re.findall(r'<section class="r-section" id="r-(\w+)"', page(client, f"/jobs/{job.id}/report"))
    assert sections == [name for name in whole if name not in ("tables", "dictionary")]
    assert "style=" not in html.split('class="report"')[1]


def test_the_report_can_be_kept(shown: tuple[FlaskClient, Job], good_dataset: Path) -> None:
    client, job = shown
    assert client.get(f"/jobs/{job.id}/report.json").status_code == 404
    with_report(client, job, good_dataset)
    assert json.loads(page(client, f"/jobs/{job.id}/report.json"))["ok"] is True
    answer = client.get(f"/jobs/{job.id}/report")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_damaged_report_leaves_the_results_page_as_it_is(shown: tuple[FlaskClient, Job], good_dataset: Path) -> None:
    client, job = shown
    with_report(client, job, good_dataset)
    (client.application.extensions["idgraph"].settings.runs_dir / job.id / "report.json").write_text("{")
    assert 'class="report"' not in page(client, f"/jobs/{job.id}/results")


def test_a_job_without_a_dataset_says_so(shown: tuple[FlaskClient, Job]) -> None:
    client, job = shown
    other = client.post(f"/jobs/{job.id}/again", data={"seed": "new"}).headers["Location"]
    assert client.get(f"{other}/results").status_code == 409


def test_the_dictionary_names_every_column_once(shown: tuple[FlaskClient, Job]) -> None:
    html = page(shown[0], "/dictionary")
    for table in TABLES:
        section = html.split(f'<h2 id="{table.name}">')[1].split("<h2 ")[0]
        assert all(f'<th scope="row">{column.name}</th>' in section for column in table.columns), table.name


def test_two_datasets_are_compared_by_their_rows(shown: tuple[FlaskClient, Job], good_dataset: Path) -> None:
    client, job = shown
    html = page(client, f"/jobs/compare?a={job.id}&b={twin_of(client, job)}")
    assert "Household sizes" in html and "Exposures by channel" in html
    ((alone,),) = duckdb.sql(f"SELECT AVG((size = 1)::INT) FROM {table_sql(good_dataset, 'households')}").fetchall()
    table = html.split("Household sizes", 1)[1].split("<tbody>", 1)[1].split("</tr>", 1)[0]
    assert table.count(f"{100 * alone:.3g}%") == 2


def twin_of(client: FlaskClient, job: Job) -> str:
    """Another job with the same dataset."""
    services = client.application.extensions["idgraph"]
    values = {**job.model_dump(), "id": "0" * 8 + job.id[8:], "idempotency_key": None, "name": "twin"}
    with services.store.engine.begin() as connection:
        connection.execute(sa.insert(JOB).values(**values))
    return str(values["id"])
