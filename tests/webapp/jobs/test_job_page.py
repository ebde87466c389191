"""The page of a job in each of its states, and the fragment that is polled."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from tests.webapp.jobs.conftest import MakeJob
from webapp.services import Services

HTMX = {"HX-Request": "true"}


def text(client: FlaskClient, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.data
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("queued", "Next in line"),
        ("running", "Starting the engine"),
        ("cancelling", "Cancelling…"),
        ("cancelled", "Nothing was published"),
        ("succeeded", "Open the dataset"),
        ("failed", "the disk is full; free space"),
    ],
)
def test_each_state_says_what_is_going_on(client: FlaskClient, make_job: MakeJob, state: str, said: str) -> None:
    assert said in text(client, f"/jobs/{make_job('one', state).id}")


def test_a_failure_shows_its_code_its_remedy_and_the_request_id(client: FlaskClient, make_job: MakeJob) -> None:
    page = text(client, f"/jobs/{make_job('one', 'failed').id}")
    assert "RunFailed" in page and "request-1" in page and "then retry" in page and "Retry</button>" in page


@pytest.mark.parametrize("state", ["queued", "running", "cancelling"])
def test_only_an_unfinished_job_polls(client: FlaskClient, make_job: MakeJob, state: str) -> None:
    assert re.search(r'hx-trigger="every \d+s"', text(client, f"/jobs/{make_job('one', state).id}"))


@pytest.mark.parametrize("state", ["cancelled", "succeeded", "failed"])
def test_an_ended_job_polls_no_more(client: FlaskClient, make_job: MakeJob, state: str) -> None:
    page = text(client, f"/jobs/{make_job('one', state).id}")
    assert "every" not in "".join(re.findall(r'hx-trigger="([^"]*)"', page)) and "http-equiv" not in page


def test_the_page_reloads_itself_where_there_is_no_javascript(client: FlaskClient, make_job: MakeJob) -> None:
    assert '<noscript><meta http-equiv="refresh"' in text(client, f"/jobs/{make_job('one', 'queued').id}")


def polled(client: FlaskClient, path: str) -> str:
    found = re.search(r'hx-get="(/jobs/[^"]*/progress[^"]*)"', text(client, path))
    assert found is not None
    return found.group(1).replace("&amp;", "&")


def test_nothing_new_is_answered_with_nothing(client: FlaskClient, make_job: MakeJob) -> None:
    job = make_job("one", "running")
    assert client.get(polled(client, f"/jobs/{job.id}"), headers=HTMX).status_code == 204


def test_progress_is_answered_with_the_fragment_alone(
    client: FlaskClient, make_job: MakeJob, services: Services
) -> None:
    job = make_job("one", "running")
    path = polled(client, f"/jobs/{job.id}")
    progress = {
        "phase": "generate",
        "fraction": 0.4,
        "rows": 1_234,
        "rows_per_second": 10.0,
        "eta_seconds": 61.0,
        "tables": [],
    }
    services.store.jobs.beat(job.id, job.attempt, progress=progress)
    page = text(client, path, **HTMX)
    assert page.lstrip().startswith('<section id="job-progress"') and "<html" not in page
    assert "1,234 rows" in page and "Generating tables" in page and 'id="status"' in page


def test_the_last_answer_stops_the_polling_and_refreshes_the_rest(client: FlaskClient, make_job: MakeJob) -> None:
    job = make_job("one", "succeeded")
    answer = client.get(f"/jobs/{job.id}/progress?seen=old", headers=HTMX)
    assert answer.status_code == 286 and b"hx-trigger" not in answer.data
    assert json.loads(answer.headers["HX-Trigger"]) == {"job-done": "succeeded"}


def test_the_time_left_moves_in_steps(client: FlaskClient, make_job: MakeJob, services: Services) -> None:
    job = make_job("one", "running")
    said = set()
    for left in (131.0, 129.0, 126.0, 121.0):
        progress = {
            "phase": "generate",
            "fraction": 0.4,
            "rows": 5,
            "rows_per_second": 1.0,
            "eta_seconds": left,
            "tables": [],
        }
        services.store.jobs.beat(job.id, job.attempt, progress=progress)
        said |= set(re.findall(r"about [^<]*? left", text(client, f"/jobs/{job.id}")))
    assert said == {"about 2 min 15 s left"}


def test_cancelling_twice_does_no_harm(client: FlaskClient, make_job: MakeJob, services: Services) -> None:
    job = make_job("one", "queued")
    for _ in range(2):
        assert client.post(f"/jobs/{job.id}/cancel").status_code == 303
    assert [event.after for event in services.store.jobs.events(job.id)] == ["queued", "cancelled"]


def test_running_again_is_a_new_job_with_the_same_settings(
    client: FlaskClient, make_job: MakeJob, services: Services
) -> None:
    job = make_job("one", "succeeded")
    location = client.post(f"/jobs/{job.id}/again").headers["Location"]
    new = services.store.jobs.get(location.rsplit("/", 1)[1])
    assert new is not None and new.parent_id == job.id and new.config_hash == job.config_hash
    assert new.config["output"]["mode"] == "regenerate"


def test_a_new_seed_gives_another_dataset(client: FlaskClient, make_job: MakeJob, services: Services) -> None:
    job = make_job("one", "failed")
    location = client.post(f"/jobs/{job.id}/again", data={"seed": "new"}).headers["Location"]
    new = services.store.jobs.get(location.rsplit("/", 1)[1])
    assert new is not None and new.config_hash != job.config_hash


def test_only_an_ended_job_can_be_deleted(client: FlaskClient, make_job: MakeJob, services: Services) -> None:
    job = make_job("one", "queued")
    assert client.post(f"/jobs/{job.id}/delete").status_code == 409
    services.store.jobs.cancel(job.id, "test")
    assert client.post(f"/jobs/{job.id}/delete").status_code == 303
    assert client.get(f"/jobs/{job.id}").status_code == 404


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_the_exported_configuration_is_the_one_that_ran(client: FlaskClient, make_job: MakeJob, kind: str) -> None:
    from generation.spec.files import imported
    from generation.spec.identity import config_hash

    job = make_job("one", "succeeded")
    read = imported(text(client, f"/jobs/{job.id}/config.{kind}"), "export")
    assert config_hash(read.config) == job.config_hash and read.config.output.path is None
