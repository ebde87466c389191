"""The app and a fake workspace, standing together: what `make run-fake-databricks` starts and the browser test uses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.databricks.deployed import CATALOG, RUNS, furnish
from tests.fakes.databricks import Workspace
from tests.fakes.databricks.apps_proxy import AppsProxy
from tests.webapp.serving import Served, served

USER = "ada@example.com"


@dataclass(frozen=True)
class Standing:
    """Both, and the address where a browser is the user."""

    workspace: Workspace
    app: Served
    proxy: AppsProxy


def seeded(workspace: Workspace) -> int:
    """Schema demo, where the job's principal may write and the user may only look; returns the saved job."""
    job = furnish(workspace)
    workspace.schema(f"{CATALOG}.demo")
    workspace.user(USER, ["analysts"])
    workspace.grant("USE CATALOG", CATALOG, "analysts")
    workspace.grant("USE SCHEMA, SELECT", f"{CATALOG}.demo", "analysts")
    workspace.grant("USE SCHEMA, CREATE TABLE, SELECT, MODIFY", f"{CATALOG}.demo", workspace.client_id)
    return job


def environment(workspace: Workspace, job: int) -> dict[str, str]:
    """What the platform and the bundle tell the app."""
    return {
        "DATABRICKS_APP_NAME": "idgraph-dev",
        "DATABRICKS_HOST": workspace.host,
        "DATABRICKS_CLIENT_ID": workspace.client_id,
        "DATABRICKS_CLIENT_SECRET": workspace.client_secret,
        "DATABRICKS_WAREHOUSE_ID": workspace.warehouse.id,
        "IDGRAPH_BACKEND": "databricks",
        "IDGRAPH_JOB_ID": str(job),
        "IDGRAPH_VOLUME": RUNS,
        "IDGRAPH_LOOK_SECONDS": "0.3",
        "IDGRAPH_WORKERS": "1",
        "IDGRAPH_USER_ACTIVE_LIMIT": "4",
        "IDGRAPH_SLOTS": "4",
    }


@contextmanager
def standing(root: Path, port: int = 0) -> Iterator[Standing]:
    """A workspace and an app in it; afterwards neither runs."""
    workspace = Workspace(root / "workspace", 0)
    workspace.start()
    try:
        with served(root / "app", **environment(workspace, seeded(workspace))) as app:
            proxy = AppsProxy(workspace, app.address, USER, port)
            try:
                yield Standing(workspace, app, proxy)
            finally:
                proxy.close()
    finally:
        workspace.close()


def main() -> int:
    """Serves until it is stopped."""
    root = Path(os.environ.get("FAKE_WORKSPACE", "datasets/_fake_workspace"))
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    if root.exists():
        subprocess.run(["rm", "-rf", str(root)], check=True)
    with standing(root.absolute(), int(os.environ.get("PORT", "8000"))) as both:
        print(f"The app, as {USER} sees it: {both.proxy.address}")
        print(
            f"The workspace: {both.workspace.host}. A privilege is missing there at first; the review page says which."
        )
        print(f"""Grant it:  curl -d '{{"statement": "GRANT ..."}}' {both.workspace.host}/_fake/sql""", flush=True)
        over.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
