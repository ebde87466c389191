"""The OpenAPI document: it is the one that is committed, and the app keeps what it says, whatever is sent."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlmodel import SQLModel

from generation.spec.settings import LEAVES
from webapp import create_app
from webapp.api.openapi import document, text
from webapp.services import Services
from webapp.settings import Settings
from webapp.store.database import migrate

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"
CONFIG = Path(__file__).with_name("schemathesis.toml")
OFTEN = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
IN_TURN = settings(OFTEN, max_examples=25, stateful_step_count=10)


# --- the document ---------------------------------------------------------------------------------------------------------


def test_the_committed_document_is_the_one_that_is_served(client: FlaskClient) -> None:
    answer = client.get("/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert COMMITTED.read_text(encoding="utf-8") == answer.text, "run make docs"


def test_the_document_can_be_written_to_a_file_and_to_standard_output(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "webapp.api.document"]
    subprocess.run([*command, str(tmp_path / "openapi.json")], check=True)
    assert (tmp_path / "openapi.json").read_text(encoding="utf-8") == text()
    assert subprocess.check_output(command).decode() == text()


def test_a_document_that_is_known_already_is_not_sent_again(client: FlaskClient) -> None:
    mark = client.get("/openapi.json").headers["ETag"]
    assert client.get("/openapi.json", headers={"If-None-Match": mark}).status_code == 304


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    for place in json.dumps(whole).split('"$ref": "#/')[1:]:
        found: Any = whole
        for part in place.partition('"')[0].split("/"):
            found = found[part]


def property_of(dotted: str) -> Any:
    """The schema of a setting."""
    schemas = document()["components"]["schemas"]
    found = schemas["Config"]
    for part in dotted.split("."):
        found = found["properties"][part]
        found = schemas[found["$ref"].rpartition("/")[2]] if "$ref" in found else found
    return found


@pytest.mark.parametrize("name", LEAVES)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    schema = property_of(name)
    assert schema["description"] and "default" in schema


def test_bounds_and_names_of_settings_are_in_the_words_of_json_schema() -> None:
    assert (property_of("campaigns.reach")["minimum"], property_of("campaigns.reach")["maximum"]) == (0, 1)
    assert property_of("households.states")["items"]["enum"][0] == "AK"
    assert "ctv" in property_of("campaigns.click_rates")["propertyNames"]["enum"]
    assert not {"ge", "gt", "le", "lt"} & set(json.dumps(document()).split('"'))


# --- what the app does with it --------------------------------------------------------------------------------------------


class Behind:
    """The app behind the document; tests are collected before there is one."""

    app: Flask

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


BEHIND = Behind()
API = schemathesis.openapi.from_dict(document(), config=schemathesis.Config.from_path(CONFIG))
API.app, API.location = BEHIND, "/openapi.json"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    chosen = Settings(datasets_dir=tmp_path_factory.mktemp("api"), backend="fake", log_level="error")
    migrate(chosen.store_url)
    BEHIND.app = create_app(chosen)
    yield
    BEHIND.app.extensions["idgraph"].store.close()


@pytest.mark.usefixtures("behind")
@API.parametrize()
@OFTEN
def test_whatever_is_sent_is_answered_as_documented(case: schemathesis.Case) -> None:
    case.call_and_validate()


def test_whatever_is_sent_along_the_links_is_answered_as_documented(
    app: Flask, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BEHIND, "app", app, raising=False)

    class Scenario(API.as_state_machine()):  # type: ignore[misc]  # made at run time
        def setup(self) -> None:
            """An empty database: a scenario has to go the same way whenever it is repeated."""
            with services.store.engine.begin() as connection:
                for table in reversed(SQLModel.metadata.sorted_tables):
                    connection.execute(table.delete())

    Scenario.run(settings=IN_TURN)
