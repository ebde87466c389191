"""Debian's Chromium, and visitors whose pages may complain of nothing that a test did not foresee."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

PROGRAM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 15
"""How long a page may take to become what a test waits for."""


def require_chromium() -> None:
    """Stops the test if there is no browser: in CI it fails, for there everything has to be installed."""
    if shutil.which(PROGRAM) is None:
        remedy = f"{PROGRAM} is not there (Debian: apt-get install chromium), and CHROMIUM names no other"
        if os.environ.get("CI") or os.environ.get("IDGRAPH_CI") == "1":
            pytest.fail(remedy)
        pytest.skip(remedy)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without pages."""
    require_chromium()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=PROGRAM, args=list(OPTIONS))
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody who opens pages. Every error that a page or its console tells of, and every request to another origin, is
    kept, unless the test foresaw it.
    """

    browser: Browser
    complaints: list[str] = field(default_factory=list)
    foreseen: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def foresees(self, pattern: str) -> None:
        """Complaints that match are none."""
        self.foreseen.append(pattern)

    def at(self, address: str, **options: Any) -> Page:
        """An empty page of a new profile, whose addresses are those of a server."""
        settings = {"base_url": address, "viewport": {"width": 1280, "height": 900}, **options}
        context = self.browser.new_context(**settings)
        context.set_default_timeout(SECONDS * 1000)
        own = urlsplit(address).netloc
        context.on("console", self._on_console)
        context.on("weberror", lambda failure: self.complaints.append(f"page error: {failure.error}"))
        context.on("request", lambda request: self._on_request(request, own))
        self.contexts.append(context)
        return context.new_page()

    def _on_console(self, line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            self.complaints.append(f"console: {line.text}")

    def _on_request(self, request: Request, own: str) -> None:
        where = urlsplit(request.url)
        if where.netloc != own and where.scheme not in ("data", "blob", "about"):
            self.complaints.append(f"foreign request: {request.method} {request.url}")

    @property
    def unforeseen(self) -> list[str]:
        """What nobody reckoned with."""
        return [said for said in self.complaints if not any(re.search(known, said) for known in self.foreseen)]

    def leave(self) -> None:
        """Closes all pages."""
        for context in self.contexts:
            context.close()
