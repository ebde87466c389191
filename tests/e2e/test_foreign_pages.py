"""What pages of another site can do to a job: nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.chromium import Visitor
from tests.e2e.journeys import heading, new_job, press, reach
from tests.webapp.serving import Served

EVIL = "http://evil.example/"


@pytest.fixture
def victim(page: Page, visitor: Visitor) -> Page:
    """Somebody with a running job, who comes to a page of another site."""
    visitor.foresees("evil.example")
    visitor.foresees("status of 403")
    return page


def lure(page: Page, body: str) -> None:
    """Opens the attacker's page."""
    html = f"<!doctype html><html lang=en><title>Win</title><link rel=icon href=data:,><h1>Win</h1>{body}</html>"
    page.route(f"{EVIL}**", lambda route: fulfilled(route, html))
    page.goto(EVIL)


def fulfilled(route: Route, html: str) -> None:
    route.fulfill(status=200, content_type="text/html", body=html)


def test_a_form_of_another_site_cancels_nothing(victim: Page, fake: Served) -> None:
    address = new_job(victim, "stuck-victim")
    reach(victim, "Running")
    lure(victim, f'<form method="post" action="{fake.address}{address}/cancel"><button>Win</button></form>')
    with victim.expect_response(f"**{address}/cancel") as answer:
        press(victim, "Win")
    assert answer.value.status == 403
    expect(heading(victim, "Forbidden")).to_be_visible()
    expect(victim.get_by_role("main")).to_contain_text("came from another site")
    victim.goto(f"{fake.address}{address}")
    reach(victim, "Running")


def test_a_script_of_another_site_starts_nothing(victim: Page, fake: Served, visitor: Visitor) -> None:
    visitor.foresees("CORS|net::ERR_FAILED|loopback|local network")
    lure(victim, "")
    said = victim.evaluate(
        """async (address) => {
          const config = JSON.stringify({config: {output: {name: "stolen"}}});
          const send = (mode, type) => fetch(`${address}/generate/start`, {method: "POST", mode, body: config,
            headers: {"Content-Type": type}, credentials: "include"}).then(() => "sent", () => "refused");
          return [await send("cors", "application/json"), await send("no-cors", "text/plain")];
        }""",
        fake.address,
    )
    victim.goto(f"{fake.address}/jobs?q=stolen")
    expect(victim.get_by_text("Nothing matches")).to_be_visible()
    assert said[0] == "refused"


def test_a_page_of_another_site_may_not_frame_ours(victim: Page, fake: Served, visitor: Visitor) -> None:
    visitor.foresees("frame-ancestors|X-Frame-Options|Refused to display|Framing")
    lure(victim, f'<iframe src="{fake.address}/" title="ours"></iframe>')
    expect(victim.frame_locator("iframe").get_by_role("heading", name="Synthetic identity graphs")).to_have_count(0)
