"""Who may ask for what: origins, hosts, identity, sizes, and what answers carry."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from webapp import create_app
from webapp.settings import Settings
from webapp.store.database import migrate


def app_of(folder: Path, **changes: object) -> Flask:
    settings = Settings(datasets_dir=folder, backend="fake", fake_step_seconds=0, **changes)  # type: ignore[arg-type]  # any setting
    migrate(settings.store_url)
    return create_app(settings)


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return app_of(tmp_path).test_client()


START = {"config": {"output": {"name": "one"}}}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_starts_nothing(client: FlaskClient, site: str) -> None:
    answer = client.post("/generate/start", json=START, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert client.get("/jobs").status_code == 200


def test_a_foreign_origin_is_refused_where_browsers_send_no_more(client: FlaskClient) -> None:
    assert client.post("/generate/start", json=START, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/generate/start", json=START, headers={"Origin": "null"}).status_code == 403


def test_our_own_pages_and_programs_may_start_jobs(client: FlaskClient) -> None:
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    assert client.post("/generate/start", json=START, headers=own).status_code == 202
    assert client.post("/generate/start", json={"config": {"output": {"name": "two"}}}).status_code == 202


def test_a_form_cannot_reach_the_api(client: FlaskClient) -> None:
    answer = client.post("/generate/start", data=json.dumps(START), content_type="text/plain")
    assert answer.status_code == 415


def test_another_name_that_points_here_is_not_answered(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": "rebound.example"}).status_code == 400


def test_identity_headers_mean_nothing_outside_the_platform(client: FlaskClient) -> None:
    job = client.post("/generate/start", json=START, headers={"X-Forwarded-User": "mallory"}).json["job_id"]
    assert client.get(f"/generate/status/{job}", headers={"X-Forwarded-User": "alice"}).status_code == 200


def test_inside_the_platform_a_request_without_a_user_is_refused(tmp_path: Path) -> None:
    client = app_of(tmp_path, app_name="idgraph", host="0.0.0.0").test_client()
    assert client.post("/generate/start", json=START).status_code == 401


def test_others_sessions_and_jobs_do_not_exist(tmp_path: Path) -> None:
    client = app_of(tmp_path, app_name="idgraph", host="0.0.0.0").test_client()
    alice, bob = {"X-Forwarded-User": "alice"}, {"X-Forwarded-User": "bob"}
    job = client.post("/generate/start", json=START, headers=alice).json["job_id"]
    session = client.post("/wizard/session", json={}, headers=alice).json["session_id"]
    for path in (f"/generate/status/{job}", f"/generate/result/{job}", f"/wizard/session/{session}", f"/jobs/{job}"):
        assert client.get(path, headers=bob).status_code == 404, path
        assert client.get(path, headers=alice).status_code in (200, 409), path
    assert client.post(f"/generate/cancel/{job}", headers=bob).status_code == 404
    assert client.post(f"/wizard/session/{session}/submit", json={"version": 1}, headers=bob).status_code == 404


@pytest.mark.parametrize("path", ["/", "/jobs", "/docs", "/healthz", "/openapi.json", "/nothing", "/static/app.css"])
def test_every_answer_carries_the_policy(client: FlaskClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    assert (
        "unsafe" not in headers["Content-Security-Policy"]
        and "default-src 'none'" in headers["Content-Security-Policy"]
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "HX-Request" in headers["Vary"]


def test_the_request_id_of_the_proxy_is_echoed_and_a_strange_one_replaced(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    assert client.get("/healthz", headers={"X-Request-Id": "a b<c>"}).headers["X-Request-Id"] != "a b<c>"


def test_a_body_over_the_limit_is_refused_unread(client: FlaskClient) -> None:
    big = json.dumps({"config": {"x": "y" * 1_100_000}})
    assert client.post("/generate/start", data=big, content_type="application/json").status_code == 413
    assert client.post("/wizard/new", data={"x": "y" * 1_100_000}).status_code == 413


def test_an_unforeseen_error_shows_a_request_id_and_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = app_of(tmp_path)

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("password=hunter2")

    answer = app.test_client().get("/broken", headers={"Accept": "text/html", "X-Request-Id": "r-1"})
    assert answer.status_code == 500
    assert b"r-1" in answer.data and b"hunter2" not in answer.data and b"Traceback" not in answer.data
    assert "hunter2" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("accept", "kind"), [("text/html", "text/html"), ("application/json", "application/problem+json")]
)
def test_an_error_has_the_form_the_asker_reads(tmp_path: Path, accept: str, kind: str) -> None:
    app = app_of(tmp_path)
    app.add_url_rule("/teapot", "teapot", lambda: abort(418))
    assert app.test_client().get("/teapot", headers={"Accept": accept}).content_type.startswith(kind)


def test_a_form_that_does_not_say_its_length_is_refused_rather_than_cut_off(client: FlaskClient) -> None:
    answer = client.post(
        "/wizard/new",
        input_stream=io.BytesIO(b"preset=starter"),
        content_type="application/x-www-form-urlencoded",
        headers={"Transfer-Encoding": "chunked"},
    )
    assert answer.status_code == 411
