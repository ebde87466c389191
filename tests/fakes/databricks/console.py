"""The tester's own door, for a workspace that runs in another process: statements as the administrator, and faults."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from tests.fakes.databricks.sql.failures import SqlError
from tests.fakes.databricks.wire import ApiError, Call, Reply, Route, reply

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

FAULTS = (
    "lose_reply", "hang", "delay", "too_many_requests", "refuse", "skip_next_run", "internal_error_next_run", "kill_task",
    "unknown_state", "empty_permission_page", "clear",
)  # fmt: skip


def statement(workspace: Workspace, call: Call) -> Reply:
    """The rows of a statement: {"statement": "GRANT ...", "as": "name"}."""
    try:
        rows = workspace.sql(call.body["statement"], call.body.get("as"))
    except SqlError as error:
        raise ApiError(400, "BAD_REQUEST", error.message) from error
    return reply({"rows": [[str(value) for value in row.values()] for row in rows.to_pylist()]})


def fault(workspace: Workspace, call: Call) -> Reply:
    """Arms a fault by its name in `Faults`: {"seconds": 3, "where": "THRIFT ExecuteStatement"}."""
    if call.parts[0] not in FAULTS:
        raise ApiError(404, "NOT_FOUND", f"No fault is called {call.parts[0]}; there are {', '.join(FAULTS)}")
    arm = getattr(workspace.faults, call.parts[0])
    try:
        inspect.signature(arm).bind(**call.body)
    except TypeError as error:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{call.parts[0]}: {error}") from error
    arm(**call.body)
    return reply()


def statements(workspace: Workspace, call: Call) -> Reply:
    """All statements so far."""
    return reply([vars(s) for s in workspace.record.statements(call.request.query.get("text", ""))])


ROUTES = [
    Route("POST", "/_fake/sql", statement, scope=None),
    Route("POST", "/_fake/faults/*", fault, scope=None),
    Route("GET", "/_fake/statements", statements, scope=None),
]
