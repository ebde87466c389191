"""What visitors do, in their own words: by roles and labels, as they see or hear the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from webapp.steps import HEADINGS, Step

FOCUS_SHOWS = """() => {
  const style = getComputedStyle(document.activeElement);
  return (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none";
}"""
ENDED = re.compile("Succeeded|Failed|Cancelled")
HAS_FOCUS = "element => element === document.activeElement"


def path_of(page: Page) -> str:
    """The page's address without the server."""
    return urlsplit(page.url).path


def preset_button(page: Page, words: str, preset: str = "starter") -> Locator:
    """The button of a preset's card."""
    return page.get_by_role("button", name=re.compile(rf"{words}\s?: {preset}"))


def begin(page: Page, step: Step = Step.HOUSEHOLDS, preset: str = "starter") -> str:
    """A new draft of a preset, at a step of it; returns the draft's address."""
    page.goto("/wizard/new")
    preset_button(page, "Customise", preset).click()
    arrive(page, Step.HOUSEHOLDS)
    draft = path_of(page).rpartition("/")[0]
    if step is not Step.HOUSEHOLDS:
        page.goto(f"{draft}/{step}")
        arrive(page, step)
    return draft


def heading(page: Page, words: str) -> Locator:
    """The page's heading."""
    return page.get_by_role("heading", level=1, name=words)


def arrive(page: Page, step: Step) -> None:
    """The step is on the page, in its address and in the title, however long that takes."""
    expect(heading(page, HEADINGS[step])).to_be_visible()
    expect(page).to_have_title(re.compile(rf"{re.escape(HEADINGS[step])} – "))
    expect(page).to_have_url(re.compile(rf"/wizard/[0-9a-f-]{{36}}/{step}([?#]|$)"))
    entries = page.get_by_role("navigation", name="Steps").get_by_role("listitem")
    expect(entries.and_(page.locator("[aria-current=step]"))).to_contain_text(HEADINGS[step])


def answer(page: Page, question: str, text: str) -> None:
    """Types an answer and leaves the question."""
    page.get_by_label(question, exact=True).fill(text)
    page.get_by_label(question, exact=True).blur()


def press(page: Page, words: str) -> None:
    """Presses a button."""
    page.get_by_role("button", name=words, exact=True).click()


def generate(page: Page, name: str) -> str:
    """A job of a draft that is at its review, under a name; returns the address of its page."""
    answer(page, "Name of the dataset", name)
    press(page, "Generate dataset")
    return arrive_at_job(page, name)


def arrive_at_job(page: Page, name: str) -> str:
    """The address of a job, once its page is there."""
    expect(page).to_have_url(re.compile(r"/jobs/[0-9a-f-]{36}$"))
    expect(heading(page, name)).to_be_visible()
    return path_of(page)


def new_job(page: Page, name: str) -> str:
    """A job by the shortest way."""
    page.goto("/")
    preset_button(page, "Use this preset").click()
    arrive(page, Step.REVIEW)
    return generate(page, name)


def state_of(page: Page) -> Locator:
    """Where a job's page says how the job stands."""
    return page.get_by_role("region", name="Progress", exact=True)


def reach(page: Page, state: str, seconds: float = 15) -> None:
    """The job's page says that the job is in a state; one that has ended in another fails at once."""
    found = ENDED if ENDED.fullmatch(state) else re.compile(re.escape(state))
    expect(state_of(page)).to_contain_text(found, timeout=seconds * 1000)
    expect(state_of(page)).to_contain_text(state, timeout=100)


@dataclass
class Mouse:
    """A hand that counts its clicks."""

    clicks: int = 0

    def click(self, target: Locator) -> None:
        """One click."""
        target.click()
        self.clicks += 1


def tab_to(page: Page, target: Locator, most: int = 90) -> None:
    """Presses Tab until something has the focus; each stop on the way shows that it has it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_SHOWS), f"no focus to be seen on {focused(page)}"
        if target.evaluate(HAS_FOCUS):
            return
    raise AssertionError(f"{target} is not reached by {most} times Tab")


def focused(page: Page) -> str:
    """The markup of what has the focus."""
    return str(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))


def watched_requests(page: Page, of_interest: Callable[[str], bool]) -> list[str]:
    """The addresses that a page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if of_interest(request.url) else None)
    return asked
