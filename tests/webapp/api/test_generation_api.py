"""The contract of the generation API: POST /generate/start, GET /generate/status/{job_id},
GET /generate/result/{job_id}, POST /generate/cancel/{job_id}.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from generation.spec.catalog import TABLES
from tests.webapp.api.conftest import MakeApp
from tests.webapp.api.test_wizard_api import pointers, problem
from webapp.api.generate import progress_of
from webapp.backends.base import Missing
from webapp.backends.local import Local
from webapp.services import Services
from webapp.store.models import Job

NOBODYS = str(uuid.UUID(int=7))
Run, Claim = Callable[[], str], Callable[[], Job]


@pytest.fixture
def app(make_app: MakeApp, store_url: str) -> Flask:
    """Over databases of both kinds."""
    return make_app(database_url=store_url)


def body(name: str = "one", **more: Any) -> dict[str, Any]:
    return {"config": {"households": {"count": 10}, "output": {"name": name}}, **more}


def started(client: FlaskClient, name: str = "one", **more: Any) -> str:
    answer = client.post("/generate/start", json=body(name, **more))
    assert answer.status_code == 202, answer.json
    return str((answer.json or {})["job_id"])


def status(client: FlaskClient, job_id: str) -> dict[str, Any]:
    answer = client.get(f"/generate/status/{job_id}")
    assert answer.status_code == 200, answer.json
    return dict(answer.json or {})


# --- POST /generate/start -------------------------------------------------------------------------------------------------


def test_a_started_job_is_at_its_location(client: FlaskClient) -> None:
    answer = client.post("/generate/start", json=body())
    assert answer.status_code == 202 and set(answer.json or {}) == {"job_id", "status_url"}
    assert (client.get(answer.headers["Location"]).json or {})["job_id"] == (answer.json or {})["job_id"]


def test_the_same_key_gives_the_same_job(client: FlaskClient) -> None:
    job_id = started(client, idempotency_key="k-1")
    again = client.post("/generate/start", json=body(idempotency_key="k-1"))
    assert (again.status_code, (again.json or {})["job_id"]) == (200, job_id)


@pytest.mark.parametrize("sent", ["k-1", '"k-1"'])
def test_the_key_may_stand_in_the_header(client: FlaskClient, sent: str) -> None:
    job_id = started(client, idempotency_key="k-1")
    again = client.post("/generate/start", json=body(), headers={"Idempotency-Key": sent})
    assert (again.status_code, (again.json or {})["job_id"]) == (200, job_id)


def test_the_key_in_the_body_counts_before_that_in_the_header(client: FlaskClient) -> None:
    job_id = started(client, idempotency_key="k-1")
    again = client.post("/generate/start", json=body(idempotency_key="k-1"), headers={"Idempotency-Key": "k-2"})
    assert (again.json or {})["job_id"] == job_id


def test_a_key_that_stands_for_something_else_is_refused(client: FlaskClient) -> None:
    started(client, idempotency_key="k-1")
    answer = client.post("/generate/start", json=body("two", idempotency_key="k-1"))
    assert pointers(problem(answer, 422, "key_reused")) == ["/idempotency_key"]


@pytest.mark.parametrize("key", ["", "two words", "ü", "k" * 201])
def test_a_key_that_cannot_be_used_is_refused(client: FlaskClient, key: str) -> None:
    problem(client.post("/generate/start", json=body(idempotency_key=key)), 422, "invalid_body")
    problem(client.post("/generate/start", json=body(), headers={"Idempotency-Key": key}), 400, "bad_header")


def test_a_configuration_with_problems_starts_nothing(client: FlaskClient) -> None:
    answer = client.post("/generate/start", json={"config": {"households": {"count": 0}, "outptu": {}}})
    assert sorted(pointers(problem(answer, 422, "invalid_config"))) == ["/households/count", "/outptu"]


def test_a_folder_cannot_be_chosen(client: FlaskClient) -> None:
    answer = client.post("/generate/start", json={"config": {"output": {"path": "/etc/cron.d"}}})
    assert pointers(problem(answer, 422, "invalid_config")) == ["/output/path"]


def test_two_jobs_of_one_dataset_do_not_run_at_once(client: FlaskClient) -> None:
    first = started(client)
    answer = client.post("/generate/start", json=body())
    assert first in problem(answer, 409, "target_in_use")["detail"]


def test_a_user_with_enough_waiting_jobs_is_asked_to_wait(make_app: MakeApp) -> None:
    client = make_app(user_queued_limit=1).test_client()
    started(client)
    answer = client.post("/generate/start", json=body("two"))
    problem(answer, 429, "too_many_jobs")
    assert int(answer.headers["Retry-After"]) > 0


# --- GET /generate/status/{job_id} ----------------------------------------------------------------------------------------


def test_a_waiting_job_says_its_place_and_has_zeros_for_progress(client: FlaskClient) -> None:
    first, second = status(client, started(client)), status(client, started(client, "two"))
    assert (first["state"], first["position"], second["position"]) == ("queued", 1, 2)
    assert first["progress"] == {
        "phase": "waiting", "done": 0, "total": 0, "fraction": 0.0, "rows": 0, "rows_per_second": 0.0,
        "eta_seconds": None, "tables": [],
    }  # fmt: skip
    assert (first["attempt"], first["error"], first["started_at"], first["result_url"]) == (0, None, None, None)


def test_a_finished_job_has_all_of_its_progress_and_its_result(client: FlaskClient, run_next: Run) -> None:
    started(client)
    now = status(client, run_next())
    assert (now["state"], now["attempt"], now["position"], now["error"]) == ("succeeded", 1, None, None)
    assert (now["progress"]["phase"], now["progress"]["fraction"]) == ("done", 1.0)
    assert now["progress"]["done"] == now["progress"]["total"] > 0
    assert now["created_at"] <= now["started_at"] <= now["finished_at"] and now["finished_at"].endswith("Z")
    assert client.get(now["result_url"]).status_code == 200


def test_a_failed_job_says_why(client: FlaskClient, run_next: Run) -> None:
    started(client, "bad")
    now = status(client, run_next())
    assert (now["state"], now["error"]["code"], now["error"]["attempt"]) == ("failed", "RunFailed", 1)
    assert "choose another name" in now["error"]["message"]


def test_only_an_unfinished_job_asks_for_another_look(client: FlaskClient, run_next: Run) -> None:
    path = f"/generate/status/{started(client)}"
    assert int(client.get(path).headers["Retry-After"]) > 0
    run_next()
    assert "Retry-After" not in client.get(path).headers


def test_an_unchanged_status_is_not_sent_again(client: FlaskClient, claim: Claim) -> None:
    path = f"/generate/status/{started(client)}"
    mark = client.get(path).headers["ETag"]
    same = client.get(path, headers={"If-None-Match": mark})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", mark)
    claim()
    assert client.get(path, headers={"If-None-Match": mark}).status_code == 200


def job(**values: Any) -> Job:
    given = {"state": "running", "attempt": 1, "progress": None, "manifest": None, "rows": None, **values}
    return Job(id=NOBODYS, owner="me", name="one", **given)


def seen(attempt: int) -> dict[str, Any]:
    table = {"name": "households", "done": 3, "total": 4, "rows": 30}
    return {"phase": "generate", "done": 3, "total": 4, "fraction": 0.7, "rows": 30, "rows_per_second": 9.0,
            "eta_seconds": 2.0, "tables": [table], "job_id": NOBODYS, "attempt": attempt}  # fmt: skip


def test_progress_is_that_of_the_latest_attempt() -> None:
    assert progress_of(job(progress=seen(1))).fraction == 0.7
    assert progress_of(job(progress=seen(1), state="queued")).fraction == 0.7
    assert progress_of(job(progress=seen(1), attempt=2)).fraction == 0


def test_a_job_that_found_everything_finished_has_whole_progress() -> None:
    made = {"tables": {"households": {"rows": 5, "bytes": 1, "version": 0, "location": "x", "fingerprint": None}}}
    whole = progress_of(job(state="succeeded", attempt=2, progress=seen(1), rows=5, manifest=made))
    assert (whole.phase, whole.fraction, whole.rows, whole.tables[0].rows) == ("done", 1.0, 5, 5)


def test_an_unknown_job_is_not_found(client: FlaskClient) -> None:
    for path in ("status", "result"):
        problem(client.get(f"/generate/{path}/{NOBODYS}"), 404, "no_such_job")
    problem(client.post(f"/generate/cancel/{NOBODYS}"), 404, "no_such_job")


def test_somebody_elses_job_is_not_found_until_it_is_shared(make_app: MakeApp) -> None:
    app = make_app(app_name="idgraph")
    client, other = app.test_client(), {"X-Forwarded-User": "other"}
    job_id = (client.post("/generate/start", json=body(), headers={"X-Forwarded-User": "me"}).json or {})["job_id"]
    problem(client.get(f"/generate/status/{job_id}", headers=other), 404, "no_such_job")
    app.extensions["idgraph"].store.jobs.share(job_id, True)
    assert client.get(f"/generate/status/{job_id}", headers=other).status_code == 200
    problem(client.post(f"/generate/cancel/{job_id}", headers=other), 403, "not_your_job")


# --- GET /generate/result/{job_id} ----------------------------------------------------------------------------------------


def test_a_result_names_every_table_in_the_catalogues_order(client: FlaskClient, run_next: Run, tmp_path: Path) -> None:
    started(client)
    answer = client.get(f"/generate/result/{run_next()}")
    result = answer.json or {}
    assert answer.status_code == 200 and set(result) == {"job_id", "tables", "manifest", "certificate"}
    made = set(result["manifest"]["tables"])
    assert [table["name"] for table in result["tables"]] == [table.name for table in TABLES if table.name in made]
    first = result["tables"][0]
    assert set(first) == {"name", "rows", "bytes", "location", "version", "fingerprint"}
    assert Path(first["location"]).is_relative_to(tmp_path / "one")
    assert result["certificate"]["ok"] is True


def test_an_unfinished_job_has_no_result_yet(client: FlaskClient, claim: Claim) -> None:
    path = f"/generate/result/{started(client)}"
    for state in ("queued", "running"):
        answer = client.get(path)
        assert state in problem(answer, 409, "not_finished")["detail"]
        assert int(answer.headers["Retry-After"]) > 0
        claim() if state == "queued" else None


def test_a_result_that_readers_cannot_see_yet_is_not_told(
    client: FlaskClient, claim: Claim, services: Services
) -> None:
    path = f"/generate/result/{started(client)}"
    made = {"manifest": {"tables": {}}, "manifest_hash": "0" * 64, "certificate": {}, "rows": 0}
    assert services.store.jobs.succeed(claim(), "test", made)
    assert "being published" in problem(client.get(path), 409, "not_finished")["detail"]


def test_a_failed_job_has_no_result_and_says_why(client: FlaskClient, run_next: Run) -> None:
    started(client, "bad")
    answer = client.get(f"/generate/result/{run_next()}")
    assert "has failed: the dataset is named bad" in problem(answer, 409, "no_result")["detail"]
    assert "Retry-After" not in answer.headers


def test_a_cancelled_job_has_no_result(client: FlaskClient) -> None:
    job_id = started(client)
    client.post(f"/generate/cancel/{job_id}")
    assert "been cancelled" in problem(client.get(f"/generate/result/{job_id}"), 409, "no_result")["detail"]


def test_the_result_of_a_deleted_dataset_is_gone(client: FlaskClient, run_next: Run, tmp_path: Path) -> None:
    started(client)
    job_id = run_next()
    shutil.rmtree(tmp_path / "one")
    problem(client.get(f"/generate/result/{job_id}"), 410, "dataset_gone")


def test_tables_of_this_host_are_where_their_folders_are(tmp_path: Path) -> None:
    manifest = {"tables": {"households": {"location": "households"}, "pairs": {"location": "truth/pairs"}}}
    (tmp_path / "one" / "truth" / "pairs").mkdir(parents=True)
    (tmp_path / "one" / "households").mkdir()
    (tmp_path / "one" / "manifest.json").write_text("{}")
    backend = Local(tmp_path, 10)
    found = backend.locations(str(tmp_path / "one"), manifest)
    assert found == {"households": f"{tmp_path}/one/households", "pairs": f"{tmp_path}/one/truth/pairs"}
    (tmp_path / "one" / "households").rmdir()
    with pytest.raises(Missing, match="households is no longer there"):
        backend.locations(str(tmp_path / "one"), manifest)


# --- POST /generate/cancel/{job_id} ---------------------------------------------------------------------------------------


def test_a_waiting_job_is_cancelled_at_once_and_only_once(client: FlaskClient) -> None:
    job_id = started(client)
    answer = client.post(f"/generate/cancel/{job_id}")
    assert (answer.status_code, answer.json) == (202, {"job_id": job_id, "state": "cancelled"})
    assert status(client, job_id)["state"] == "cancelled"
    problem(client.post(f"/generate/cancel/{job_id}"), 409, "already_ended")


def test_a_running_job_is_being_cancelled_and_a_second_cancel_changes_nothing(
    client: FlaskClient, claim: Claim, services: Services
) -> None:
    job_id = started(client)
    claim()
    for _ in range(2):
        answer = client.post(f"/generate/cancel/{job_id}", json={})
        assert (answer.status_code, answer.json) == (202, {"job_id": job_id, "state": "cancelling"})
    assert len(services.store.jobs.events(job_id)) == 3


def test_a_job_that_has_succeeded_is_not_cancelled(client: FlaskClient, run_next: Run) -> None:
    started(client)
    problem(client.post(f"/generate/cancel/{run_next()}"), 409, "already_ended")


def test_the_body_of_a_cancel_may_be_left_out_but_not_be_a_form(client: FlaskClient) -> None:
    path = f"/generate/cancel/{started(client)}"
    problem(client.post(path, data={"a": "b"}), 415, "unsupported_media_type")
    problem(client.post(path, json={"why": "because"}), 422, "invalid_body")
    problem(client.post(path, data=b"{", content_type="application/json"), 400, "malformed_json")
    assert client.post(path, content_type="application/x-www-form-urlencoded").status_code == 202
