"""The contract of the wizard's API: POST /wizard/session, POST /wizard/step/{step_id}/validate,
GET /wizard/session/{session_id}, POST /wizard/session/{session_id}/submit.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.presets import PRESETS
from tests.webapp.api.conftest import MakeApp
from webapp.steps import Step

NOBODYS = str(uuid.UUID(int=7))
TOO_LONG_A_FLIGHT = {"campaigns": {"flight_days": 60}, "engagement": {"history_days": 30}}


@pytest.fixture
def app(make_app: MakeApp, store_url: str) -> Flask:
    """Over databases of both kinds."""
    return make_app(database_url=store_url)


def begun(client: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/wizard/session", json=body)
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


def validated(client: FlaskClient, step: str, config: Any, **more: Any) -> dict[str, Any]:
    answer = client.post(f"/wizard/step/{step}/validate", json={"config": config, **more})
    assert answer.status_code == 200, answer.json
    return dict(answer.json or {})


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem an answer holds, which is the expected one."""
    body = dict(answer.json or {})
    assert (answer.status_code, body["type"]) == (status, f"urn:idgraph:problem:{code}"), body
    assert answer.content_type == "application/problem+json"
    assert {"type", "title", "status", "detail", "request_id", "errors"} <= set(body)
    return body


def pointers(body: dict[str, Any]) -> list[str]:
    return [error["pointer"] for error in body["errors"]]


# --- POST /wizard/session, GET /wizard/session/{session_id} ---------------------------------------------------------------


def test_a_session_begins_with_the_defaults(client: FlaskClient) -> None:
    session = begun(client)
    assert session["config"] == Config().model_dump(mode="json")
    assert (session["version"], session["step"]) == (1, "households")
    assert uuid.UUID(session["session_id"])


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_session_begins_with_any_preset(client: FlaskClient, preset: Any) -> None:
    assert begun(client, preset=preset.name)["config"] == preset.config.model_dump(mode="json")


def test_what_a_configuration_leaves_out_has_its_default(client: FlaskClient) -> None:
    config = begun(client, config={"households": {"count": 5}})["config"]
    assert config == Config.model_validate({"households": {"count": 5}}).model_dump(mode="json")


def test_a_session_is_where_its_location_says(client: FlaskClient) -> None:
    answer = client.post("/wizard/session", json={"preset": "small"})
    found = client.get(answer.headers["Location"])
    assert (found.status_code, found.json) == (200, answer.json)


def test_preset_and_configuration_exclude_each_other(client: FlaskClient) -> None:
    body = problem(client.post("/wizard/session", json={"preset": "small", "config": {}}), 422, "invalid_body")
    assert "not both" in body["errors"][0]["message"]


def test_an_unknown_preset_is_refused_with_the_known_ones(client: FlaskClient) -> None:
    body = problem(client.post("/wizard/session", json={"preset": "smal"}), 422, "invalid_body")
    assert pointers(body) == ["/preset"] and "starter, small, standard" in body["errors"][0]["message"]


def test_a_configuration_with_problems_begins_nothing_and_has_all_of_them_told(client: FlaskClient) -> None:
    config = {"households": {"count": 0, "cuont": 1}, "output": {"seed": "x"}}
    body = problem(client.post("/wizard/session", json={"config": config}), 422, "invalid_config")
    assert sorted(pointers(body)) == ["/households/count", "/households/cuont", "/output/seed"]


def test_an_unknown_session_is_not_found(client: FlaskClient) -> None:
    problem(client.get(f"/wizard/session/{NOBODYS}"), 404, "no_such_session")


def test_somebody_elses_session_is_not_found(make_app: MakeApp) -> None:
    client = make_app(app_name="idgraph").test_client()
    mine = {"X-Forwarded-User": "me"}
    path = client.post("/wizard/session", json={}, headers=mine).headers["Location"]
    assert client.get(path, headers=mine).status_code == 200
    problem(client.get(path, headers={"X-Forwarded-User": "other"}), 404, "no_such_session")


# --- POST /wizard/step/{step_id}/validate ---------------------------------------------------------------------------------


