"""From the first page to a verified dataset: by mouse, by keyboard, and in a browser without JavaScript."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from generation.spec.catalog import TABLES
from tests.e2e.chromium import Visitor
from tests.e2e.conftest import failures
from tests.e2e.journeys import (
    HAS_FOCUS,
    Mouse,
    answer,
    arrive,
    arrive_at_job,
    heading,
    preset_button,
    press,
    reach,
    tab_to,
)
from tests.webapp.serving import Served, served
from webapp.steps import Step


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that makes real datasets."""
    with served(tmp_path_factory.mktemp("real") / "datasets", IDGRAPH_BACKEND="local") as running:
        yield running
        assert failures(running) == []


def tables_of(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/_delta_log")}


@pytest.mark.slow
def test_from_a_preset_to_a_verified_dataset_it_is_at_most_three_clicks(visitor: Visitor, real: Served) -> None:
    page, mouse, begun = visitor.at(real.address), Mouse(), time.monotonic()
    page.goto("/")
    mouse.click(preset_button(page, "Use this preset"))
    mouse.click(page.get_by_role("button", name="Generate dataset"))
    reach(page, "Succeeded", 120)
    seconds = time.monotonic() - begun
    print(f"From the first page to a verified dataset: {mouse.clicks} clicks, {seconds:.1f} s")
    mouse.click(page.get_by_role("button", name="Open the dataset"))
    expect(page.get_by_text("rules over")).to_contain_text("Pass")
    assert mouse.clicks <= 3
    assert tables_of(Path(real.environment["DATASETS_DIR"]) / "starter") == {table.name for table in TABLES}


@pytest.mark.slow
def test_five_steps_by_mouse_make_the_dataset_that_was_configured(visitor: Visitor, real: Served) -> None:
    page = visitor.at(real.address)
    page.goto("/")
    preset_button(page, "Customise").click()
    arrive(page, Step.HOUSEHOLDS)
    answer(page, "Households", "9,000")
    expect(page.get_by_role("table", name="households: the first 10 of about 9,000")).to_be_visible(timeout=60_000)
    press(page, "Continue")
    arrive(page, Step.DEMOGRAPHICS)
    answer(page, "People who opt out", "20")
    press(page, "Continue")
    arrive(page, Step.ENGAGEMENT)
    answer(page, "Titles in the catalog", "700")
    press(page, "Continue")
    arrive(page, Step.CAMPAIGNS)
    page.get_by_role("radio", name="Last touch").check()
    press(page, "Continue")
    arrive(page, Step.REVIEW)
    answer(page, "Name of the dataset", "by-mouse")
    press(page, "Generate dataset")
    arrive_at_job(page, "by-mouse")
    reach(page, "Succeeded", 120)
    page.get_by_role("button", name="Open the dataset").click()
    row = page.get_by_role("row", name="content_catalog")
    expect(row).to_contain_text("700")
    expect(page.get_by_role("row", name="households").first).to_contain_text("9,000")


def test_five_steps_by_keyboard_alone_make_a_dataset(page: Page) -> None:
    page.goto("/")
    keys = page.keyboard
    tab_to(page, preset_button(page, "Customise"))
    keys.press("Enter")
    arrive(page, Step.HOUSEHOLDS)
    tab_to(page, page.get_by_label("Households", exact=True))
    keys.press("Control+a")
    keys.type("1234")
    keys.press("Enter")
    arrive(page, Step.DEMOGRAPHICS)
    assert heading(page, "Demographics & identity").evaluate(HAS_FOCUS)
    tab_to(page, page.get_by_role("button", name="Continue"))
    keys.press("Space")
    arrive(page, Step.ENGAGEMENT)
    tab_to(page, page.get_by_role("button", name="Continue"))
    keys.press("Enter")
    arrive(page, Step.CAMPAIGNS)
    tab_to(page, page.get_by_role("radio", name="Linear"))
    keys.press("ArrowUp")
    tab_to(page, page.get_by_role("button", name="Continue"))
    keys.press("Enter")
    arrive(page, Step.REVIEW)
    tab_to(page, page.get_by_label("Name of the dataset"))
    keys.press("Control+a")
    keys.type("by-keyboard")
    tab_to(page, page.get_by_role("button", name="Generate dataset"))
    keys.press("Enter")
    arrive_at_job(page, "by-keyboard")
    reach(page, "Succeeded")
    tab_to(page, page.get_by_role("button", name="Open the dataset"))
    keys.press("Space")
    expect(page.get_by_role("row", name="households").first).to_contain_text("1,234")


def test_the_first_stop_of_the_tab_key_leads_past_the_navigation(page: Page) -> None:
    page.goto("/wizard/new")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_five_steps_without_javascript_make_a_dataset(visitor: Visitor, fake: Served) -> None:
    page = visitor.at(fake.address, java_script_enabled=False)
    page.goto("/")
    preset_button(page, "Customise").click()
    for step in list(Step)[:-1]:
        arrive(page, step)
        expect(page.get_by_role("link", name="Show sample rows")).to_be_visible()
        press(page, "Continue")
    arrive(page, Step.REVIEW)
    page.get_by_label("Name of the dataset").fill("without-javascript")
    press(page, "Generate dataset")
    arrive_at_job(page, "without-javascript")
    reach(page, "Succeeded")
    page.get_by_role("button", name="Open the dataset").click()
    expect(page.get_by_role("row", name="households").first).to_contain_text("10,000")


def test_a_mistake_without_javascript_comes_back_with_what_was_typed(visitor: Visitor, fake: Served) -> None:
    visitor.foresees("status of 422")
    page = visitor.at(fake.address, java_script_enabled=False)
    page.goto("/wizard/new")
    preset_button(page, "Customise").click()
    page.get_by_label("Households", exact=True).fill("many")
    press(page, "Continue")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text("Households must be a whole number, like 10,000")
    expect(page.get_by_label("Households", exact=True)).to_have_value("many")
