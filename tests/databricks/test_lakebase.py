from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.databricks import Workspace
from webapp.backends.databricks import Databricks
from webapp.lakebase import Tokens
from webapp.settings import Settings
from webapp.store.database import logged_in

ENDPOINT = "projects/idgraph/branches/main/endpoints/primary"


@pytest.fixture
def tokens(workspace: Workspace, place: Databricks) -> Tokens:
    workspace.lakebase.endpoints.add(ENDPOINT)
    return Tokens(place.workspace, ENDPOINT)


def database(workspace: Workspace, log: list[str]) -> Any:
    """A PostgreSQL that lets in whom the workspace would."""

    def connect(*, password: str) -> str:
        log.append(password)
        if not workspace.lakebase.accepts(workspace.client_id, password):
            raise OSError("FATAL: password authentication failed for the role")
        return "connection"

    return connect


def test_a_token_is_used_until_shortly_before_it_expires(workspace: Workspace, tokens: Tokens) -> None:
    assert tokens.current() == tokens.current()
    workspace.lakebase.seconds = 200
    tokens.forget(tokens.current())
    assert tokens.current() != tokens.current(), "five minutes are not left"


def test_a_password_that_expired_early_is_replaced_at_once(workspace: Workspace, tokens: Tokens) -> None:
    log: list[str] = []
    assert logged_in(tokens, database(workspace, log), (), {}) == "connection"
    workspace.lakebase.expire()
    assert logged_in(tokens, database(workspace, log), (), {}) == "connection"
    assert len(log) == 3 and log[0] == log[1] != log[2]


def test_a_database_that_is_down_is_not_asked_twice(tokens: Tokens) -> None:
    log: list[str] = []

    def down(*, password: str) -> None:
        log.append(password)
        raise OSError("connection refused")

    with pytest.raises(OSError, match="refused"):
        logged_in(tokens, down, (), {})
    assert len(log) == 1


def test_the_database_is_the_one_the_platform_attached() -> None:
    given = {"LAKEBASE_ENDPOINT": ENDPOINT, "PGHOST": "db.example", "PGUSER": "an-id", "PGDATABASE": "main"}
    url = Settings.from_environment(given).database_url
    assert url == "postgresql+psycopg://an-id@db.example:5432/main?sslmode=require&options=-csearch_path%3Didgraph"
