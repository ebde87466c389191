"""The report as a file: it needs nothing else, is accessible in both schemes and prints."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from generation.spec.certificate import Report
from generation.spec.certificate.page import page as written
from generation.verify import Finding, verify
from generation.verify.report import report

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]

in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def file(made: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(written(made), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: Browser, file: Path) -> Iterator[Page]:
    """The file in a browser without a network; whatever it asks for besides itself is a failure."""
    context = browser.new_context(offline=True)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: asked.append(line.text) if line.type in ("error", "warning") else None)
    page.goto(file.as_uri())
    yield page
    context.close()
    assert [url for url in asked if url != file.as_uri() and not url.startswith("data:")] == []


def test_rules_are_those_of_the_datasets_tables_and_each_table_has_them_in_one_place(made: Report) -> None:
    assert {rule.table for rule in made.rules} == {table.name for table in made.tables}
    headings = re.findall(r'id="(r-rules-[a-z_]+)-caption"', written(made))
    assert len(headings) == len(set(headings)) == len(made.tables)


@in_a_browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_the_page_is_accessible(opened: Page, scheme: str, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 900})
    opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    if (scheme, width) == ("light", 1280):
        folded = "document.querySelectorAll('.r-figure .r-details, .r-details:first-of-type')"
        opened.evaluate(f"{folded}.forEach(one => one.open = true)")
    found = Axe().run(opened, options={"runOnly": RULES, "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    assert opened.evaluate("document.documentElement.scrollWidth") == width


@in_a_browser
def test_paper_shows_what_the_screen_folds_away(opened: Page) -> None:
    opened.emulate_media(media="print")
    for part in ("#r-rules table", "#r-dictionary table", ".r-figure svg"):
        assert opened.locator(part).first.evaluate("one => one.getBoundingClientRect().height > 10"), part
    assert opened.locator(".r-contents").is_hidden()
    assert opened.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_page_names_no_address_and_runs_nothing(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"<script|<link rel=\"stylesheet|<iframe|@import|url\(|\son\w+=", text) == []
    assert [url for url in re.findall(r"https?://[^\"' )]+", text) if not url.startswith("http://www.w3.org")] == []


def test_every_element_is_closed_in_order(file: Path) -> None:
    assert nesting_errors(file.read_text(encoding="utf-8")) == []


VOID = {"meta", "link", "br", "img", "input"}


def nesting_errors(text: str) -> list[str]:
    open_, errors = [], []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in VOID:
                open_.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if not open_ or open_.pop() != tag:
                errors.append(tag)

        def handle_startendtag(self, tag: str, attrs: object) -> None:
            pass

    Reader().feed(text)
    return errors + open_


def test_every_knob_and_rule_is_on_the_page(made: Report, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count('class="r-name"') == len(made.knobs)
    assert [rule.name for rule in made.rules if f">{rule.name}<" not in text] == []


def test_words_of_a_dataset_are_text_and_no_markup(made: Report) -> None:
    evil = "<script>alert(1)</script>"
    changed = made.model_copy(deep=True)
    changed.over_linked[0].value = changed.figures[0].labels[0] = changed.figures[-1].series[0].name = evil
    changed.dataset.name = evil
    assert "<script" not in written(changed)


def test_a_broken_dataset_has_findings_and_no_figures(good_dataset: Path) -> None:
    finding = Finding(
        "household_size_equals_members", "households", "size is the number of members.", 3, ("1", "2", "7")
    )
    verdict = dataclasses.replace(verify(good_dataset), ok=False, findings=(finding,))
    made = report(good_dataset, None, verdict)
    assert [rule.name for rule in made.broken] == [finding.rule]
    assert (made.figures, made.knobs) == ([], [])
    text = written(made)
    assert f"1 of {len(made.rules)} rules are broken" in text and "1, 2, 7" in text


def test_the_report_of_equal_datasets_is_equal(good_dataset: Path, made: Report) -> None:
    assert report(good_dataset, None, verify(good_dataset)) == made
