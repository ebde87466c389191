"""The page /docs: it shows everything there is, and its commands work."""

from __future__ import annotations

import html
import re
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from generation.spec.settings import LEAVES
from tests.webapp.api.conftest import MakeApp
from tests.webapp.serving import served
from webapp.api.endpoints import ENDPOINTS
from webapp.api.members import members
from webapp.api.openapi import document
from webapp.api.problems import KINDS


@pytest.fixture
def page(client: FlaskClient) -> str:
    answer = client.get("/docs")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return html.unescape(answer.text)


def test_the_page_has_every_endpoint_problem_and_setting(page: str) -> None:
    assert all(f'id="{name}"' in page and endpoint.path in page for name, endpoint in ENDPOINTS.items())
    assert all(kind.code in page and kind.says in page for kind in KINDS)
    assert all(leaf.field.description in page for leaf in LEAVES.values() if leaf.field.description)


def test_every_link_within_the_page_leads_somewhere(page: str) -> None:
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))


def test_no_id_of_the_page_stands_twice(page: str) -> None:
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_members_are_listed_with_those_of_the_objects_in_them() -> None:
    schemas = document()["components"]["schemas"]
    found = {member.name: member for member in members(schemas["JobStatus"], schemas)}
    assert found["progress.tables[].rows"].type == "whole number"
    assert found["error.code"].says and found["error"].type == "object or null"
    assert found["state"].type.startswith("one of queued, running")
    body = {member.name: member for member in members(schemas["StartRequest"], schemas)}
    assert (body["config"].shape, body["config"].required, body["idempotency_key"].required) == ("Config", True, False)
    assert "config.households" not in body


def commands(page: str) -> list[str]:
    return re.findall(r'<code id="[a-z_]+-command">(.*?)</code>', page, re.DOTALL)


def test_commands_on_the_platform_name_its_address_and_send_a_token(make_app: MakeApp) -> None:
    client = make_app(app_name="idgraph").test_client()
    page = html.unescape(client.get("/docs", headers={"X-Forwarded-Host": "idgraph.example"}).text)
    assert all("Bearer $TOKEN" in one and "https://idgraph.example/" in one for one in commands(page))


def test_the_commands_work_when_they_are_pasted_in_order(tmp_path: Path) -> None:
    with served(tmp_path / "datasets") as server:
        page = subprocess.check_output(["curl", "-sS", server.address + "/docs"], text=True)
        script = "\n".join(html.unescape(command) for command in commands(page))
        # To a file: what is piped on to the terminal may get between a code and its line.
        asking = "asked() { curl -sS --fail-with-body -w '%{stderr}\\n%{http_code}\\n' \"$@\" 2>>codes; }\n"
        failing = asking + script.replace("curl -sS", "asked")
        done = subprocess.run(["bash", "-c", failing], capture_output=True, text=True, timeout=120, cwd=tmp_path)
    said = (tmp_path / "codes").read_text()
    shown = done.stdout + done.stderr + said
    codes = re.findall(r"^(\d{3})$", said, re.MULTILINE)
    assert (done.returncode, len(codes)) == (0, len(ENDPOINTS) + 1), shown
    assert set(codes) <= {"200", "201", "202"}, shown
