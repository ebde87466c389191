"""The steps: shown, answered, saved, left and come back to."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.webapp.wizard.browser import Page, at, begun, open_page, post
from webapp.services import Services
from webapp.store.sessions import Draft

STEPS = ("households", "demographics", "engagement", "campaigns")


def saved(services: Services, page: Page) -> dict[str, Any]:
    session = services.store.sessions.get(page.url.split("/")[2])
    assert session is not None
    return session.config


@pytest.mark.parametrize("step", STEPS)
def test_a_form_that_is_sent_as_it_stands_changes_nothing(client: FlaskClient, services: Services, step: str) -> None:
    page = begun(client, step)
    before = services.store.sessions.get(page.url.split("/")[2])
    assert page.send().status == 200
    after = services.store.sessions.get(page.url.split("/")[2])
    assert before is not None and after is not None
    assert (after.config, after.version) == (before.config, before.version)


def test_every_step_leads_to_the_next(client: FlaskClient) -> None:
    page = begun(client)
    for step in (*STEPS[1:], "review"):
        page = page.send()
        assert page.url.endswith(f"/{step}")


def test_answers_are_saved_as_they_are_meant(client: FlaskClient, services: Services) -> None:
    page = begun(client).send({"households.count": "25,000", "households.states": ["", "CA", "NY"]})
    page = page.send({"demographics.identity.ios_share": "7.25"})
    config = saved(services, page)
    assert config["households"]["count"] == 25_000
    assert config["households"]["states"] == ["CA", "NY"]
    assert config["demographics"]["identity"]["ios_share"] == 0.0725


def test_ticking_boxes_keeps_the_order_of_those_that_were_ticked(client: FlaskClient, services: Services) -> None:
    page = begun(client)
    for ticked in (["", "NY"], ["", "AZ", "CA", "NY"]):
        page.send({"households.states": ticked})
        page = at(page, "households")
    assert saved(services, page)["households"]["states"] == ["NY", "AZ", "CA"]


def test_what_was_saved_is_shown_after_a_reload(client: FlaskClient) -> None:
    page = begun(client).send({"households.count": "25000"})
    assert at(page, "households").values()["households.count"] == "25,000"


def test_a_mistake_is_told_above_and_at_the_question_with_what_was_typed(client: FlaskClient) -> None:
    page = begun(client).send({"households.count": "ten", "households.people_per_household": "9"})
    assert page.status == 422 and page.title == "Error: Households"
    assert page.text.count("Households must be a whole number, like 10,000") == 2
    assert page.text.count("People per household must be from 1.2 to 4.5; you gave 9") == 2
    assert page.values()["households.count"] == "ten"
    assert 'href="#f-households-count"' in page.text and "f-households-count" in page.read.ids


def test_a_refused_step_is_not_saved(client: FlaskClient, services: Services) -> None:
    page = begun(client)
    before = saved(services, page)
    assert page.send({"households.count": "0"}).status == 422
    assert saved(services, page) == before


def test_a_mistake_in_a_fold_opens_it(client: FlaskClient) -> None:
    page = begun(client).send({"households.type_shares.roommates": "50"})
    assert page.status == 422
    assert "Household types must add up to 100%, and make 147.826%: take away 47.826%" in page.text
    assert '<details class="fold" open>' in page.text


def test_back_keeps_what_was_typed_even_with_a_mistake(client: FlaskClient) -> None:
    page = begun(client, "engagement").send({"engagement.titles": "some"}, go="demographics")
    assert page.status == 200 and page.url.endswith("/demographics")
    again = at(page, "engagement")
    assert again.values()["engagement.titles"] == "some"
    assert again.title == "Error: Engagement & audiences"


def test_what_no_database_keeps_is_not_saved(client: FlaskClient, services: Services) -> None:
    page = begun(client, "engagement").send({"engagement.titles": "so\0me"}, go="demographics")
    assert saved(services, page)["engagement"]["titles"] == "so\ufffdme"


def test_a_draft_can_be_saved_and_left(client: FlaskClient) -> None:
    page = begun(client).send({"households.count": "77"}, go="home")
    assert page.url == "/"
    assert at(begun(client), "households").status == 200


def test_saving_without_leaving_stays(client: FlaskClient) -> None:
    page = begun(client).send({"households.count": "77"}, go="stay")
    assert page.url.endswith("/households") and page.values()["households.count"] == "77"


def test_a_change_link_comes_back_to_the_review(client: FlaskClient) -> None:
    review = begun(client, "review")
    page = open_page(client, f"{review.url.removesuffix('review')}engagement?return=review&question=engagement.titles")
    assert "Save and return to review" in page.text
    assert page.send({"engagement.titles": "100"}).url.endswith("/review")


def test_the_fold_of_a_question_that_is_asked_for_stands_open(client: FlaskClient) -> None:
    url = begun(client, "households").url
    assert '<details class="fold" open>' not in client.get(url).text
    assert '<details class="fold" open>' in client.get(f"{url}?question=households.states").text


def test_a_form_leads_to_no_foreign_address(client: FlaskClient) -> None:
    page = begun(client)
    for elsewhere in ("https://evil.example/", "//evil.example", "/jobs", "/wizard/new/../../x"):
        answer = post(client, page.url, [*page.filled({}), ("go", elsewhere)], follow=False)
        assert answer.location.endswith("/demographics")


def test_two_steps_that_disagree_are_mended_at_the_later_one(client: FlaskClient) -> None:
    page = begun(client, "engagement").send({"engagement.history_days": "14"})
    assert page.url.endswith("/campaigns")
    assert page.title == "Error: Campaigns & responses"
    assert page.send({"campaigns.flight_days": "7"}).url.endswith("/review")


def test_a_draft_whose_steps_disagree_says_so_in_review(client: FlaskClient) -> None:
    page = begun(client, "engagement").send({"engagement.history_days": "14"})
    review = at(page, "review")
    assert "“Length of a flight” 28 does not fit into “History window” 14" in review.text
    assert "campaigns?return=review&amp;question=campaigns.flight_days#g-campaigns-flight_days" in review.text.replace(
        "engagement.history_days", "campaigns.flight_days"
    )


def test_the_steps_show_which_are_answered(client: FlaskClient) -> None:
    page = open_page(client, post(client, "/wizard/new", [("preset", "small"), ("start", "steps")]).request.path)
    assert page.text.count("(done)") == 0
    assert page.send().text.count("(done)") == 1


def test_htmx_gets_the_part_that_changes_with_title_and_address(client: FlaskClient) -> None:
    page = begun(client)
    answer = client.get(page.url, headers={"HX-Request": "true"})
    assert answer.text.startswith("<title>Households")
    assert "<html" not in answer.text and answer.headers["HX-Push-Url"] == page.url


def test_the_back_button_of_a_browser_gets_the_whole_page(client: FlaskClient) -> None:
    page = begun(client)
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client.get(page.url, headers=headers).text


def test_a_step_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get(begun(client).url.replace("households", "houses")).status_code == 404


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
SECTIONS = st.sampled_from([*STEPS, "output", "version", "other"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(SECTIONS, ODD, max_size=4))
def test_any_draft_that_was_saved_can_be_opened(
    client: FlaskClient, services: Services, values: dict[str, Any]
) -> None:
    page = begun(client)
    session = page.url.split("/")[2]
    services.store.sessions.save(session, None, Draft(values, "odd", "households"))
    for step in (*STEPS, "review"):
        assert client.get(f"/wizard/{session}/{step}").status_code == 200


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), text=st.text(max_size=12) | st.sampled_from(["", "0", "-1", "1e999", "NaN", "\0", "100", "5%"]))
def test_whatever_is_typed_is_saved_or_refused(client: FlaskClient, data: st.DataObject, text: str) -> None:
    page = begun(client, data.draw(st.sampled_from(STEPS)))
    name = data.draw(st.sampled_from([name for name in page.values() if name not in ("version", "mark")]))
    assert page.send({name: text}).status in (200, 422)
