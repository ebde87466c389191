"""Every page of the app, and the way to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.e2e.journeys import answer, begin, new_job, press, reach
from webapp.steps import Step


@dataclass(frozen=True)
class Known:
    """Addresses that a visitor has been to: of jobs that succeeded, failed, were cancelled and are stuck, and of a draft."""

    made: str
    made_again: str
    failed: str
    cancelled: str
    stuck: str
    draft: str


def known(page: Page, made: str, made_again: str) -> Known:
    """Visits a server that has two datasets, and makes a job of every other kind there."""
    failed = new_job(page, "bad-luck")
    reach(page, "Failed")
    cancelled = new_job(page, "stuck-cancelled")
    reach(page, "Running")
    press(page, "Cancel")
    reach(page, "Cancelled")
    stuck = new_job(page, "stuck")
    reach(page, "Running")
    return Known(f"/jobs/{made}", f"/jobs/{made_again}", failed, cancelled, stuck, begin(page))


Way = Callable[[Page, Known], None]


def at(path: str) -> Way:
    """Opens an address; `{made}` and the like stand for known ones."""

    def go(page: Page, visited: Known) -> None:
        page.goto(path.format(**vars(visited)))

    return go


def refused_step(page: Page, visited: Known) -> None:
    """A step that comes back with its mistake."""
    page.goto(f"{visited.draft}/{Step.HOUSEHOLDS}")
    answer(page, "Households", "0")
    press(page, "Continue")
    expect(page.get_by_role("alert").first).to_be_visible()


def sampled_step(page: Page, visited: Known) -> None:
    """A step with its sample rows, charts and folded questions unfolded."""
    page.goto(f"{visited.draft}/{Step.ENGAGEMENT}")
    unfolded(page)


def unfolded(page: Page) -> None:
    """Everything that can be unfolded is."""
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")


def unfolded_results(page: Page, visited: Known) -> None:
    page.goto(f"{visited.made}/results")
    unfolded(page)


def refused_import(page: Page, visited: Known) -> None:
    """The start page with a file's mistakes."""
    page.goto("/wizard/new")
    page.get_by_label("Or paste it here").fill("households: {coun: 5}")
    press(page, "Import")
    expect(page).to_have_url(re.compile("/wizard/new"))


def compared(page: Page, visited: Known) -> None:
    """Two datasets side by side."""
    a, b = (address.rsplit("/", 1)[1] for address in (visited.made, visited.made_again))
    page.goto(f"/jobs/compare?a={a}&b={b}")


PLACES: dict[str, Way] = {
    "home": at("/"),
    "start": at("/wizard/new"),
    **{f"step {step}": at(f"{{draft}}/{step}") for step in Step},
    "step refused": refused_step,
    "step unfolded": sampled_step,
    "history": at("/jobs"),
    "history without hits": at("/jobs?q=nothing-has-this-name"),
    "job succeeded": at("{made}"),
    "job failed": at("{failed}"),
    "job cancelled": at("{cancelled}"),
    "job running": at("{stuck}"),
    "comparison": compared,
    "results": unfolded_results,
    "rows": at("{made}/tables/individuals"),
    "rows of a value": at("{made}/tables/households?size=x"),
    "dictionary": at("/dictionary"),
    "API": at("/docs"),
    "not found": at("/nowhere"),
}
"""The names of the pages, and how to get to them."""
