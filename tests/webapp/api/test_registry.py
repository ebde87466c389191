"""What holds for every endpoint, and what the registry promises about them."""

from __future__ import annotations

import ast
import itertools
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

import webapp
from tests.webapp.api.conftest import MakeApp
from tests.webapp.api.test_wizard_api import problem
from webapp.api.endpoints import ENDPOINTS
from webapp.api.openapi import document
from webapp.api.problems import BY_CODE, KINDS
from webapp.api.registry import Endpoint
from webapp.services import Services

ROOT = Path(webapp.__file__).parent
ID = str(uuid.UUID(int=7))
EVERY_ENDPOINT = pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=lambda endpoint: endpoint.name)


def address(endpoint: Endpoint) -> str:
    return endpoint.path.format(session_id=ID, job_id=ID, step_id="households")


# --- addresses ------------------------------------------------------------------------------------------------------------


TEXTS = (ID, "new", "session", "step", "submit", "households", "review", "validate", "field", "config.json", "x")
"""What a part of an address that takes any text is tried with."""
SAMPLES = {"uuid": (ID,), "int": ("7",), "float": ("7.5",), "path": ("a/b",)}
PART = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\((?P<of>[^)]*)\))?:)?[a-z_]+>")


def samples(part: re.Match[str]) -> tuple[str, ...]:
    if part["kind"] == "any":
        return tuple(word.strip(" '\"") for word in part["of"].split(","))
    return SAMPLES.get(part["kind"] or "", TEXTS)


def paths_of(rule: Rule) -> Iterator[str]:
    """Addresses that a rule answers at."""
    template = PART.sub("{}", rule.rule)
    for chosen in itertools.product(*map(samples, PART.finditer(rule.rule))):
        yield template.format(*chosen)


def answers(rule: Rule, path: str, method: str) -> bool:
    try:
        Map([rule.empty()]).bind("localhost").match(path, method)
    except (NotFound, MethodNotAllowed):
        return False
    return True


def test_every_method_of_every_address_belongs_to_one_endpoint(app: Flask) -> None:
    rules = list(app.url_map.iter_rules())
    for rule in rules:
        for path, method in itertools.product(paths_of(rule), {"GET", "POST"} & (rule.methods or set())):
            found = [other.endpoint for other in rules if answers(other, path, method)]
            assert found == [rule.endpoint], f"{method} {path}"


def test_an_address_that_two_rules_answer_at_is_found() -> None:
    one, other = Rule("/wizard/<uuid:id>/<step>"), Rule("/wizard/<uuid:id>/submit")
    assert sum(answers(rule, path, "GET") for rule in (one, other) for path in paths_of(one)) == len(TEXTS) + 1


@EVERY_ENDPOINT
def test_every_other_method_is_refused_with_those_there_are(client: FlaskClient, endpoint: Endpoint) -> None:
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "POST" if endpoint.method == "GET" else "GET"):
        answer = client.open(address(endpoint), method=method)
        problem(answer, 405, "method_not_allowed")
        assert endpoint.method in answer.headers["Allow"].split(", ")
    assert endpoint.method in client.options(address(endpoint)).headers["Allow"].split(", ")


def test_head_is_get_without_a_body(client: FlaskClient) -> None:
    path = client.post("/wizard/session", json={}).headers["Location"]
    asked, read = client.head(path), client.get(path)
    assert (asked.status_code, asked.data, asked.content_length) == (200, b"", read.content_length)


@pytest.mark.parametrize("text", ["1", "x", ID[:-1], f"{ID}0", "0" * 32, f"{{{ID}}}", "%00", "..%2f.."])
@EVERY_ENDPOINT
def test_an_id_that_is_no_uuid_is_not_found(client: FlaskClient, endpoint: Endpoint, text: str) -> None:
    if "<uuid:" in endpoint.rule:
        path = endpoint.path.format(session_id=text, job_id=text)
        problem(
            client.open(path, method=endpoint.method, json={} if endpoint.method == "POST" else None), 404, "not_found"
        )


# --- answers --------------------------------------------------------------------------------------------------------------


@EVERY_ENDPOINT
def test_the_id_of_a_request_comes_back(client: FlaskClient, endpoint: Endpoint) -> None:
    mine = {"X-Request-Id": "mine-1"}
    assert client.open(address(endpoint), method=endpoint.method, headers=mine).headers["X-Request-Id"] == "mine-1"
    unusable = client.open(address(endpoint), method=endpoint.method, headers={"X-Request-Id": "a b"})
    assert re.fullmatch("[0-9a-f]{32}", unusable.headers["X-Request-Id"])


