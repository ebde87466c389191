"""The databricks backend as the contract suite meets it: a fake workspace, with the bundle's job and this tree's wheel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generation.spec.config import Config
from generation.spec.ddl import literal
from tests.databricks.deployed import RUNS, backend, furnish
from tests.fakes.databricks import Workspace, fake_workspace
from tests.webapp.backends.places import Place
from webapp.backends.base import Order, Work
from webapp.backends.databricks import DatabricksWork


@dataclass
class Manifests:
    """The table of manifests of a schema, used like the file that other places have."""

    workspace: Workspace
    schema: str
    hidden: bytes = b""

    def _rows(self) -> list[dict[str, str]]:
        try:
            found = self.workspace.sql(f"SELECT manifest FROM {self.schema}._manifest ORDER BY serial DESC LIMIT 1")
        except Exception as error:
            assert "NOT_FOUND" in str(error), error
            return []
        return list(found.to_pylist())

    def exists(self) -> bool:
        return bool(self._rows())

    def read_bytes(self) -> bytes:
        return self._rows()[0]["manifest"].encode()

    def write_bytes(self, data: bytes) -> None:
        """Another dataset is there, with the next serial or the first; what it replaces is forgotten."""
        import hashlib
        import json

        values = json.loads(data)
        self.workspace.sql(f"DELETE FROM {self.schema}._manifest")
        digest = hashlib.sha256(data).hexdigest()
        self.workspace.sql(
            f"INSERT INTO {self.schema}._manifest VALUES ({values['serial']}, '{digest}', "
            f"'{values['config_hash']}', '', {literal(data.decode())})"
        )

    def rename(self, _to: Path) -> Manifests:
        """Takes the row away; renaming what comes back restores it."""
        if self.hidden:
            self.write_bytes(self.hidden)
            return self
        kept = Manifests(self.workspace, self.schema, self.read_bytes())
        self.workspace.sql(f"DELETE FROM {self.schema}._manifest")
        return kept


@dataclass(frozen=True)
class InWorkspace(Place):
    """The place."""

    workspace: Workspace | None = None

    @property
    def there(self) -> Workspace:
        assert self.workspace is not None
        return self.workspace

    def run_directory(self, job_id: str) -> Path:
        """The folder behind the Volume."""
        return Path(f"{self.there.root}{RUNS}/{job_id}")

    def manifest(self, order: Order) -> Manifests:  # type: ignore[override]
        return Manifests(self.there, Config.model_validate(order.config).output.schema_full_name)

    def occupy(self, order: Order) -> None:
        """Somebody else's table has the name of one of ours."""
        schema = Config.model_validate(order.config).output.schema_full_name
        self.there.schema(schema)
        self.there.grant("USE SCHEMA, CREATE TABLE", schema, self.there.client_id)
        self.there.sql(f"CREATE TABLE {schema}.households (mine BIGINT) USING DELTA")


def _kill(work: Work) -> None:
    """The platform loses the compute, and does not try again by itself."""
    assert isinstance(work, DatabricksWork) and work.backend.workspace
    FAULTS[id(work.backend)].faults.kill_task()


FAULTS: dict[int, Workspace] = {}


@contextmanager
def in_workspace(folder: Path) -> Iterator[InWorkspace]:
    """A place in a new workspace."""
    with fake_workspace(folder / "workspace") as workspace:
        made = backend(workspace, furnish(workspace))
        FAULTS[id(made)] = workspace
        yield InWorkspace(made, folder, _kill, workspace)
