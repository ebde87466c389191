"""The whole way through the Databricks mode, as a user without the right goes it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.databricks.standing import USER, standing
from tests.e2e.chromium import Visitor, chromium
from tests.e2e.journeys import answer, begin
from tests.fakes.databricks import Workspace
from tests.webapp.serving import until
from webapp.steps import Step

MISSING = f"GRANT CREATE TABLE ON SCHEMA `bryan_li`.`demo` TO `{USER}`"


def review(page: Page) -> None:
    """A draft of the small preset at its review, for schema demo."""
    begin(page, Step.REVIEW, "small")
    page.get_by_text("Place in Unity Catalog").click()
    answer(page, "Schema", "demo")


def published(workspace: Workspace) -> list[int]:
    """The serials of the datasets that readers see."""
    return [row["serial"] for row in workspace.sql("SELECT serial FROM bryan_li.demo._manifest").to_pylist()]


def test_missing_granted_run_counted_and_a_second_run_cancelled(tmp_path: Path) -> None:
    with standing(tmp_path) as both, chromium() as browser:
        visitor = Visitor(browser)
        visitor.foresees("422")
        page = visitor.at(both.proxy.address)
        review(page)
        expect(page.locator("#target")).to_contain_text(MISSING)
        page.get_by_role("button", name="Generate dataset").click()
        expect(page.locator("main")).to_contain_text("CREATE TABLE on bryan_li.demo is missing for")
        both.workspace.sql(MISSING)
        review(page)
        expect(page.locator("#target")).to_contain_text("You and the job may write there")
        page.get_by_role("button", name="Generate dataset").click()
        expect(page).to_have_url(re.compile("/jobs/"))
        expect(page.locator("#job-progress")).to_contain_text("rows", timeout=60_000)
        expect(page.locator("#job-progress")).to_contain_text("Succeeded", timeout=120_000, ignore_case=True)
        expect(page.locator("#job-counts")).to_contain_text("Rows verified", timeout=30_000)
        expect(page.get_by_role("link", name="The run in the workspace")).to_be_visible()
        until(lambda: published(both.workspace), 20, "the publication")
        both.workspace.sql(f"GRANT MODIFY ON SCHEMA `bryan_li`.`demo` TO `{USER}`")
        page.get_by_role("button", name="Run again, new seed").click()
        expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible(timeout=30_000)
        expect(page.locator("#job-progress")).to_contain_text("Generating", timeout=60_000, ignore_case=True)
        page.get_by_role("button", name="Cancel", exact=True).click()
        expect(page.locator("#job-progress")).to_contain_text("Cancelled", timeout=30_000, ignore_case=True)
        assert published(both.workspace) == [1]
        visitor.leave()
