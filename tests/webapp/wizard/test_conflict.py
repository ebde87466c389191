"""Two tabs over one draft."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.webapp.wizard.browser import Page, begun, open_page, post
from webapp.services import Services


def two_tabs(client: FlaskClient, step: str = "households") -> tuple[Page, Page]:
    first = begun(client, step)
    return first, open_page(client, first.url)


def count(services: Services, page: Page) -> int:
    session = services.store.sessions.get(page.url.split("/")[2])
    assert session is not None
    return int(session.config["households"]["count"])


def test_the_second_tab_is_asked_which_version_stays(client: FlaskClient, services: Services) -> None:
    first, second = two_tabs(client)
    assert first.send({"households.count": "111"}).status == 200
    page = second.send({"households.count": "222", "households.type_shares.roommates": "2"})
    assert page.status == 409
    assert "222 households" in page.text and "111 households" in page.text
    assert "Household types: Roommates" in page.text and "2.174%" in page.text
    assert count(services, first) == 111


def test_keeping_mine_saves_all_that_was_typed(client: FlaskClient, services: Services) -> None:
    first, second = two_tabs(client)
    first.send({"households.count": "111"})
    asked = second.send({"households.count": "222", "households.states": ["", "CA", "NY"]})
    done = asked.send(form=second.url)
    assert done.url.endswith("/demographics")
    assert count(services, first) == 222
    assert open_page(client, first.url).chosen("households.states") == ["CA", "NY"]


def test_taking_the_saved_one_changes_nothing(client: FlaskClient, services: Services) -> None:
    first, second = two_tabs(client)
    first.send({"households.count": "111"})
    page = second.send({"households.count": "222"}).follow("Take the saved one")
    assert page.values()["households.count"] == "111" and count(services, first) == 111


def test_tabs_at_different_steps_do_not_disturb_each_other(client: FlaskClient) -> None:
    first = begun(client)
    other = open_page(client, first.url.replace("households", "engagement"))
    first.send({"households.count": "111"})
    assert other.send({"engagement.titles": "500"}).url.endswith("/campaigns")
    assert open_page(client, first.url).values()["households.count"] == "111"


def test_the_same_form_sent_twice_is_no_conflict(client: FlaskClient) -> None:
    first = begun(client)
    assert first.send({"households.count": "111"}).status == 200
    assert first.send({"households.count": "111"}).status == 200


def test_a_form_without_a_version_overwrites_nothing(client: FlaskClient, services: Services) -> None:
    first = begun(client)
    assert post(client, first.url, [("households.count", "5")]).status_code == 409
    assert count(services, first) == 10_000


def test_the_review_asks_too(client: FlaskClient) -> None:
    first, second = two_tabs(client, "review")
    first.send({"output.name": "one"})
    page = second.send({"output.name": "two"}, to=second.url.replace("review", "submit"))
    assert page.status == 409 and "one" in page.text and "two" in page.text
