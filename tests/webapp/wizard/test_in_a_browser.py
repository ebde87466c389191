"""The wizard in Chromium: by mouse, by keyboard and without scripts, accessible on every page, and no error in the console."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.webapp.serving import Served, served

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
STEPS = ("households", "demographics", "engagement", "campaigns")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), IDGRAPH_FAKE_STEP_SECONDS="0.01") as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: Served) -> Iterator[Page]:
    """A page whose console stays free of errors, apart from answers that say what is wrong."""
    context = browser.new_context(base_url=server.address, viewport={"width": 1280, "height": 900})
    page, said = context.new_page(), []
    page.set_default_timeout(10_000)
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert [line for line in said if not line.startswith("Failed to load resource")] == []


@pytest.fixture
def plain(browser: Browser, server: Served) -> Iterator[Page]:
    """A page without scripts."""
    context = browser.new_context(base_url=server.address, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def begin(page: Page, step: str = "households") -> str:
    """Opens a step of a new draft and returns the draft's address."""
    page.goto("/")
    page.get_by_role("button", name="Use this preset: small").click()
    page.wait_for_url("**/review")
    draft = page.url.removesuffix("/review")
    page.goto(f"{draft}/{step}")
    return draft


def with_mistakes(page: Page) -> None:
    begin(page)
    page.locator("#f-households-count").fill("ten")
    page.get_by_text("Mix of household types").click()
    page.locator("#f-households-type_shares-roommates").fill("50")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".error-summary")).to_be_focused()


def in_conflict(page: Page) -> None:
    draft = begin(page)
    other = page.context.new_page()
    other.goto(f"{draft}/households")
    other.locator("#f-households-count").fill("5")
    other.get_by_role("button", name="Continue").click()
    other.wait_for_url("**/demographics")
    other.close()
    page.locator("#f-households-count").fill("6")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Keep mine")).to_be_visible()


def with_refused_file(page: Page) -> None:
    page.goto("/wizard/new")
    page.get_by_label("Or paste it here").fill("households: {cuont: 5}")
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".error-summary")).to_be_visible()


def unfolded(step: str) -> Callable[[Page], None]:
    def visit(page: Page) -> None:
        begin(page, step)
        for fold in page.locator("details > summary").all():
            fold.click()

    return visit


PAGES: dict[str, Callable[[Page], object]] = {
    "home": lambda page: page.goto("/"),
    "new": lambda page: page.goto("/wizard/new"),
    **{step: unfolded(step) for step in (*STEPS, "review")},
    "mistakes": with_mistakes,
    "conflict": in_conflict,
    "refused file": with_refused_file,
    "sample": lambda page: page.goto(f"{begin(page)}/households/sample"),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_in_both_schemes_and_fits_a_phone(page: Page, name: str, tmp_path: Path) -> None:
    PAGES[name](page)
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 320), ("dark", 320)):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = Axe().run(page, options={"runOnly": RULES})
        assert found.violations_count == 0, f"{name} {scheme} {width}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") == width


def finished(page: Page) -> None:
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}$"))
    expect(page.get_by_text("Succeeded").first).to_be_visible(timeout=30_000)


