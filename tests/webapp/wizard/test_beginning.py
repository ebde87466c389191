"""New drafts: from presets, jobs and files."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from generation.spec import files
from generation.spec.config import Config
from generation.spec.files import to_json, to_yaml
from generation.spec.migration import Renamed
from tests.webapp.wizard.browser import Page, begun, open_page, post
from webapp.processes import this_host
from webapp.services import Services
from webapp.store.jobs import Capacity
from webapp.supervisor import Supervisor


def pasted(client: FlaskClient, text: str) -> Page:
    return Page(client, post(client, "/wizard/new", [("text", text)]))


def uploaded(client: FlaskClient, data: bytes, name: str = "mine.yaml") -> Page:
    form = {"file": (io.BytesIO(data), name), "text": ""}
    return Page(client, client.post("/wizard/new", data=form, follow_redirects=True))


def exported(page: Page, ending: str = "yaml") -> str:
    return page.client.get(f"/wizard/{page.url.split('/')[2]}/config.{ending}").text


def test_an_unknown_preset_is_refused_by_name(client: FlaskClient) -> None:
    answer = client.post("/wizard/new", data={"preset": "huge"})
    assert answer.status_code == 422
    assert "preset &#39;huge&#39; is unknown" in answer.text


def test_a_pasted_configuration_opens_in_review(client: FlaskClient) -> None:
    page = pasted(client, "households:\n  count: 321\noutput:\n  name: mine\n")
    assert page.url.endswith("/review")
    assert "321 households" in page.text


@pytest.mark.parametrize("write", [to_yaml, to_json])
def test_an_uploaded_file_is_exported_again_byte_by_byte(client: FlaskClient, write: object) -> None:
    config = Config.model_validate({"households": {"count": 77, "states": ["CA"]}, "output": {"name": "mine"}})
    text = write(config)  # type: ignore[operator]  # to_yaml or to_json
    page = uploaded(client, text.encode(), "mine.yaml" if write is to_yaml else "mine.json")
    assert exported(page, "yaml" if write is to_yaml else "json") == text


def test_all_mistakes_of_a_file_are_listed_with_line_column_and_text(client: FlaskClient) -> None:
    page = pasted(client, "households:\n  cuont: 5\nengagement:\n  titles: many\n")
    assert page.status == 422 and page.title == "Error: New dataset"
    assert "line 2, column 3: households.cuont is not a setting; did you mean count?" in page.text
    assert "line 4, column 11: engagement.titles must be a whole number" in page.text
    assert "<code>  cuont: 5</code>" in page.text


def test_a_refused_text_stands_in_the_form_again(client: FlaskClient) -> None:
    page = pasted(client, "households:\n  count: <b>\n")
    assert page.values("/wizard/new")["text"] == "households:\n  count: <b>\n"


def test_importing_nothing_says_what_to_do(client: FlaskClient) -> None:
    page = pasted(client, " ")
    assert page.status == 422 and "choose a file, or paste a configuration" in page.text


def test_a_file_that_is_no_text_is_refused(client: FlaskClient) -> None:
    assert "is not UTF-8 text" in uploaded(client, b"\xff\xfe\x00").text


def test_what_this_server_decides_is_left_out_and_said(client: FlaskClient) -> None:
    page = pasted(client, "output: {name: mine, path: /elsewhere, engine: 'local[2]'}")
    assert page.status == 200
    assert "Folder /elsewhere was left out" in page.text and "Engine local[2] was left out" in page.text
    assert page.follow("Go on to review").title == "Review"


def test_changes_made_for_an_older_file_are_shown(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CONFIG_VERSION", 1)
    monkeypatch.setattr(files, "MIGRATIONS", {0: (Renamed("households.number", "households.count"),)})
    page = pasted(client, "version: 0\nhouseholds:\n  number: 5\n")
    assert "The file has version 0; it was read as version 1." in page.text


def run_next(services: Services) -> None:
    job = services.store.jobs.claim("test", Capacity(this_host(), 1, 2))
    assert job is not None
    Supervisor(services, job).run()


def test_a_clone_equals_the_job_but_for_its_name(client: FlaskClient, services: Services) -> None:
    review = begun(client, "review", "small")
    url = post(client, review.url.replace("review", "submit"), review.filled({"output.seed": 7}), follow=False).location
    run_next(services)
    clone = Page(client, post(client, "/wizard/new", [("from", url.rsplit("/", 1)[1])]))
    before, after = exported(review), exported(clone)
    assert after == before.replace("name: small", "name: small-2") and "seed: 7" in after


def test_a_job_can_be_cloned_from_its_address(client: FlaskClient) -> None:
    review = begun(client, "review")
    url = post(client, review.url.replace("review", "submit"), review.filled({}), follow=False).location
    page = open_page(client, f"/wizard/new?from={url.rsplit('/', 1)[1]}")
    assert "Clone this job" in page.text


def test_a_job_that_is_not_there_cannot_be_cloned(client: FlaskClient) -> None:
    assert client.post("/wizard/new", data={"from": "nothing"}).status_code == 404


def test_a_free_name_is_found_for_a_clone_beside_foreign_files(client: FlaskClient, tmp_path: Path) -> None:
    review = begun(client, "review")
    url = post(client, review.url.replace("review", "submit"), review.filled({}), follow=False).location
    clone = Page(client, post(client, "/wizard/new", [("from", url.rsplit("/", 1)[1])]))
    assert clone.values()["output.name"] == "starter-2"
