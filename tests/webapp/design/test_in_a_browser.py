"""The components in Chromium: accessible in both schemes and all widths, and what app.js adds to them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.webapp.design.gallery import gallery, served

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def address() -> Iterator[str]:
    with served(gallery()) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page whose console stays free of errors, apart from requests that tests let fail."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page, said = context.new_page(), []
    page.set_default_timeout(5_000)
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert [
        line for line in said if not line.startswith(("Failed to load resource", "Response Status Error Code"))
    ] == []


@pytest.mark.parametrize("path", ["/settings", "/parts"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_component_is_accessible(page: Page, path: str, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(path)
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_colour_scheme_that_was_chosen_outlasts_the_page(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/parts")
    page.get_by_role("button", name="Colour scheme").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_field_is_checked_when_it_is_left(page: Page) -> None:
    page.goto("/settings")
    page.locator("#f-households-count").fill("12x4")
    page.keyboard.press("Tab")
    expect(page.locator("#e-households-count")).to_be_visible()
    expect(page.locator("#f-households-people_per_household")).to_be_focused()


def test_a_mistake_is_mended_while_the_caret_stays(page: Page) -> None:
    box = with_mistake(page)
    box.press("Home")
    box.press("Delete")
    expect(page.locator("#e-households-count")).to_be_hidden()
    expect(box).to_be_focused()
    assert box.evaluate("box => box.selectionStart") == 0


def test_what_is_typed_while_an_answer_is_on_its_way_stays(page: Page) -> None:
    box = with_mistake(page)
    page.evaluate("addEventListener('htmx:beforeSwap', () => document.activeElement.value += '7', {once: true})")
    box.press("Home")
    box.press("Delete")
    expect(page.get_by_role("status")).to_have_text("Estimate for 12")
    expect(box).to_have_value("127")


def with_mistake(page: Page) -> Locator:
    """The first question with x12 in it, and an error."""
    page.goto("/settings")
    box = page.locator("#f-households-count")
    box.fill("x12")
    page.keyboard.press("Tab")
    expect(page.locator("#e-households-count")).to_be_visible()
    box.focus()
    return box


def test_a_refused_form_leads_to_the_summary_and_the_summary_to_the_field(page: Page) -> None:
    page.goto("/settings")
    page.locator("#f-households-count").fill("ten")
    page.locator("#f-households-count").press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    page.locator(".error-summary a").click()
    expect(page.locator("#f-households-count")).to_be_focused()


def test_a_broken_server_is_said_with_the_id_of_the_request_until_it_works(page: Page) -> None:
    page.goto("/settings")
    page.locator("#f-households-count").fill("500")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("request-7")
    page.get_by_role("button", name="Copy details").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "Request id: request-7" in page.evaluate("navigator.clipboard.readText()")
    page.locator("#f-households-count").fill("501")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#banner")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_polling_goes_on_after_a_failure_and_the_end_is_in_the_title(page: Page) -> None:
    page.goto("/parts")
    page.evaluate("document.body.dispatchEvent(new Event('poll-now'))")
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong")
    expect(page.locator("#job")).to_have_text("The job has ended")
    expect(page.locator("#banner")).to_be_hidden()
    expect(page).to_have_title("Done: starter")


def test_a_lost_connection_is_said_and_forgotten(page: Page) -> None:
    page.goto("/parts")
    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("You are offline")
    page.context.set_offline(False)
    expect(page.locator("#banner")).to_be_hidden()


def test_escape_takes_a_question_back(page: Page) -> None:
    page.goto("/parts")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("dialog", name="Cancel this job?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert "cancelled" not in page.url


def test_yes_sends_the_form_that_was_asked_about(page: Page) -> None:
    page.goto("/parts")
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Cancel the job").click()
    page.wait_for_url("**/parts?cancelled=yes")


def test_a_copy_button_copies_the_whole_block(page: Page) -> None:
    page.goto("/parts")
    page.locator("[data-copy='#command']").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "idgraph generate --preset starter"


def test_without_scripts_a_form_is_posted_and_nothing_useless_is_shown(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address, java_script_enabled=False)
    page.goto("/settings")
    expect(page.get_by_role("button", name="Colour scheme")).to_be_hidden()
    page.locator("#f-households-count").fill("ten")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.close()
