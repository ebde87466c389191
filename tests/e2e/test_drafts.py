"""What a draft keeps while somebody wanders through its steps, and how it goes."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.journeys import arrive, begin
from webapp.steps import Step


def test_a_table_that_was_unfolded_stays_so_while_somebody_types(page: Page) -> None:
    begin(page)
    page.get_by_text("Rows per table").first.click()
    rows = page.get_by_role("complementary", name="Forecast").get_by_role("definition").first
    before = rows.inner_text()
    page.get_by_label("Households", exact=True).fill("2000")
    expect(rows).not_to_have_text(before)
    expect(page.locator("#forecast-rows")).to_be_visible()


def test_another_step_is_reached_without_losing_what_was_typed(page: Page) -> None:
    draft = begin(page)
    page.get_by_label("Households", exact=True).fill("4321")
    page.get_by_role("navigation", name="Steps").get_by_role("link", name="Engagement & audiences").click()
    arrive(page, Step.ENGAGEMENT)
    page.goto(f"{draft}/households")
    expect(page.get_by_label("Households", exact=True)).to_have_value("4,321")


def test_a_new_name_is_looked_at_while_it_is_typed(page: Page) -> None:
    begin(page, Step.REVIEW)
    page.locator("#f-output-name").fill("brand-new")
    expect(page.locator("#target")).to_contain_text("No dataset is called brand-new yet")


def test_a_draft_is_deleted_after_a_question(page: Page) -> None:
    draft = begin(page)
    page.goto("/")
    entry = page.locator("li", has=page.locator(f"a[href^='{draft}']")).first
    entry.get_by_role("button").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(f"a[href^='{draft}']")).to_have_count(0)
