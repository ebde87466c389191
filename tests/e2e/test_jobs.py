"""A job in the browser: watched, left and found again, cancelled, retried, run again, compared."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.chromium import Visitor
from tests.e2e.journeys import arrive_at_job, heading, new_job, path_of, press, reach, state_of, watched_requests
from tests.webapp.serving import Served


def happened(page: Page) -> list[str]:
    """What the job's page tells of its past."""
    events = page.get_by_role("listitem").filter(has=page.get_by_text(re.compile(r"^\d\d:\d\d:\d\d UTC$")))
    return [text.split("UTC")[1].strip() for text in events.all_inner_texts()]


def fact(page: Page, name: str) -> Locator:
    """What the page says under a heading of its facts."""
    term = page.get_by_role("term").filter(has_text=re.compile(f"^{name}$"))
    return page.locator("div", has=term).last.get_by_role("definition")


def test_a_page_asks_no_more_once_its_job_has_ended(page: Page) -> None:
    asked = watched_requests(page, lambda url: "/jobs/" in url)
    new_job(page, "ends")
    reach(page, "Succeeded")
    expect(page.get_by_role("button", name="Open the dataset")).to_be_visible()
    assert any("/progress" in url for url in asked)
    asked.clear()
    page.wait_for_timeout(4_000)
    assert asked == []


def test_the_end_of_a_job_is_in_the_title_and_told_once(page: Page) -> None:
    new_job(page, "told")
    expect(page).to_have_title(re.compile("^✓ told"))
    expect(page.get_by_role("status")).to_have_text("Dataset told is finished")
    assert happened(page) == ["Submitted", "Started", "Verified and published"]
    assert state_of(page).count() == 1


def test_who_leaves_and_comes_back_finds_the_truth(visitor: Visitor, fake: Served) -> None:
    first = visitor.at(fake.address)
    address = new_job(first, "left")
    first.context.close()
    fake.ended(address.rsplit("/", 1)[1])
    second = visitor.at(fake.address)
    second.goto("/jobs")
    second.get_by_role("link", name="left", exact=True).click()
    reach(second, "Succeeded")
    assert path_of(second) == address


def test_a_running_job_is_cancelled_within_two_seconds(page: Page) -> None:
    new_job(page, "stuck-to-cancel")
    reach(page, "Running")
    begun = time.monotonic()
    press(page, "Cancel")
    expect(state_of(page)).to_contain_text(re.compile("Cancell(ing|ed)"))
    reach(page, "Cancelled", 10)
    print(f"Cancelled after {time.monotonic() - begun:.1f} s, as the page tells it")
    expect(page.get_by_text("Nothing was published")).to_be_visible()
    assert happened(page)[-1] == "Cancelled"


def age(server: Served, address: str, seconds: float) -> None:
    """The job has been running for longer than it has."""
    with closing(sqlite3.connect(Path(server.environment["DATASETS_DIR"]) / "_app" / "store.db")) as store, store:
        store.execute("UPDATE job SET started_at = started_at - ? WHERE id = ?", (seconds, address.rsplit("/", 1)[1]))


def test_a_cancel_that_loses_more_than_a_minute_is_asked_about_first(page: Page, fake: Served) -> None:
    address = new_job(page, "stuck-for-long")
    reach(page, "Running")
    age(fake, address, 100)
    page.reload()
    press(page, "Cancel")
    question = page.get_by_role("dialog", name="Cancel this job?")
    expect(question).to_be_visible()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    reach(page, "Running")
    press(page, "Cancel")
    press(page, "Cancel the job")
    reach(page, "Cancelled")


def test_a_failed_job_says_what_why_and_what_to_do(page: Page, visitor: Visitor, fake: Served) -> None:
    first = new_job(page, "bad-luck")
    reach(page, "Failed")
    main = page.get_by_role("main")
    for words in ("The dataset was not made", "the dataset is named bad", "then retry", "RunFailed", "request id"):
        expect(main).to_contain_text(words)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy", exact=True).first.click()
    assert re.fullmatch("[0-9a-f]{32}", page.evaluate("navigator.clipboard.readText()"))
    press(page, "Retry")
    expect(page).not_to_have_url(re.compile(first))
    assert arrive_at_job(page, "bad-luck") != first
    reach(page, "Failed")


def test_running_again_keeps_the_seed_or_takes_a_new_one(page: Page) -> None:
    first = new_job(page, "again")
    reach(page, "Succeeded")
    seeds = []
    for words in ("Run again, same seed", "Run again, new seed"):
        page.goto(first)
        press(page, words)
        expect(page).not_to_have_url(re.compile(first))
        reach(page, "Succeeded")
        seeds.append(fact(page, "Seed").inner_text().split()[0])
    assert seeds[0] == "42" and seeds[1] != "42"


def test_the_history_is_searched_sorted_and_compared(page: Page) -> None:
    for name in ("zebra-one", "zebra-two"):
        new_job(page, name)
        reach(page, "Succeeded")
    page.goto("/jobs")
    page.get_by_label("Name or job id").fill("zebra")
    press(page, "Filter")
    page.get_by_role("link", name=re.compile("^Name")).click()
    names = page.get_by_role("table", name="Jobs").get_by_role("rowheader").all_inner_texts()
    assert names == ["zebra-one", "zebra-two"]
    for name in names:
        page.get_by_role("checkbox", name=f"Compare {name}").check()
    press(page, "Compare the two that are ticked")
    expect(page.get_by_role("table", name="Settings that differ")).to_contain_text("output.name")


def test_a_job_is_deleted_after_a_question_and_is_gone(page: Page, visitor: Visitor) -> None:
    visitor.foresees("status of 404")
    address = new_job(page, "to-delete")
    reach(page, "Succeeded")
    page.get_by_text("Sharing and deleting").click()
    press(page, "Delete the job")
    press(page, "Delete")
    expect(heading(page, "History")).to_be_visible()
    page.goto(address)
    expect(heading(page, "Not Found")).to_be_visible()
