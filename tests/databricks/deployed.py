"""The bundle's job in a fake workspace, with the wheel of this tree, and the settings an app would get for it."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from tests.builders import ROOT
from tests.fakes.databricks import Workspace
from webapp.backends.databricks import Databricks
from webapp.workspace import Workspace as Connection

CATALOG = "bryan_li"
VOLUME = f"{CATALOG}.idgraph.runs"
RUNS = "/Volumes/bryan_li/idgraph/runs"
BUILD = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"


def bundle() -> dict[str, Any]:
    """What databricks.yml says."""
    return dict(yaml.safe_load((ROOT / "databricks.yml").read_text()))


@functools.cache
def wheel() -> Path:
    """The wheel of this tree, built once a process from a copy."""
    copy, made = Path(tempfile.mkdtemp(prefix="wheel-")), Path(tempfile.mkdtemp(prefix="wheel-"))
    for name in ("generation", "webapp", "migrations"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    done = subprocess.run([sys.executable, "-c", BUILD, str(made)], cwd=copy, capture_output=True, text=True)
    shutil.rmtree(copy)
    assert done.returncode == 0, done.stderr[-2000:]
    return next(made.glob("*.whl"))


def job_settings(wheels: Path, retries: int = 0) -> dict[str, Any]:
    """The bundle's job as the Jobs API takes it, with the wheel where a deployment puts it."""
    settings = dict(bundle()["resources"]["jobs"]["generate"])
    path = shutil.copy(wheel(), wheels)
    settings["environments"][0]["spec"]["dependencies"] = [f"{RUNS}/{Path(path).name}"]
    settings["tasks"][0]["max_retries"] = retries
    return {name: value for name, value in settings.items() if name not in ("run_as", "permissions")}


def furnish(workspace: Workspace, retries: int = 0) -> int:
    """Catalog, Volume and grants of the app's principal as docs/databricks.md asks for them; the id of the saved job."""
    workspace.catalog(CATALOG)
    workspace.schema(f"{CATALOG}.idgraph")
    folder = workspace.volume(VOLUME)
    workspace.grant("USE CATALOG, CREATE SCHEMA", CATALOG, workspace.client_id)
    workspace.grant("USE SCHEMA, READ VOLUME, WRITE VOLUME", f"{CATALOG}.idgraph", workspace.client_id)
    return workspace.job(job_settings(folder, retries)).job_id


def connection(workspace: Workspace, job_id: int) -> Connection:
    """The app's connection."""
    return Connection(
        workspace.host, workspace.client_id, workspace.client_secret, workspace.warehouse.id, job_id, RUNS
    )


def backend(workspace: Workspace, job_id: int) -> Databricks:
    """The backend on it, looking often."""
    return Databricks(connection(workspace, job_id), look_seconds=0.1)
