"""The first page: presets, drafts and the latest datasets."""

from __future__ import annotations

import uuid

from flask.testing import FlaskClient

from generation.spec.presets import PRESETS
from tests.webapp.wizard.browser import begun, open_page, post
from webapp.services import Services
from webapp.store.sessions import Draft


def test_somebody_new_is_offered_every_preset_and_told_what_is_missing(client: FlaskClient) -> None:
    page = open_page(client, "/")
    assert page.status == 200
    assert all(preset.says in page.text.lower() or preset.says[1:] in page.text for preset in PRESETS)
    assert page.text.count("None yet.") == 2


def test_a_preset_opens_in_review_by_one_click(client: FlaskClient) -> None:
    answer = post(client, "/wizard/new", [("preset", "small"), ("start", "review")])
    assert answer.request.path.endswith("/review")
    assert "1,000 households" in answer.text


def test_a_preset_can_be_gone_through_step_by_step(client: FlaskClient) -> None:
    answer = post(client, "/wizard/new", [("preset", "small"), ("start", "steps")])
    assert answer.request.path.endswith("/households")


def test_a_draft_is_resumed_where_it_was_left(client: FlaskClient) -> None:
    post(client, "/wizard/new", [("preset", "small"), ("start", "steps")])
    home = open_page(client, "/")
    assert "saved 20" in home.text
    assert home.follow("small").url.endswith("/households")


def test_a_deleted_draft_is_gone(client: FlaskClient) -> None:
    draft = begun(client).url.split("/")[2]
    assert post(client, f"/wizard/{draft}/delete", []).status_code == 200
    assert draft not in client.get("/").text
    assert client.get(f"/wizard/{draft}/review").status_code == 404


def test_the_latest_jobs_are_listed_with_their_state(client: FlaskClient) -> None:
    review = begun(client, "review")
    job = post(client, f"{review.url.removesuffix('/review')}/submit", review.filled({}), follow=False).location
    home = open_page(client, "/")
    assert home.read.links["starter"] in (job, f"/wizard/{review.url.split('/')[2]}")
    assert job in home.text and "Queued" in home.text


def test_nobody_sees_or_deletes_the_drafts_of_others(client: FlaskClient, services: Services) -> None:
    theirs = services.store.sessions.create(
        str(uuid.uuid4()), "somebody", "preset small", Draft({}, "secret", "review")
    )
    assert "secret" not in client.get("/").text
    for method, path in (("get", "review"), ("get", "households"), ("post", "delete"), ("get", "config.yaml")):
        assert getattr(client, method)(f"/wizard/{theirs.id}/{path}").status_code == 404
    assert services.store.sessions.get(theirs.id) is not None
