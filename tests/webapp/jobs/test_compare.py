"""Two jobs side by side."""

from __future__ import annotations

from flask.testing import FlaskClient

from generation.spec.config import Config
from tests.webapp.jobs.conftest import MakeJob
from webapp import runner
from webapp.auth import LOCAL
from webapp.services import Services


def test_what_differs_comes_first_and_what_is_equal_on_demand(
    client: FlaskClient, make_job: MakeJob, services: Services
) -> None:
    left = make_job("one", "succeeded")
    config = Config.model_validate({"households": {"count": 250}, "output": {"name": "two", "seed": 7}})
    right, _ = runner.start(services, LOCAL, runner.Request(config))
    page = client.get(f"/jobs/compare?job={left.id}&job={right.id}").get_data(as_text=True)
    changed, same = page.split("Settings that are equal", 1)
    assert "households.count" in changed and "output.seed" in changed and "<ins>250</ins>" in changed
    assert "campaigns.count" not in changed and "campaigns.count" in same


def test_equal_fingerprints_are_said_to_be_equal(client: FlaskClient, make_job: MakeJob) -> None:
    left, right = make_job("one", "succeeded"), make_job("two", "succeeded")
    page = client.get(f"/jobs/compare?a={left.id}&b={right.id}").get_data(as_text=True)
    assert page.count(">equal<") == 14


def test_two_jobs_have_to_be_chosen(client: FlaskClient, make_job: MakeJob) -> None:
    job = make_job("one", "succeeded")
    for query in ("", f"job={job.id}", f"job={job.id}&job={job.id}"):
        answer = client.get(f"/jobs/compare?{query}")
        assert answer.status_code == 422 and b"exactly two" in answer.data
