from __future__ import annotations

from io import BytesIO

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied, ResourceConflict

from tests.fakes import clients
from tests.fakes.databricks import Workspace

FILE = "/Volumes/main/default/runs/a/config 1.json"


@pytest.fixture
def client(workspace: Workspace) -> WorkspaceClient:
    workspace.volume("main.default.runs")
    workspace.grant("USE CATALOG", "main", workspace.client_id)
    workspace.grant("USE SCHEMA, READ VOLUME, WRITE VOLUME", "main.default", workspace.client_id)
    return clients.app(workspace)


def test_what_is_uploaded_is_downloaded_and_lies_in_the_volumes_folder(
    workspace: Workspace, client: WorkspaceClient
) -> None:
    client.files.upload(FILE, BytesIO(b'{"seed": 1}'))
    assert client.files.download(FILE).contents.read() == b'{"seed": 1}'
    assert (workspace.root / FILE.lstrip("/")).read_bytes() == b'{"seed": 1}'


def test_a_file_is_overwritten_only_where_that_is_wanted(client: WorkspaceClient) -> None:
    client.files.upload(FILE, BytesIO(b"1"), overwrite=False)
    with pytest.raises(ResourceConflict, match="already exists"):
        client.files.upload(FILE, BytesIO(b"2"), overwrite=False)
    client.files.upload(FILE, BytesIO(b"3"), overwrite=True)
    assert client.files.download(FILE).contents.read() == b"3"


def test_directories_are_listed_with_sizes(client: WorkspaceClient) -> None:
    client.files.upload(FILE, BytesIO(b"12345"))
    client.files.create_directory("/Volumes/main/default/runs/b")
    shown = [
        (e.name, e.is_directory, e.file_size)
        for e in client.files.list_directory_contents("/Volumes/main/default/runs")
    ]
    assert shown == [("a", True, None), ("b", True, None)]
    assert client.files.get_metadata(FILE).content_length == 5


def test_a_deleted_file_is_gone(client: WorkspaceClient) -> None:
    client.files.upload(FILE, BytesIO(b"1"))
    client.files.delete(FILE)
    with pytest.raises(NotFound):
        client.files.download(FILE)
    with pytest.raises(NotFound):
        client.files.get_metadata(FILE)


def test_reading_does_not_allow_writing(workspace: Workspace, client: WorkspaceClient) -> None:
    workspace.revoke("WRITE VOLUME", "main.default", workspace.client_id)
    with pytest.raises(PermissionDenied, match="User does not have WRITE VOLUME on Volume"):
        client.files.upload(FILE, BytesIO(b"1"))


@pytest.mark.parametrize("path", ["/Volumes/main/default/runs/../x", "/Volumes/main/default", "/tmp/x"])
def test_only_files_of_volumes_are_served(client: WorkspaceClient, path: str) -> None:
    with pytest.raises((NotFound, ValueError, OSError)):
        client.files.upload(path, BytesIO(b"1"))
