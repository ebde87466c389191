"""Answering questions: what is said while typing, what a refused step says, and what is never lost."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.chromium import Visitor
from tests.e2e.journeys import answer, arrive, begin, press
from tests.webapp.serving import Served
from webapp.steps import HEADINGS, Step


def households(page: Page) -> Locator:
    return page.get_by_label("Households", exact=True)


def told(page: Page, words: str) -> Locator:
    """Something that is to be seen: the page says it to screen readers besides, outside its main part."""
    return page.get_by_role("main").get_by_text(words)


def caret_of(box: Locator) -> int:
    return int(box.evaluate("box => box.selectionStart"))


def test_a_mistake_is_mended_while_the_caret_stays(page: Page) -> None:
    begin(page)
    answer(page, "Households", "1x2000")
    said = told(page, "Households must be a whole number")
    expect(said).to_be_visible()
    households(page).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    expect(said).to_be_hidden()
    expect(households(page)).to_be_focused()
    assert (households(page).input_value(), caret_of(households(page))) == ("12000", 1)


def test_nothing_is_called_wrong_while_it_is_typed_for_the_first_time(page: Page) -> None:
    begin(page)
    households(page).fill("")
    households(page).press_sequentially("none")
    expect(page.get_by_text("Mend the marked answers").or_(page.get_by_text("As saved: the marked"))).to_be_visible()
    expect(told(page, "Households must be a whole number")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(told(page, "Households must be a whole number")).to_be_visible()


def test_the_forecast_follows_the_typing(page: Page) -> None:
    begin(page)
    rows = page.get_by_role("complementary", name="Forecast").get_by_role("definition").first
    before = rows.inner_text()
    households(page).fill("20,000")
    begun = time.monotonic()
    expect(rows).not_to_have_text(before)
    print(f"The forecast followed {1000 * (time.monotonic() - begun):.0f} ms after the last key")
    ratio = int(rows.inner_text().replace(",", "")) / int(before.replace(",", ""))
    assert 1.9 < ratio < 2.1


def test_a_rule_between_answers_is_told_where_they_are_typed(page: Page) -> None:
    begin(page)
    page.get_by_text("Mix of household types").click()
    share = page.get_by_role("group", name="Household types").get_by_role("textbox").first
    share.fill("50")
    share.blur()
    expect(told(page, "must add up to 100%")).to_be_visible()
    expect(told(page, "% too much")).to_be_visible()


def test_a_refused_step_leads_to_the_summary_and_the_summary_to_the_question(page: Page, visitor: Visitor) -> None:
    visitor.foresees("status of 422")
    begin(page)
    answer(page, "People per household", "9")
    households(page).fill("0")
    press(page, "Continue")
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: Households"))
    assert summary.get_by_role("link").count() == 2
    summary.get_by_role("link", name=re.compile("^Households must be from 1")).click()
    expect(households(page)).to_be_focused()
    expect(households(page)).to_have_attribute("aria-invalid", "true")
    assert (households(page).input_value(), page.get_by_label("People per household").input_value()) == ("0", "9")


def test_a_mistake_in_a_folded_question_is_unfolded(page: Page, visitor: Visitor) -> None:
    visitor.foresees("status of 422")
    begin(page, Step.CAMPAIGNS)
    page.get_by_text("Limit of exposures").click()
    answer(page, "Frequency cap", "none")
    page.get_by_text("Limit of exposures").click()
    press(page, "Continue")
    page.get_by_role("alert").get_by_role("link", name=re.compile("Frequency cap")).click()
    expect(page.get_by_label("Frequency cap")).to_be_focused()


def test_enter_answers_the_step(page: Page) -> None:
    begin(page)
    households(page).press("Enter")
    arrive(page, Step.DEMOGRAPHICS)


def test_going_back_with_a_mistake_keeps_it(page: Page) -> None:
    draft = begin(page, Step.ENGAGEMENT)
    answer(page, "Titles in the catalog", "some")
    press(page, "Back")
    arrive(page, Step.DEMOGRAPHICS)
    page.goto(f"{draft}/engagement")
    expect(page.get_by_label("Titles in the catalog")).to_have_value("some")


def test_a_draft_is_left_and_taken_up_where_it_was(page: Page) -> None:
    begin(page)
    answer(page, "Households", "4,321")
    press(page, "Continue")
    arrive(page, Step.DEMOGRAPHICS)
    press(page, "Save and leave")
    expect(page).to_have_title(re.compile("^Start"))
    page.get_by_role("region", name="Drafts").get_by_role("link").first.click()
    arrive(page, Step.DEMOGRAPHICS)
    page.get_by_role("navigation", name="Steps").get_by_role("link", name="Households").click()
    expect(households(page)).to_have_value("4,321")


def test_a_change_from_the_review_comes_back_to_it(page: Page) -> None:
    begin(page, Step.REVIEW)
    page.get_by_role("link", name="Change Titles in the catalog").click()
    expect(page.get_by_label("Titles in the catalog")).to_be_visible()
    answer(page, "Titles in the catalog", "777")
    press(page, "Save and return to review")
    arrive(page, Step.REVIEW)
    expect(page.get_by_text("777 titles")).to_be_visible()


CHANGES = {
    Step.HOUSEHOLDS: ("Households", "1,111"),
    Step.DEMOGRAPHICS: ("Cookie lifetime", "33"),
    Step.ENGAGEMENT: ("Titles in the catalog", "555"),
    Step.CAMPAIGNS: ("Mean frequency", "3.5"),
}


def test_back_forward_and_reload_show_every_step_as_it_was_answered(page: Page) -> None:
    begin(page)
    for step, (question, text) in CHANGES.items():
        arrive(page, step)
        answer(page, question, text)
        press(page, "Continue")
    arrive(page, Step.REVIEW)
    for step, (question, text) in reversed(CHANGES.items()):
        page.go_back()
        arrive(page, step)
        expect(page.get_by_label(question, exact=True)).to_have_value(text)
    for step, (question, text) in CHANGES.items():
        arrive(page, step)
        page.wait_for_load_state()
        page.reload()
        arrive(page, step)
        expect(page.get_by_label(question, exact=True)).to_have_value(text)
        page.go_forward()
    arrive(page, Step.REVIEW)
    page.reload()
    arrive(page, Step.REVIEW)


# Two tabs


def two_tabs(visitor: Visitor, fake: Served, javascript: bool) -> tuple[Page, str]:
    """A tab that answered a step which another one had changed meanwhile, and the draft's address."""
    visitor.foresees("status of 409")
    mine = visitor.at(fake.address, java_script_enabled=javascript)
    draft = begin(mine)
    other = mine.context.new_page()
    other.goto(f"{draft}/households")
    other.get_by_label("Households", exact=True).fill("2,000")
    press(other, "Continue")
    arrive(other, Step.DEMOGRAPHICS)
    mine.get_by_label("Households", exact=True).fill("3,000")
    mine.get_by_label("People per household").fill("2.5")
    press(mine, "Continue")
    versions = mine.get_by_role("table", name="What differs")
    expect(versions.get_by_role("row", name="Households")).to_have_text(re.compile("3,000.*2,000"))
    expect(versions.get_by_role("row", name="People per household")).to_contain_text("2.5")
    return mine, draft


