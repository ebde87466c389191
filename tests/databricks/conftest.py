from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databricks.deployed import CATALOG, backend, furnish
from tests.fakes.databricks import Workspace, fake_workspace
from webapp.backends.databricks import Databricks
from webapp.warehouse import Governance

ALICE = "alice@example.com"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with the bundle's job, where Alice may use the catalog and nothing below it."""
    with fake_workspace(tmp_path / "workspace") as made:
        made.user(ALICE, ["analysts"])
        yield made


@pytest.fixture
def place(workspace: Workspace) -> Databricks:
    made = backend(workspace, furnish(workspace))
    workspace.schema(f"{CATALOG}.demo")
    workspace.grant("USE SCHEMA, CREATE TABLE", f"{CATALOG}.demo", workspace.client_id)
    return made


@pytest.fixture
def governance(place: Databricks) -> Governance:
    return Governance(place.workspace)
