from __future__ import annotations

import pytest
from databricks.sdk.errors import DatabricksError, PermissionDenied, Unauthenticated

from tests.fakes import clients
from tests.fakes.databricks import Workspace


def test_a_service_principal_logs_in_with_its_secret_and_is_called_by_its_id(workspace: Workspace) -> None:
    me = clients.app(workspace).current_user.me()
    assert (me.user_name, me.display_name, me.emails) == (workspace.client_id, "app", [])


def test_a_wrong_secret_is_refused(workspace: Workspace) -> None:
    with pytest.raises((DatabricksError, ValueError), match="invalid_client"):
        clients.machine(workspace, workspace.client_id, "wrong").current_user.me()


def test_a_user_sees_the_groups_it_is_directly_in(workspace: Workspace) -> None:
    workspace.directory.join("analysts", "everyone at sales")
    me = clients.person(workspace, "alice@example.com").current_user.me()
    assert [group.display for group in me.groups or []] == ["analysts"]
    assert me.emails and me.emails[0].value == "alice@example.com"


def test_an_expired_token_is_refused(workspace: Workspace) -> None:
    alice = clients.person(workspace, "alice@example.com")
    workspace.directory.expire_tokens()
    with pytest.raises(Unauthenticated):
        alice.current_user.me()


def test_machines_fetch_another_token_when_theirs_has_expired(workspace: Workspace) -> None:
    workspace.directory.token_seconds = 1
    app = clients.app(workspace)
    app.current_user.me()
    workspace.directory.expire_tokens()
    assert app.current_user.me().user_name == workspace.client_id
    assert len(workspace.record.requests("/oidc/v1/token")) == 2


def test_an_on_behalf_of_token_cannot_start_jobs(workspace: Workspace) -> None:
    with pytest.raises(PermissionDenied, match="required scopes: jobs"):
        clients.person(workspace, "alice@example.com").jobs.run_now(1)


def test_the_record_keeps_no_secrets(workspace: Workspace) -> None:
    clients.app(workspace).current_user.me()
    kept = "".join(f"{r.headers}{r.body!r}{r.query}" for r in workspace.record.requests())
    assert workspace.client_secret not in kept and "Bearer" not in kept
    assert [r.principal for r in workspace.record.requests("/scim/v2/Me")] == [workspace.client_id]
