"""A client over a real dataset, as a job of the fake backend has left it."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from generation.spec.config import Config
from webapp import create_app, runner
from webapp.auth import LOCAL
from webapp.processes import this_host
from webapp.services import Services, services_of
from webapp.settings import Settings
from webapp.store.database import migrate
from webapp.store.jobs import JOB, Capacity
from webapp.store.models import Job

GOOD = {"ok": True, "rules_checked": 9, "findings": []}


@dataclass(frozen=True)
class Shown:
    """A client, and a succeeded job of its user."""

    client: FlaskClient
    services: Services
    job: Job

    @property
    def manifest(self) -> dict[str, Any]:
        assert self.job.manifest is not None
        return self.job.manifest

    def get(self, path: str) -> str:
        """The page at a path below the job's, or at a whole address."""
        answer = self.client.get(path if path.startswith("/") else f"/jobs/{self.job.id}/{path}", buffered=True)
        assert answer.status_code == 200, answer.data
        return answer.get_data(as_text=True)

    def status(self, path: str) -> int:
        """The status of the answer below the job's page."""
        return self.client.get(f"/jobs/{self.job.id}/{path}", buffered=True).status_code

    def change(self, **values: Any) -> None:
        """The job has other values in the store."""
        with self.services.store.engine.begin() as connection:
            connection.execute(sa.update(JOB).where(JOB.c.id == self.job.id).values(**values))


@pytest.fixture
def shown(good_dataset: Path, tmp_path: Path) -> Shown:
    """A succeeded job whose dataset is a copy of the good one."""
    settings = Settings(datasets_dir=tmp_path / "datasets", backend="fake")
    migrate(settings.store_url)
    services = services_of(settings)
    shutil.copytree(good_dataset, settings.datasets_dir / "good")
    manifest = json.loads((good_dataset / "manifest.json").read_text())
    output = {**manifest["config"]["output"], "name": "good", "path": None}
    runner.start(services, LOCAL, runner.Request(Config.model_validate({**manifest["config"], "output": output})))
    claimed = services.store.jobs.claim("test", Capacity(this_host(), 1, 1))
    assert claimed is not None
    rows = sum(table["rows"] for table in manifest["tables"].values())
    made = {"manifest": manifest, "certificate": {**GOOD, "rows": rows}, "manifest_hash": "0" * 64, "rows": rows}
    job = services.store.jobs.succeed(claimed, "test", made)
    assert job is not None
    services.store.jobs.published(job.id)
    return Shown(create_app(services=services).test_client(), services, job)


def cells(html: str, table: str = "") -> list[list[str]]:
    """The texts of a table's cells, by rows; of the first table, or of that with an id."""
    body = re.search(r"<tbody>(.*?)</tbody>", html[html.index(f'id="{table}"') if table else 0 :], re.S)
    assert body is not None
    rows = re.findall(r"<tr>(.*?)</tr>", body.group(1), re.S)
    return [[text(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)] for row in rows]


def text(html: str) -> str:
    """What is read of it."""
    return unescape(re.sub(r"<[^>]*>", "", html)).strip()


def copied(html: str, number: int) -> str:
    """The text of a block to copy."""
    found = re.search(rf'<code id="read-{number}">(.*?)</code>', html, re.S)
    assert found is not None
    return unescape(found.group(1))


def table_sql(good: Path, name: str) -> str:
    """SQL for the rows of a table of the good dataset."""
    return f"read_parquet('{good}/{name}/**/*.parquet')"
