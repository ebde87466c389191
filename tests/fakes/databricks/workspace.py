"""A workspace to test against: seeded and watched from Python, spoken to over HTTP, Thrift and Spark Connect."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.fakes.databricks import (
    console,
    job_routes,
    job_runs,
    lakebase,
    oauth_routes,
    unity_routes,
    volumes,
    warehouse,
)
from tests.fakes.databricks.cluster import Cluster
from tests.fakes.databricks.faults import Faults
from tests.fakes.databricks.gateway import Gateway
from tests.fakes.databricks.jobs import Job, Jobs, Run
from tests.fakes.databricks.lakebase import Lakebase
from tests.fakes.databricks.principals import OBO_SCOPES, Directory, Principal
from tests.fakes.databricks.privileges import Privileges
from tests.fakes.databricks.records import Record
from tests.fakes.databricks.securables import Kind, Securable, Securables
from tests.fakes.databricks.serving import Server
from tests.fakes.databricks.sql.engine import Engine
from tests.fakes.databricks.sql.sessions import Session
from tests.fakes.databricks.warehouse import Warehouse

ADMIN = "admin@example.com"


class Workspace:
    """The workspace. Files are below `root`: `Volumes/`, `tables/<catalog>/<schema>/<table>`, `runs/`.

    It starts with a metastore administrator, the catalog `main`, and the service principal of an app, whose id and secret
    are `client_id` and `client_secret`. `folds_groups` decides whether effective permissions asked for one principal
    include what it has through groups.
    """

    def __init__(self, root: Path, port: int = 0) -> None:
        self.root = root.absolute()
        self.start_seconds = 0.05
        self.cancel_seconds = 0.05
        self.folds_groups = True
        self.job_environment: dict[str, str] = {}
        self.faults, self.record = Faults(), Record()
        self.directory = Directory()
        self.admin = self.directory.add_user(ADMIN, ["admins"], admin=True)
        app, self.client_secret = self.directory.add_service_principal("app")
        self.client_id = app.name
        self.securables = Securables(self.root, ADMIN)
        self.privileges = Privileges(self.directory, self.securables)
        self.securables.create("CATALOG", "main", ADMIN)
        self.jobs = Jobs(lambda run: job_runs.launch(self, run))
        self.lakebase, self.warehouse = Lakebase(), Warehouse()
        self._clusters = itertools.count()
        self._engine = Engine(self)
        routes = [m.ROUTES for m in (oauth_routes, job_routes, unity_routes, volumes, lakebase, warehouse, console)]
        self._server = Server(self, list(itertools.chain(*routes)), port)

    @property
    def host(self) -> str:
        """The workspace's address, as DATABRICKS_HOST takes it."""
        return self._server.address

    @property
    def warehouse_path(self) -> str:
        """The HTTP path of the warehouse."""
        return f"{warehouse.PATH}{self.warehouse.id}"

    @property
    def warehouse_url(self) -> str:
        """What the SQL connector takes as `_connection_uri`, since there is no TLS here."""
        return self.host + self.warehouse_path

    def start(self) -> None:
        """Afterwards requests are answered."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._server.start()

    def close(self) -> None:
        """Afterwards nothing runs any more; files stay."""
        self.jobs.close()
        self.warehouse.close()
        self._server.close()

    def user(self, name: str, groups: Collection[str] = (), *, admin: bool = False) -> Principal:
        """A user in these groups."""
        return self.directory.add_user(name, groups, admin=admin)

    def service_principal(self, display_name: str, groups: Collection[str] = ()) -> tuple[str, str]:
        """Application id and secret of a new service principal."""
        principal, secret = self.directory.add_service_principal(display_name, groups)
        return principal.name, secret

    def token_of(self, name: str, scopes: Collection[str] | None = OBO_SCOPES, seconds: float | None = None) -> str:
        """A user's token as an app gets it (on behalf of, with these scopes); None as scopes makes it a personal one."""
        return self.directory.issue(name, scopes, seconds)

    def catalog(self, name: str, owner: str = ADMIN) -> Securable:
        """A catalog with a schema `default`."""
        return self.securables.create("CATALOG", name, owner)

    def schema(self, full_name: str, owner: str = ADMIN) -> Securable:
        """A schema."""
        return self.securables.create("SCHEMA", full_name, owner)

    def volume(self, full_name: str, owner: str = ADMIN) -> Path:
        """The folder of a new volume."""
        made = self.securables.create("VOLUME", full_name, owner)
        assert made.location is not None
        return made.location

    def grant(self, privileges: str, on: str, to: str, kind: Kind | None = None) -> None:
        """GRANT privileges ("USE SCHEMA, CREATE TABLE") on an object; its kind is told by the parts of its name."""
        found: Kind = kind or ("CATALOG", "SCHEMA", "TABLE")[on.count(".")]  # type: ignore[assignment]
        self.privileges.grant(privileges.split(","), found, on, to)

    def revoke(self, privileges: str, on: str, of: str, kind: Kind | None = None) -> None:
        """The opposite of `grant`."""
        found: Kind = kind or ("CATALOG", "SCHEMA", "TABLE")[on.count(".")]  # type: ignore[assignment]
        self.privileges.revoke(privileges.split(","), found, on, of)

    def sql(self, text: str, as_: str | None = None) -> pa.Table:
        """The result of a statement, past the network and the faults; past all privileges as well unless somebody is named."""
        principal = self.directory.named(as_) if as_ else replace(self.admin, unbound=True)
        session = Session(principal, "console", lambda: self.warehouse.spark(self.new_cluster))
        return self._engine.execute(session, text)

    def tables(self) -> list[Securable]:
        """All tables."""
        schemas = [s for c in self.securables.below("CATALOG") for s in self.securables.below("SCHEMA", c.full_name)]
        return [table for schema in schemas for table in self.securables.below("TABLE", schema.full_name)]

    def job(self, settings: dict[str, Any], run_as: str | None = None, managers: Collection[str] | None = None) -> Job:
        """A saved job as a bundle would deploy it: owned by the administrator, run as the app's principal and started by
        it, unless others are named."""
        job = self.jobs.create(settings, ADMIN, run_as or self.client_id)
        job.managers.update({self.client_id} if managers is None else managers)
        return job

    def wait(self, run_id: int, seconds: float = 60) -> Run:
        """The run once it has ended; TimeoutError if it does not."""
        run, _ = self.jobs.run(run_id)
        if not run.over.wait(seconds):
            raise TimeoutError(f"run {run_id} is {run.life_cycle} after {seconds} seconds")
        return run

    def new_cluster(self, folder: Path | None = None) -> Cluster:
        """An engine that knows the catalogs there are now; it starts when it is first used."""
        catalogs = [c.name for c in self.securables.below("CATALOG")]
        place = folder or self.root / "clusters" / str(next(self._clusters))
        return Cluster(self.host, self.directory.engine_token(), catalogs, place)

    @contextmanager
    def spark(self, as_: str = ADMIN) -> Iterator[str]:
        """The address (sc://...) of a Spark session of a principal, as a job of its own would have it."""
        gateway = Gateway(self, Session(self.directory.named(as_), "spark"), self.new_cluster())
        try:
            yield gateway.remote
        finally:
            gateway.close()


@contextmanager
def fake_workspace(root: Path, port: int = 0) -> Iterator[Workspace]:
    """A running workspace; at the end nothing of it runs."""
    workspace = Workspace(root, port)
    workspace.start()
    try:
        yield workspace
    finally:
        workspace.close()