def test_a_problem_names_its_request(client: FlaskClient) -> None:
    answer = client.get(f"/generate/status/{ID}", headers={"X-Request-Id": "mine-1"})
    assert problem(answer, 404, "no_such_job")["request_id"] == "mine-1"


def test_a_page_of_another_site_changes_nothing(client: FlaskClient) -> None:
    answer = client.post("/wizard/session", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    problem(answer, 403, "cross_origin")


def away(*_: Any, **__: Any) -> Any:
    raise OperationalError("select 1", {}, Exception("secret-password"))


@pytest.mark.parametrize("path", [f"/generate/status/{ID}", f"/wizard/session/{ID}"])
def test_a_database_that_is_away_is_said_without_its_secrets(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(services.store.jobs, "get", away)
    monkeypatch.setattr(services.store.sessions, "get", away)
    answer = client.get(path)
    problem(answer, 503, "database_unavailable")
    assert int(answer.headers["Retry-After"]) > 0 and "secret" not in answer.text


def test_a_draft_that_is_deleted_while_it_is_saved_is_not_found(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = client.post("/wizard/session", json={}).json or {}
    kept = services.store.sessions.get(session["session_id"])
    services.store.sessions.delete(session["session_id"])
    monkeypatch.setattr(services.store.sessions, "get", lambda _: kept)
    body = {"config": {}, "session_id": session["session_id"]}
    problem(client.post("/wizard/step/households/validate", json=body), 404, "no_such_session")


# --- health ---------------------------------------------------------------------------------------------------------------


def test_health_needs_no_database(make_app: MakeApp) -> None:
    client = make_app(database_url="postgresql+psycopg://127.0.0.1:1/nothing").test_client()
    assert client.get("/healthz").json == {"status": "ok"}


def test_readiness_needs_a_database_of_this_version(make_app: MakeApp, tmp_path: Path) -> None:
    assert make_app().test_client().get("/readyz").json == {"status": "ok"}
    answer = make_app(database_url=f"sqlite:///{tmp_path}/empty.db").test_client().get("/readyz")
    problem(answer, 503, "not_ready")
    assert int(answer.headers["Retry-After"]) > 0


# --- what is promised -----------------------------------------------------------------------------------------------------


def refusals() -> Iterator[tuple[str, int, str]]:
    """Every `Refused(status, "code", ...)` of the code that both APIs stand on."""
    for path in sorted([*(ROOT / "api").glob("*.py"), *ROOT.glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
                status, code = node.args[:2]
                if isinstance(status, ast.Constant) and isinstance(code, ast.Constant):
                    yield str(path.relative_to(ROOT)), int(str(status.value)), str(code.value)


def test_every_problem_in_the_code_is_documented_with_its_status() -> None:
    found = list(refusals())
    assert len(found) > 15
    for place, status, code in found:
        assert code in BY_CODE, f"{place}: {code}"
        assert BY_CODE[code].status == status, f"{place}: {code}"


def test_every_documented_problem_exists() -> None:
    by_status = {"not_found", "method_not_allowed", "request_entity_too_large"}
    assert {kind.code for kind in KINDS} == {code for _, _, code in refusals()} | by_status


@EVERY_ENDPOINT
def test_every_endpoint_is_described(endpoint: Endpoint) -> None:
    assert endpoint.summary.endswith(".") and len(endpoint.summary) > 15
    assert endpoint.contract.answers and all(answer.says for answer in endpoint.contract.answers)
    assert set(endpoint.contract.problems) <= set(BY_CODE)
    named = {parameter.name for parameter in endpoint.contract.parameters if parameter.place == "path"}
    assert named == set(re.findall(r"{(\w+)}", endpoint.path))


def test_every_link_leads_to_an_endpoint_with_those_parameters() -> None:
    for endpoint in ENDPOINTS.values():
        for link in (link for answer in endpoint.contract.answers for link in answer.links):
            target = ENDPOINTS[link.endpoint]
            assert set(link.parameters) <= {parameter.name for parameter in target.contract.parameters}
            takes = target.contract.takes
            assert set(link.body or ()) <= set(takes.shape.model_fields if takes else ())


@EVERY_ENDPOINT
def test_every_answer_and_problem_is_in_the_document(endpoint: Endpoint) -> None:
    responses = document()["paths"][endpoint.path][endpoint.method.lower()]["responses"]
    promised = {answer.status for answer in endpoint.contract.answers} | {kind.status for kind in endpoint.problems}
    assert {int(status) for status in responses} == promised
