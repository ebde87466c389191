from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import toy_wheel
from tests.fakes.databricks import Workspace, fake_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with catalog bryan_li, schema bryan_li.demo, and Alice, who is an analyst and may nothing yet."""
    with fake_workspace(tmp_path / "workspace") as made:
        made.catalog("bryan_li")
        made.schema("bryan_li.demo")
        made.user("alice@example.com", ["analysts"])
        yield made


@pytest.fixture
def toy(workspace: Workspace) -> Workspace:
    """The same with the toy wheel in a volume that the app's principal may use."""
    toy_wheel.build(workspace.volume("main.default.wheels"))
    workspace.grant("USE CATALOG", "main", workspace.client_id)
    workspace.grant("USE SCHEMA, READ VOLUME, WRITE VOLUME", "main.default", workspace.client_id)
    return workspace