@pytest.mark.parametrize("step", list(Step))
def test_the_defaults_are_valid_at_every_step(client: FlaskClient, step: Step) -> None:
    body = validated(client, step.value, {})
    assert (body["valid"], body["errors"], body["saved"]) == (True, [], False)


def test_a_step_shows_its_own_problems_and_the_last_one_all(client: FlaskClient) -> None:
    config = {"households": {"count": 0}, "engagement": {"titles": 1}}
    assert pointers(validated(client, "households", config)) == ["/households/count"]
    assert pointers(validated(client, "engagement", config)) == ["/engagement/titles"]
    assert validated(client, "demographics", config)["valid"]
    assert len(validated(client, "review", config)["errors"]) == 2


@pytest.mark.parametrize("step", list(Step))
def test_a_contradiction_between_sections_is_shown_at_every_step(client: FlaskClient, step: Step) -> None:
    body = validated(client, step.value, TOO_LONG_A_FLIGHT)
    assert [error["code"] for error in body["errors"]] == ["contradiction"]


def test_the_estimate_is_that_of_the_whole_draft(client: FlaskClient) -> None:
    config = Config.model_validate({"households": {"count": 25_000}})
    told, expected = validated(client, "campaigns", {"households": {"count": 25_000}})["estimate"], estimate(config)
    assert (told["rows"], told["bytes"], told["memory_bytes"]) == (expected.rows, expected.bytes, expected.memory)
    assert told["seconds"] == pytest.approx(sum(told["phases"].values()))
    assert "short calibration of this machine" in told["basis"]
    assert told["tables"]["households"] == {"rows": 25_000, "bytes": expected.tables["households"].bytes}


def test_there_is_no_estimate_while_another_step_has_a_problem(client: FlaskClient) -> None:
    body = validated(client, "households", {"engagement": {"titles": 1}})
    assert body["valid"] and body["estimate"] is None


def test_the_last_step_also_says_whether_it_can_run_here(client: FlaskClient) -> None:
    config = {"output": {"name": "refused"}}
    assert validated(client, "households", config)["valid"]
    assert pointers(validated(client, "review", config)) == ["/output/name"]


def test_a_valid_step_is_saved_to_its_session(client: FlaskClient) -> None:
    session = begun(client)
    config = {**session["config"], "households": {"count": 77}}
    body = validated(client, "households", config, session_id=session["session_id"], version=1)
    assert (body["saved"], body["version"]) == (True, 2)
    now = client.get(f"/wizard/session/{session['session_id']}").json
    assert now and (now["version"], now["step"], now["config"]["households"]["count"]) == (2, "demographics", 77)


def test_a_saved_draft_has_every_setting(client: FlaskClient) -> None:
    session = begun(client)
    draft = {"households": {"count": 5.0}, "engagement": {"titles": 1}}
    validated(client, "households", draft, session_id=session["session_id"])
    config = (client.get(f"/wizard/session/{session['session_id']}").json or {})["config"]
    assert config["engagement"] == {**session["config"]["engagement"], "titles": 1}
    assert config["households"] == {**session["config"]["households"], "count": 5}
    assert config["output"] == session["config"]["output"]


def test_a_step_with_a_problem_saves_nothing(client: FlaskClient) -> None:
    session = begun(client)
    body = validated(client, "households", {"households": {"count": 0}}, session_id=session["session_id"], version=1)
    assert (body["valid"], body["saved"], body["version"]) == (False, False, None)
    assert client.get(f"/wizard/session/{session['session_id']}").json == session


def test_a_stale_version_saves_nothing_and_is_told_what_there_is_now(client: FlaskClient) -> None:
    session = begun(client)
    mine = {"session_id": session["session_id"], "version": 1}
    validated(client, "households", {"households": {"count": 1}}, **mine)
    body = {"config": {"households": {"count": 2}}, **mine}
    stale = problem(client.post("/wizard/step/households/validate", json=body), 409, "stale_version")
    assert (stale["version"], stale["step"], stale["config"]["households"]["count"]) == (2, "demographics", 1)


