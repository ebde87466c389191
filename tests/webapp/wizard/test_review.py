"""The last step: all answers, the target, and the job."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from generation.spec.config import Config
from generation.spec.files import load
from generation.spec.problems import InvalidConfig, Problem
from tests.webapp.wizard.browser import Page, at, begun, open_page, post
from webapp.processes import this_host
from webapp.services import Services
from webapp.steps import Step
from webapp.store.jobs import Capacity
from webapp.supervisor import Supervisor
from webapp.wizard.layout import BLOCKS


def generate(page: Page, **changes: str) -> TestResponse:
    given = {f"output.{name}": value for name, value in changes.items()}
    return post(page.client, page.url.replace("review", "submit"), page.filled(given), follow=False)


def job_of(services: Services, answer: TestResponse) -> Config:
    assert answer.status_code == 303, answer.text
    job = services.store.jobs.get(answer.location.rsplit("/", 1)[1])
    assert job is not None
    return Config.model_validate(job.config)


def run_next(services: Services) -> None:
    job = services.store.jobs.claim("test", Capacity(this_host(), 1, 2))
    assert job is not None
    Supervisor(services, job).run()


def test_every_answer_has_a_link_to_change_it_and_come_back(client: FlaskClient) -> None:
    page = begun(client, "review")
    for step in (step for step in Step if step is not Step.REVIEW):
        for block in BLOCKS[step]:
            for name in block.all_names:
                assert f"/{step}?return=review&amp;question={name}#g-{name.replace('.', '-')}" in page.text


def test_answers_are_told_with_units_and_labels(client: FlaskClient) -> None:
    page = begun(client, "review")
    for text in ("10,000 households", "The whole US", "58%", "8 events per 30 days", "Linear", "Single person 28.99%"):
        assert text in page.text


def test_a_changed_answer_is_not_folded_away(client: FlaskClient) -> None:
    page = begun(client, "households").send({"households.states": ["", "CA"]})
    review = at(page, "review").text
    assert review.index("California") < review.index(' more <span class="note">default')


def test_from_a_preset_to_a_job_it_is_two_clicks(client: FlaskClient, services: Services) -> None:
    page = Page(client, post(client, "/wizard/new", [("preset", "starter"), ("start", "review")]))
    assert job_of(services, generate(page)).households.count == 10_000


def test_the_settings_of_the_page_are_saved_with_the_job(client: FlaskClient, services: Services) -> None:
    page = begun(client, "review")
    config = job_of(services, generate(page, name="mine", seed="7"))
    assert (config.output.name, config.output.seed) == ("mine", 7)
    assert open_page(client, page.url).values()["output.name"] == "mine"


def test_generating_twice_is_one_job(client: FlaskClient) -> None:
    page = begun(client, "review")
    assert generate(page, name="mine").location == generate(page, name="mine").location


def test_a_draft_that_was_generated_says_so(client: FlaskClient) -> None:
    page = begun(client, "review")
    location = generate(page).location
    assert location in open_page(client, page.url).text
    assert "This draft was generated already" in open_page(client, page.url).text


def test_a_mistake_starts_nothing(client: FlaskClient, services: Services) -> None:
    answer = generate(begun(client, "review"), name="Not A Name")
    assert answer.status_code == 422 and "Error: Review" in answer.text
    assert 'value="Not A Name"' in answer.text
    assert services.store.jobs.latest("local", 5) == []


def test_a_mistake_of_another_step_leads_there_and_back(client: FlaskClient) -> None:
    page = begun(client, "engagement").send({"engagement.titles": "some"}, go="demographics")
    review = at(page, "review")
    assert review.title == "Error: Review"
    link = review.read.links["Titles in the catalog must be a whole number, like 10,000"]
    assert link.endswith("/engagement?return=review&question=engagement.titles#g-engagement-titles")
    assert generate(review).status_code == 422


def test_what_the_place_refuses_is_told_before_anything_starts(client: FlaskClient, services: Services) -> None:
    page = begun(client, "review").send({"output.name": "refused"})
    assert "output.name &#39;refused&#39;" not in page.text and "is refused; choose another name" in page.text
    assert page.title == "Error: Review"
    assert generate(page).status_code == 422 and services.store.jobs.latest("local", 5) == []


def test_a_new_seed_is_one_click_and_keeps_what_was_typed(client: FlaskClient) -> None:
    page = begun(client, "review").send({"output.name": "typed"}, go="seed")
    assert page.values()["output.seed"] != "42" and page.values()["output.name"] == "typed"


def test_the_enter_key_looks_again_and_starts_nothing(client: FlaskClient, services: Services) -> None:
    page = begun(client, "review")
    assert "name" not in page.read.forms["answers"].buttons[0]
    assert page.send({"output.name": "typed"}).url.endswith("/review")
    assert services.store.jobs.latest("local", 5) == []


def test_a_name_that_is_taken_is_told_with_the_ways_on(client: FlaskClient, services: Services) -> None:
    generate(begun(client, "review"))
    run_next(services)
    page = begun(client, "review")
    assert "This very dataset is there already" in page.text
    other = page.send({"output.mode": "regenerate"})
    assert "It gets a new version" in other.text
    free = other.send(go="name")
    assert (free.values()["output.name"], free.values()["output.mode"]) == ("starter-2", "create")


def test_a_target_in_use_is_refused_with_the_job(client: FlaskClient) -> None:
    location = generate(begun(client, "review")).location
    page = begun(client, "review")
    assert "A job is writing there" in page.text and location in page.text
    answer = generate(page, seed="8")
    assert answer.status_code == 409 and "is still writing dataset" in answer.text


def test_the_target_says_where_and_how_much_room_there_is(client: FlaskClient, tmp_path: Path) -> None:
    page = begun(client, "review")
    assert str(tmp_path / "starter") in page.text
    assert re.search(r"About 2\d\.\d MB of .* that are free", page.text)


def test_typing_a_name_looks_at_the_target_again(client: FlaskClient) -> None:
    page = begun(client, "review")
    answer = post(client, f"{page.url}/target", page.filled({"output.name": "elsewhere"})).text
    assert "No dataset is called elsewhere yet" in answer


def test_htmx_is_led_to_the_job(client: FlaskClient) -> None:
    page = begun(client, "review")
    answer = post(
        client, page.url.replace("review", "submit"), page.filled({}), follow=False, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 204 and answer.headers["HX-Redirect"].startswith("/jobs/")


def test_words_of_the_command_line_are_those_of_the_page(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "output.path: /x holds another dataset (different: engagement.titles); use --mode regenerate, or another --output"
    problem = Problem("/output/mode", "target", message)
    monkeypatch.setattr(type(services.backend), "problems", lambda backend, config: [problem])
    text = begun(client, "review").text
    assert "/x holds another dataset (different: “Titles in the catalog”); choose “Regenerate”, or another name" in text


# Taking it along


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_the_configuration_is_a_file_to_download(client: FlaskClient, ending: str) -> None:
    page = begun(client, "review")
    answer = client.get(page.url.replace("review", f"config.{ending}"))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="starter.{ending}"'
    assert load(answer.text, f"starter.{ending}").output.name == "starter"


def test_a_draft_with_mistakes_has_no_configuration_yet(client: FlaskClient) -> None:
    page = begun(client, "engagement").send({"engagement.titles": "some"}, go="demographics")
    assert client.get(page.url.replace("demographics", "config.yaml")).status_code == 422


def shown(page: Page, identifier: str) -> str:
    found = re.search(rf'<code id="{identifier}">(.*?)</code>', page.text, re.S)
    assert found
    return found[1].replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&")


def test_the_request_makes_the_same_dataset(client: FlaskClient, services: Services) -> None:
    types = {"households.type_shares.single_person": "29.99", "households.type_shares.roommates": "1.174"}
    page = begun(client, "households").send({"households.count": "123", "households.states": ["", "CA"], **types})
    review = at(page, "review").send({"output.seed": "9", "output.name": "sent"})
    words = shlex.split(shown(review, "api-request").replace("\\\n", " "))
    body = json.loads(words[words.index("-d") + 1])
    assert words[3] == "http://localhost/generate/start"
    started = client.post("/generate/start", json=body)
    assert started.status_code == 202
    job = services.store.jobs.get(started.json["job_id"])
    saved = services.store.sessions.get(review.url.split("/")[2])
    assert job is not None and saved is not None
    sent, kept = Config.model_validate(job.config), Config.model_validate(saved.config)
    assert sent.output.path is not None
    assert sent.model_copy(update={"output": kept.output}) == kept and sent.output.seed == 9


def test_the_command_reads_the_exported_file(client: FlaskClient) -> None:
    page = begun(client, "review").send({"output.name": "sent", "output.mode": "create"})
    assert shown(page, "command-line") == "idgraph generate sent.yaml --output datasets/sent"


def test_a_file_name_cannot_break_out_of_its_header(app: Flask) -> None:
    with pytest.raises(InvalidConfig):
        load('output: {name: "a\\"; x"}', "x.yaml")
