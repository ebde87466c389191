"""python -m tests.fakes.databricks: a workspace to try the app against. Prints one line of JSON, and serves until stopped."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import threading
from pathlib import Path

from tests.fakes.databricks import Workspace
from tests.fakes.databricks.apps_proxy import AppsProxy

CATALOG, USER, ADMINISTRATOR = "bryan_li", "ada@example.com", "grace@example.com"


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.databricks", description=__doc__)
    parser.add_argument("--root", type=Path, help="folder of the workspace (default: a temporary one)")
    parser.add_argument("--port", type=int, default=0, help="port of the workspace (default: a free one)")
    parser.add_argument("--job", type=Path, metavar="FILE", help="settings of a saved job, as JSON of the Jobs API")
    parser.add_argument("--app", metavar="URL", help="an app to stand before, as the platform's proxy does")
    parser.add_argument("--app-port", type=int, default=0, help="port of that proxy (default: a free one)")
    parser.add_argument("--user", default=USER, help=f"who uses the app (default: {USER})")
    return parser.parse_args(arguments)


def seed(workspace: Workspace) -> None:
    """A catalog to write to, whose schema `demo` the user sees but may not write to; the app's principal may work there."""
    workspace.catalog(CATALOG)
    workspace.schema(f"{CATALOG}.demo")
    workspace.schema(f"{CATALOG}.idgraph")
    workspace.volume(f"{CATALOG}.idgraph.runs")
    workspace.user(USER, ["analysts"])
    workspace.user(ADMINISTRATOR, ["admins"], admin=True)
    workspace.grant("USE CATALOG", CATALOG, "analysts")
    workspace.grant("USE SCHEMA, SELECT", f"{CATALOG}.demo", "analysts")
    workspace.grant("USE CATALOG, CREATE SCHEMA", CATALOG, workspace.client_id)
    workspace.grant("USE SCHEMA, CREATE TABLE", f"{CATALOG}.demo", workspace.client_id)
    workspace.grant("USE SCHEMA, READ VOLUME, WRITE VOLUME", f"{CATALOG}.idgraph", workspace.client_id)
    workspace.lakebase.endpoints.add("projects/idgraph/branches/main/endpoints/primary")


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT."""
    options = _options(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    workspace = Workspace(options.root or Path(tempfile.mkdtemp(prefix="workspace-")), options.port)
    workspace.start()
    seed(workspace)
    job = workspace.job(json.loads(options.job.read_text())) if options.job else None
    if not workspace.directory.knows(options.user):
        workspace.user(options.user)
    proxy = AppsProxy(workspace, options.app, options.user, options.app_port) if options.app else None
    print(json.dumps(_said(workspace, job and job.job_id, proxy and proxy.address)), flush=True)
    stopped.wait()
    if proxy is not None:
        proxy.close()
    workspace.close()
    return 0


def _said(workspace: Workspace, job_id: int | None, app: str | None) -> dict[str, object]:
    return {
        "address": workspace.host,
        "client_id": workspace.client_id,
        "client_secret": workspace.client_secret,
        "warehouse_id": workspace.warehouse.id,
        "job_id": job_id,
        "volume": f"/Volumes/{CATALOG}/idgraph/runs",
        "app": app,
        "root": str(workspace.root),
    }


if __name__ == "__main__":
    sys.exit(main())