@pytest.mark.parametrize("javascript", [True, False])
def test_of_two_tabs_mine_can_stay(visitor: Visitor, fake: Served, javascript: bool) -> None:
    page, draft = two_tabs(visitor, fake, javascript)
    press(page, "Keep mine")
    arrive(page, Step.DEMOGRAPHICS)
    page.goto(f"{draft}/households")
    expect(households(page)).to_have_value("3,000")
    expect(page.get_by_label("People per household")).to_have_value("2.5")


@pytest.mark.parametrize("javascript", [True, False])
def test_of_two_tabs_the_saved_one_can_stay(visitor: Visitor, fake: Served, javascript: bool) -> None:
    page, _ = two_tabs(visitor, fake, javascript)
    page.get_by_role("button", name="Take the saved one").click()
    arrive(page, Step.HOUSEHOLDS)
    expect(households(page)).to_have_value("2,000")
    expect(page.get_by_label("People per household")).to_have_value("")


def test_tabs_that_answer_different_steps_are_not_in_conflict(page: Page) -> None:
    draft = begin(page)
    other = page.context.new_page()
    other.goto(f"{draft}/engagement")
    answer(other, "Titles in the catalog", "555")
    press(other, "Continue")
    answer(page, "Households", "2,000")
    press(page, "Continue")
    arrive(page, Step.DEMOGRAPHICS)
    page.goto(f"{draft}/engagement")
    expect(page.get_by_label("Titles in the catalog")).to_have_value("555")


def test_every_step_says_which_it_is(page: Page) -> None:
    draft = begin(page)
    for number, step in enumerate(Step, start=1):
        page.goto(f"{draft}/{step}")
        expect(page.get_by_role("navigation", name="Steps")).to_contain_text(f"Step {number} of 5")
        expect(page).to_have_title(re.compile(re.escape(HEADINGS[step])))
