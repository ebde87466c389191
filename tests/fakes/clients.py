"""The real clients, pointed at a fake workspace, with time-outs that tests can bear."""

from __future__ import annotations

from typing import Any

from databricks import sql
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from tests.fakes.databricks import Workspace

PATIENCE = 10


def app(workspace: Workspace) -> WorkspaceClient:
    """The app's own client: OAuth for machines."""
    return machine(workspace, workspace.client_id, workspace.client_secret)


def machine(workspace: Workspace, client_id: str, secret: str) -> WorkspaceClient:
    """A service principal's client."""
    limits = {"http_timeout_seconds": PATIENCE, "retry_timeout_seconds": PATIENCE}
    return WorkspaceClient(
        config=Config(host=workspace.host, client_id=client_id, client_secret=secret, auth_type="oauth-m2m", **limits)
    )


def person(workspace: Workspace, name: str, *, on_behalf: bool = True) -> WorkspaceClient:
    """A user's client, with an on-behalf-of token or a personal one."""
    token = workspace.token_of(name) if on_behalf else workspace.token_of(name, None)
    limits = {"http_timeout_seconds": PATIENCE, "retry_timeout_seconds": PATIENCE}
    return WorkspaceClient(config=Config(host=workspace.host, token=token, auth_type="pat", **limits))


def connected(workspace: Workspace, name: str, **settings: Any) -> sql.client.Connection:
    """A connection to the warehouse as somebody."""
    given = {
        "access_token": workspace.token_of(name, None),
        "enable_telemetry": False,
        "_socket_timeout": PATIENCE,
        "_retry_delay_min": 0.1,
        "_retry_delay_max": 5,
        "_retry_stop_after_attempts_count": 1,
        "_retry_stop_after_attempts_duration": PATIENCE,
        **settings,
    }
    return sql.connect(
        server_hostname="127.0.0.1",
        http_path=workspace.warehouse_path,
        _connection_uri=workspace.warehouse_url,
        **given,
    )


def ask(
    workspace: Workspace, name: str, statement: str, parameters: Any = None, **settings: Any
) -> list[tuple[Any, ...]]:
    """The rows of a statement, as somebody."""
    with connected(workspace, name, **settings) as connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [tuple(row) for row in cursor.fetchall()]
