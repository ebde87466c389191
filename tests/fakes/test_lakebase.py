from __future__ import annotations

from datetime import timedelta

import pytest
from databricks.sdk.errors import NotFound
from google.protobuf.duration_pb2 import Duration

from tests.fakes import clients
from tests.fakes.databricks import Workspace

ENDPOINT = "projects/p/branches/main/endpoints/primary"


def test_a_credential_is_a_password_for_the_callers_role_until_it_expires(workspace: Workspace) -> None:
    workspace.lakebase.endpoints.add(ENDPOINT)
    token = clients.app(workspace).postgres.generate_database_credential(endpoint=ENDPOINT).token
    assert token and workspace.lakebase.accepts(workspace.client_id, token)
    assert not workspace.lakebase.accepts("somebody else", token)
    workspace.lakebase.expire()
    assert not workspace.lakebase.accepts(workspace.client_id, token)


def test_a_credential_says_when_it_ends(workspace: Workspace) -> None:
    workspace.lakebase.endpoints.add(ENDPOINT)
    ttl = Duration()
    ttl.FromTimedelta(timedelta(minutes=10))
    made = clients.app(workspace).postgres.generate_database_credential(endpoint=ENDPOINT, ttl=ttl)
    assert made.expire_time is not None and made.expire_time.ToSeconds() > 0
    assert b'"600s"' in workspace.record.requests("/postgres/credentials")[-1].body


def test_an_unknown_endpoint_has_no_credentials(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        clients.app(workspace).postgres.generate_database_credential(endpoint="projects/x")
