"""The bundle's job in a fake workspace, with the wheel of this tree, and the settings an app would get for it."""

from __future__ import annotations

import functools
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import tomllib
import yaml

from generation import __version__
from tests.builders import ROOT
from tests.fakes.databricks import Workspace
from webapp.backends.databricks import Databricks
from webapp.workspace import Workspace as Connection

CATALOG = "bryan_li"
VOLUME = f"{CATALOG}.idgraph.runs"
RUNS = "/Volumes/bryan_li/idgraph/runs"


def bundle() -> dict[str, Any]:
    """What databricks.yml says."""
    return dict(yaml.safe_load((ROOT / "databricks.yml").read_text()))


@functools.cache
def wheel() -> Path:
    """The generator of this tree as a wheel, put together once a process: what `build` would add needs the network."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    path = Path(tempfile.mkdtemp(prefix="wheel-")) / f"idgraph_generator-{__version__}-py3-none-any.whl"
    info = f"idgraph_generator-{__version__}.dist-info"
    points = "\n".join(f"{name} = {where}" for name, where in project["scripts"].items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted((ROOT / "generation").rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(ROOT))
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {__version__}\n"
        )
        archive.writestr(f"{info}/entry_points.txt", f"[console_scripts]\n{points}\n")
    return path


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