def test_without_a_version_the_draft_is_saved_over_whatever_there_is(client: FlaskClient) -> None:
    session = begun(client)
    for count in (1, 2):
        validated(client, "households", {"households": {"count": count}}, session_id=session["session_id"])
    now = client.get(f"/wizard/session/{session['session_id']}").json
    assert now and (now["version"], now["config"]["households"]["count"]) == (3, 2)


def test_the_id_of_a_session_may_have_capitals(client: FlaskClient) -> None:
    session_id = begun(client)["session_id"].upper()
    assert validated(client, "households", {}, session_id=session_id)["saved"]
    assert client.get(f"/wizard/session/{session_id}").status_code == 200


def test_a_draft_for_an_unknown_session_is_refused(client: FlaskClient) -> None:
    answer = client.post("/wizard/step/households/validate", json={"config": {}, "session_id": NOBODYS})
    problem(answer, 404, "no_such_session")


def test_an_unknown_step_is_refused_with_the_known_ones(client: FlaskClient) -> None:
    answer = client.post("/wizard/step/houses/validate", json={"config": {}})
    assert "households, demographics" in problem(answer, 404, "no_such_step")["detail"]


# --- POST /wizard/session/{session_id}/submit -----------------------------------------------------------------------------


def submitted(client: FlaskClient, session: dict[str, Any], version: int = 1) -> TestResponse:
    return client.post(f"/wizard/session/{session['session_id']}/submit", json={"version": version})


def test_a_submitted_draft_is_a_job_at_its_location(client: FlaskClient) -> None:
    session = begun(client, preset="small")
    answer = submitted(client, session)
    assert answer.status_code == 202 and set(answer.json or {}) == {"job_id", "status_url"}
    assert answer.headers["Location"] == (answer.json or {})["status_url"]
    status = client.get(answer.headers["Location"]).json or {}
    assert (status["session_id"], status["name"], status["state"]) == (session["session_id"], "small", "queued")


def test_submitting_a_version_twice_gives_one_job(client: FlaskClient) -> None:
    session = begun(client)
    assert submitted(client, session).json == submitted(client, session).json


def test_a_draft_is_submitted_as_it_is_now_when_no_version_is_named(client: FlaskClient) -> None:
    session = begun(client)
    validated(client, "households", {"households": {"count": 77}}, session_id=session["session_id"])
    job = client.post(f"/wizard/session/{session['session_id']}/submit", json={}).json or {}
    assert (client.get(job["status_url"]).json or {})["households"] == 77


def test_a_version_that_is_not_the_drafts_starts_nothing(client: FlaskClient) -> None:
    session = begun(client)
    stale = problem(submitted(client, session, 2), 409, "stale_version")
    assert (stale["version"], stale["config"]) == (1, session["config"])


def test_a_draft_with_problems_is_not_submitted(client: FlaskClient) -> None:
    session = begun(client)
    validated(client, "households", {"engagement": {"titles": 1}}, session_id=session["session_id"])
    assert pointers(problem(submitted(client, session, 2), 422, "invalid_config")) == ["/engagement/titles"]


def test_a_draft_that_cannot_run_here_is_not_submitted(client: FlaskClient) -> None:
    session = begun(client, config={"output": {"name": "refused"}})
    assert pointers(problem(submitted(client, session), 422, "invalid_config")) == ["/output/name"]


def test_two_drafts_of_one_dataset_do_not_run_at_once(client: FlaskClient) -> None:
    assert submitted(client, begun(client)).status_code == 202
    answer = submitted(client, begun(client))
    problem(answer, 409, "target_in_use")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_user_with_enough_waiting_jobs_is_asked_to_wait(make_app: MakeApp) -> None:
    client = make_app(user_queued_limit=1).test_client()
    sessions = [begun(client, config={"output": {"name": name}}) for name in ("one", "two")]
    first, second = (submitted(client, session) for session in sessions)
    assert first.status_code == 202
    problem(second, 429, "too_many_jobs")
    assert int(second.headers["Retry-After"]) > 0


def test_an_unknown_session_is_not_submitted(client: FlaskClient) -> None:
    problem(submitted(client, {"session_id": NOBODYS}), 404, "no_such_session")