def test_by_mouse_from_a_preset_to_a_dataset_in_two_clicks(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Use this preset: small").click()
    page.get_by_role("button", name="Generate dataset").click()
    finished(page)


def test_by_mouse_through_all_steps(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Customise: small").click()
    page.locator("#f-households-count").fill("1,234")
    for step in (*STEPS[1:], "review"):
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"**/{step}")
        expect(page.locator("h1")).to_be_focused()
    expect(page.get_by_text("1,234 households")).to_be_visible()
    page.locator("#f-output-name").fill("by-mouse")
    page.get_by_role("button", name="Generate dataset").click()
    finished(page)


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the element has the focus."""
    for _ in range(200):
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    tab_to(page, "[value=small] ~ [value=steps]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/households")
    tab_to(page, "#f-households-count")
    page.keyboard.press("Control+A")
    page.keyboard.type("777")
    page.keyboard.press("Enter")
    for step in STEPS[1:]:
        page.wait_for_url(f"**/{step}")
        expect(page.locator("h1")).to_be_focused()
        tab_to(page, "#answers button[type=submit]:not([name])")
        page.keyboard.press("Space")
    page.wait_for_url("**/review")
    expect(page.locator("h1")).to_be_focused()
    tab_to(page, "#f-output-name")
    page.keyboard.press("Control+A")
    page.keyboard.type("by-keyboard")
    tab_to(page, "[formaction$=submit]")
    page.keyboard.press("Enter")
    finished(page)


def test_without_scripts(plain: Page) -> None:
    plain.goto("/")
    plain.get_by_role("button", name="Customise: small").click()
    plain.locator("#f-households-count").fill("ten")
    plain.get_by_role("button", name="Continue").click()
    expect(plain.locator(".error-summary")).to_be_visible()
    plain.locator("#f-households-count").fill("55")
    for step in (*STEPS[1:], "review"):
        plain.get_by_role("button", name="Continue").click()
        plain.wait_for_url(f"**/{step}")
    plain.locator("#f-output-name").fill("without-scripts")
    plain.get_by_role("button", name="New seed").click()
    assert plain.locator("#f-output-seed").input_value() != "42"
    plain.get_by_role("button", name="Generate dataset").click()
    plain.wait_for_url("**/jobs/*")
    assert "without-scripts" in plain.inner_text("main")


def test_numbers_follow_while_somebody_types_and_the_caret_stays(page: Page) -> None:
    begin(page)
    box = page.locator("#f-households-count")
    box.fill("2000")
    box.press("Home")
    box.press("ArrowRight")
    expect(page.locator("#live .stats dd").first).to_have_text(re.compile("^23"))
    expect(box).to_be_focused()
    assert box.evaluate("box => box.selectionStart") == 1


def test_a_table_that_was_unfolded_stays_so_while_somebody_types(page: Page) -> None:
    begin(page)
    page.get_by_text("Rows per table").first.click()
    page.locator("#f-households-count").fill("2000")
    expect(page.locator("#live .stats dd").first).to_have_text(re.compile("^23"))
    expect(page.locator("#forecast-rows")).to_be_visible()


def test_a_mistake_is_told_on_leaving_and_gone_once_mended(page: Page) -> None:
    begin(page, "campaigns")
    page.locator("#f-campaigns-mean_frequency").fill("50")
    page.keyboard.press("Tab")
    expect(page.locator("#e-campaigns-mean_frequency")).to_be_visible()
    expect(page.locator("#status")).to_have_text(re.compile("Mean frequency"))
    page.locator("#f-campaigns-mean_frequency").fill("3")
    expect(page.locator("#e-campaigns-mean_frequency")).to_have_count(0)


def test_the_error_summary_leads_to_the_question(page: Page) -> None:
    with_mistakes(page)
    assert page.title().startswith("Error: Households")
    page.locator(".error-summary a").first.click()
    expect(page.locator("#f-households-count")).to_be_focused()


def test_a_change_link_leads_to_its_question_and_keeps_what_was_typed(page: Page) -> None:
    begin(page, "review")
    page.locator("#f-output-name").fill("typed-before")
    page.get_by_role("link", name="Change Mean frequency").click()
    expect(page.locator("#f-campaigns-mean_frequency")).to_be_focused()
    page.get_by_role("button", name="Save and return to review").click()
    page.wait_for_url("**/review")
    expect(page.locator("#f-output-name")).to_have_value("typed-before")


def test_back_forward_and_reload_show_the_step_of_the_address(page: Page) -> None:
    begin(page)
    page.locator("#f-households-count").fill("321")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/demographics")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Households")
    expect(page.locator("#f-households-count")).to_have_value("321")
    page.go_forward()
    expect(page.locator("h1")).to_have_text("Demographics & identity")
    page.reload()
    expect(page.locator("h1")).to_have_text("Demographics & identity")


def test_another_step_is_reached_without_losing_what_was_typed(page: Page) -> None:
    draft = begin(page)
    page.locator("#f-households-count").fill("4321")
    page.get_by_role("link", name="Engagement & audiences").click()
    page.wait_for_url("**/engagement")
    page.goto(f"{draft}/households")
    expect(page.locator("#f-households-count")).to_have_value("4,321")


def test_keeping_mine_after_a_conflict_goes_on(page: Page) -> None:
    in_conflict(page)
    page.get_by_role("button", name="Keep mine").click()
    page.wait_for_url("**/demographics")


def test_a_new_name_is_looked_at_while_it_is_typed(page: Page) -> None:
    begin(page, "review")
    page.locator("#f-output-name").fill("brand-new")
    expect(page.locator("#target")).to_contain_text("No dataset is called brand-new yet")


def test_a_draft_is_deleted_after_a_question(page: Page) -> None:
    draft = begin(page).rsplit("/", 1)[1]
    page.goto("/")
    entry = page.locator("li", has=page.locator(f"a[href='/wizard/{draft}']")).first
    entry.get_by_role("button").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(f"a[href='/wizard/{draft}']")).to_have_count(0)
