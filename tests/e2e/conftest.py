"""A browser for each module, servers for the whole suite, and pages that are watched."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.chromium import SECONDS, Visitor, chromium
from tests.webapp.serving import Served, served

ROOMY = {
    "IDGRAPH_SLOTS": "8",
    "IDGRAPH_USER_ACTIVE_LIMIT": "50",
    "IDGRAPH_USER_QUEUED_LIMIT": "1000",
    "IDGRAPH_BEAT_SECONDS": "0.2",
}
"""No test waits for another one's jobs."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=SECONDS * 1000)
    with chromium() as started:
        yield started


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    visiting = Visitor(browser)
    yield visiting
    visiting.leave()
    assert visiting.unforeseen == []


@pytest.fixture(scope="session")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose jobs take a moment and make nothing."""
    with served(tmp_path_factory.mktemp("fake") / "datasets", **ROOMY) as running:
        yield running
        assert failures(running) == []


@pytest.fixture
def page(visitor: Visitor, fake: Served) -> Page:
    """A page of that server."""
    return visitor.at(fake.address)


def failures(server: Served) -> list[str]:
    """What a server's log calls an error."""
    lines = [line for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if json.loads(line)["level"] == "error"]
