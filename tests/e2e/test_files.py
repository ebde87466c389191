"""Configurations as files: brought in with every mistake told, taken along, and brought back the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.chromium import Visitor
from tests.e2e.journeys import answer, arrive, begin, new_job, press, reach
from webapp.steps import Step

WRONG = """version: 1
households:
  count: many
  stats: [CA]
campaigns:
  measurement:
    lift: 70
"""
OTHER = Path(__file__).parents[1] / "spec" / "files" / "version_1.yaml"


def import_file(page: Page, name: str, content: bytes) -> None:
    page.goto("/wizard/new")
    page.get_by_label("File", exact=True).set_input_files(FilePayload(name=name, mimeType="text/plain", buffer=content))
    press(page, "Import")


def exported(page: Page, kind: str) -> bytes:
    """The file that the review offers."""
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Configuration as {kind}").click()
    return download.value.path().read_bytes()


def test_every_mistake_of_a_file_is_told_at_once_with_its_place(page: Page, visitor: Visitor) -> None:
    visitor.foresees("status of 422")
    import_file(page, "mine.yaml", WRONG.encode())
    said = page.get_by_role("alert").get_by_role("listitem").all_inner_texts()
    assert [re.search(r"line (\d+)", one)[1] for one in said] == ["3", "4", "7"]  # type: ignore[index]  # None fails too
    assert all("column" in one for one in said)
    assert "did you mean" in said[1] and "states" in said[1]
    expect(page.get_by_label("Or paste it here")).to_have_value(WRONG)


def test_a_mended_text_is_imported(page: Page, visitor: Visitor) -> None:
    visitor.foresees("status of 422")
    import_file(page, "mine.yaml", WRONG.encode())
    page.get_by_label("Or paste it here").fill("households: {count: 1234}")
    press(page, "Import")
    arrive(page, Step.REVIEW)
    expect(page.get_by_text("1,234 households")).to_be_visible()


@pytest.mark.parametrize("kind", ["YAML", "JSON"])
def test_what_was_exported_comes_back_byte_for_byte(page: Page, kind: str) -> None:
    begin(page, Step.DEMOGRAPHICS)
    answer(page, "Cookie lifetime", "33")
    press(page, "Continue")
    arrive(page, Step.ENGAGEMENT)
    page.get_by_role("navigation", name="Steps").get_by_role("link", name="Review").click()
    arrive(page, Step.REVIEW)
    first = exported(page, kind)
    import_file(page, f"mine.{kind.lower()}", first)
    arrive(page, Step.REVIEW)
    assert exported(page, kind) == first and b"33" in first


def test_what_this_server_decides_is_left_out_of_a_file_and_said(page: Page) -> None:
    import_file(page, OTHER.name, OTHER.read_bytes())
    expect(page.get_by_text("What was changed on reading it")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("listitem")).to_contain_text("Folder /data/é one was left out")
    page.get_by_role("button", name="Go on to review").click()
    arrive(page, Step.REVIEW)
    expect(page.get_by_text("12,345 households")).to_be_visible()


def test_a_job_is_cloned_under_a_name_that_is_free(page: Page) -> None:
    new_job(page, "to-clone")
    reach(page, "Succeeded")
    press(page, "Clone into the wizard")
    arrive(page, Step.REVIEW)
    expect(page.get_by_label("Name of the dataset")).to_have_value("to-clone-2")
    expect(page.get_by_text("10,000 households")).to_be_visible()
