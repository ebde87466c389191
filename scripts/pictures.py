"""Takes the pictures of docs/pictures from a real server: the wizard, a job at work and its dataset.

`--every FOLDER` takes all pages instead, wide and narrow, light and dark, for looking at them after a change of the design.
Needs the test environment and a Chromium: `make pictures`.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Page, expect

from tests.e2e.chromium import Visitor, chromium
from tests.e2e.conftest import ROOMY
from tests.e2e.journeys import answer, arrive, begin, generate, preset_button, press, reach
from tests.e2e.places import PLACES, known
from tests.webapp.serving import served
from webapp.steps import Step

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 320, "height": 640}


def readme_pictures(folder: Path) -> None:
    """A step, a job in the middle of its work, and the dataset it made."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with served(folder, IDGRAPH_BACKEND="local") as server, chromium() as browser:
        page = Visitor(browser).at(server.address, viewport=WIDE, device_scale_factor=1.5, color_scheme="light")
        begin(page)
        answer(page, "Households", "40,000")
        taken(page, "wizard")
        page.goto("/")
        preset_button(page, "Use this preset").click()
        arrive(page, Step.REVIEW)
        generate(page, "starter")
        expect(page.get_by_role("row", name=re.compile("^individuals"))).to_contain_text("100%", timeout=60_000)
        page.screenshot(path=PICTURES / "job.png")
        reach(page, "Succeeded", 120)
        press(page, "Open the dataset")
        page.wait_for_timeout(1500)
        page.screenshot(
            path=PICTURES / "report.png", full_page=True, clip={"x": 0, "y": 0, "width": 1280, "height": 1700}
        )


def taken(page: Page, name: str) -> None:
    """The picture of what is seen once the page is quiet."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def every_picture(folder: Path, pictures: Path) -> None:
    """Whole pages: wide in the light scheme, narrow in the dark one."""
    pictures.mkdir(parents=True, exist_ok=True)
    with served(folder, **{**ROOMY, "IDGRAPH_BACKEND": "local"}) as server:
        made = [_job(server, name, count) for name, count in (("first", 300), ("second", 400))]
    with served(folder, **ROOMY) as server, chromium() as browser:
        page = Visitor(browser).at(server.address, viewport=WIDE)
        visited = known(page, *made)
        for name, go in PLACES.items():
            for size, scheme in ((WIDE, "light"), (NARROW, "dark")):
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                go(page, visited)
                page.wait_for_timeout(700)
                page.screenshot(path=pictures / f"{name.replace(' ', '-')}-{scheme}.png", full_page=True)


def _job(server, name: str, households: int) -> str:  # type: ignore[no-untyped-def]  # a server of the tests
    config = {"households": {"count": households}, "output": {"name": name}}
    job = str(server.ask("/generate/start", {"config": config})[1]["job_id"])
    server.ended(job)
    return job


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=Path, metavar="FOLDER", help="all pages, into a folder")
    chosen = parser.parse_args().every
    with tempfile.TemporaryDirectory() as scratch:
        every_picture(Path(scratch) / "datasets", chosen) if chosen else readme_pictures(Path(scratch) / "datasets")
