"""Every page: for those who see badly, hear pages, have small screens or slow lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.e2e.chromium import Visitor
from tests.e2e.conftest import ROOMY
from tests.e2e.places import PLACES, Known, known
from tests.webapp.serving import Served, served

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MOST_BYTES = 200_000
SIZE = """async () => {
  const entries = performance.getEntriesByType("resource").filter(entry => entry.name.includes("/static/"));
  const bodies = await Promise.all(entries.map(async entry => (await (await fetch(entry.name)).blob()).size));
  return bodies.reduce((sum, size) => sum + size, 0);
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, list[str]]]:
    """A server with two datasets, whose further jobs make nothing."""
    folder = tmp_path_factory.mktemp("pages") / "datasets"
    with served(folder, **{**ROOMY, "IDGRAPH_BACKEND": "local"}) as real:
        made = [started(real, "first", 300), started(real, "second", 400)]
        assert [real.ended(job)["state"] for job in made] == ["succeeded"] * 2
    with served(folder, **ROOMY) as running:
        yield running, made


def started(server: Served, name: str, households: int) -> str:
    """The id of a new job."""
    config = {"households": {"count": households}, "output": {"name": name}}
    _, answer = server.ask("/generate/start", {"config": config})
    return str(answer["job_id"])


@pytest.fixture(scope="module")
def visited(browser: Browser, server: tuple[Served, list[str]]) -> Iterator[Known]:
    visitor = Visitor(browser)
    yield known(visitor.at(server[0].address), *server[1])
    visitor.leave()


@pytest.fixture
def page(visitor: Visitor, server: tuple[Served, list[str]]) -> Page:
    return visitor.at(server[0].address)


@pytest.fixture(params=PLACES)
def shown(request: pytest.FixtureRequest, page: Page, visitor: Visitor, visited: Known) -> Page:
    """A page, whichever status it has."""
    visitor.foresees("status of (404|422)")
    PLACES[request.param](page, visited)
    page.wait_for_load_state("networkidle") if request.param != "job running" else page.wait_for_load_state()
    return page


def test_a_page_is_for_everyone_in_both_schemes_and_fits_a_small_screen(shown: Page) -> None:
    assert violations(shown, "light") == []
    shown.set_viewport_size({"width": 320, "height": 700})
    assert shown.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(shown, "dark") == []
    assert 0 < shown.evaluate(SIZE) < MOST_BYTES


def violations(page: Page, scheme: Any) -> list[str]:
    """What axe finds in a colour scheme."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
