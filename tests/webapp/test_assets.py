"""What the pages ship: pinned, licensed, small, and nothing from anywhere else."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import jinja2
import pytest

WEBAPP = Path(__file__).parents[2] / "webapp"
STATIC, TEMPLATES = WEBAPP / "static", WEBAPP / "templates"
VENDOR = STATIC / "vendor"
CHARTS = WEBAPP.parent / "generation" / "spec" / "charts"
SERVED = sorted(
    path for place in (STATIC, CHARTS) for path in place.rglob("*") if path.suffix in {".css", ".js", ".svg"}
)
PAGES = sorted(TEMPLATES.rglob("*.html"))
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
ORIGIN = re.compile(r"https?://\w[^\s\"'()<>;,]*|(?<=[\"'(])//[\w.-]+")
LICENCE_COMMENT = re.compile(r"/\*!.*?\*/", re.DOTALL)


def lock() -> list[dict[str, Any]]:
    return list(json.loads((VENDOR / "vendor.lock.json").read_text("utf-8")))


def name_of(path: Path) -> str:
    return path.relative_to(WEBAPP.parent).as_posix()


@pytest.mark.parametrize("locked", lock(), ids=lambda locked: locked["file"])
def test_a_vendored_file_has_the_hash_in_the_lock(locked: dict[str, Any]) -> None:
    assert hashlib.sha256((VENDOR / locked["file"]).read_bytes()).hexdigest() == locked["sha256"]


def test_the_lock_names_every_vendored_file() -> None:
    vendored = {path.name for path in VENDOR.iterdir()} - {"vendor.lock.json", "LICENSES.md"}
    assert {locked["file"] for locked in lock()} == vendored


def test_the_lock_names_no_place_to_download_from() -> None:
    assert "://" not in (VENDOR / "vendor.lock.json").read_text("utf-8")


@pytest.mark.parametrize("locked", lock(), ids=lambda locked: locked["file"])
def test_the_licence_of_a_vendored_file_is_beside_it(locked: dict[str, Any]) -> None:
    licences = (VENDOR / "LICENSES.md").read_text("utf-8")
    row = f"| {locked['name']} | {locked['version']} | {locked['file']} | {locked['licence']} |"
    assert row in licences
    assert re.search(rf"^## .*{re.escape(locked['name'])}", licences, re.MULTILINE)


@pytest.mark.parametrize("path", SERVED + PAGES, ids=name_of)
def test_nothing_comes_from_another_origin(path: Path) -> None:
    text = LICENCE_COMMENT.sub("", path.read_text("utf-8"))
    foreign = [origin for origin in ORIGIN.findall(text) if not origin.startswith("http://www.w3.org/")]
    assert foreign == []


def test_everything_the_pages_load_is_under_200_kb() -> None:
    assert sum(path.stat().st_size for path in SERVED) < 200_000


def test_the_script_of_the_pages_is_under_7_kb() -> None:
    assert (STATIC / "app.js").stat().st_size < 7_000


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_needs_no_inline_script_or_style(path: Path) -> None:
    text = re.sub(r"{#.*?#}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert re.findall(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|hx-on|javascript:|[\"']js:", text) == []


def test_the_script_makes_no_code_or_markup_from_text() -> None:
    text = (STATIC / "app.js").read_text("utf-8")
    assert re.findall(r"\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text) == []


@pytest.mark.parametrize("path", COMPONENTS, ids=name_of)
def test_a_component_file_begins_with_the_macros_it_offers(path: Path) -> None:
    text = path.read_text("utf-8")
    said = text[: text.index("-#}")]
    pages_use = {name for page in PAGES if page not in COMPONENTS for name in imported_names(page, path.name)}
    described = set(re.findall(r"(?:^    |call )(\w+)\(", said, re.MULTILINE))
    assert pages_use <= described <= set(re.findall(r"macro (\w+)\(", text))


def imported_names(page: Path, component: str) -> list[str]:
    lines = re.findall(rf"from \"components/{component}\" import (.*?)-?%}}", page.read_text("utf-8"), re.DOTALL)
    return [re.split(r"\s+as\s+", name.strip())[0] for line in lines for name in line.split(",")]


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_is_a_template_that_compiles(path: Path) -> None:
    jinja2.Environment(autoescape=True).parse(path.read_text("utf-8"))
