"""Servers and workers that are killed while somebody looks: nothing is lost, and nothing happens twice."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chromium import Visitor
from tests.e2e.journeys import answer, arrive, arrive_at_job, begin, new_job, preset_button, press, reach
from tests.e2e.test_jobs import happened
from tests.webapp.serving import Served, command_of, of_folder, served, until
from webapp.steps import Step

LOST = ("net::ERR_", "htmx:(sendError|afterRequest)")
"""What the console says of requests that nobody answers."""


def kill_everything(server: Served) -> None:
    """No process of the server lives on."""
    for process in of_folder(Path(server.environment["DATASETS_DIR"])):
        process.kill()
    server.process.wait(timeout=10)


def port_of(server: Served) -> str:
    return str(urlsplit(server.address).port)


def forgives_silence(visitor: Visitor) -> None:
    for words in LOST:
        visitor.foresees(words)


def test_a_page_outlives_its_server_and_shows_the_truth_when_it_is_back(visitor: Visitor, tmp_path: Path) -> None:
    forgives_silence(visitor)
    slow = {"IDGRAPH_FAKE_STEP_SECONDS": "0.5"}
    with served(tmp_path / "datasets", **slow) as server:
        page = visitor.at(server.address)
        new_job(page, "outlived")
        reach(page, "Running")
        kill_everything(server)
        banner = page.get_by_role("alert").filter(has_text="The server does not answer.")
        expect(banner).to_be_visible()
        with served(tmp_path / "datasets", PORT=port_of(server), **slow):
            expect(banner).to_be_hidden()
            reach(page, "Succeeded", 40)
            assert happened(page)[-1] == "Verified and published"
            assert happened(page).count("Verified and published") == 1


def test_what_is_typed_while_the_server_is_away_is_not_lost(visitor: Visitor, tmp_path: Path) -> None:
    forgives_silence(visitor)
    with served(tmp_path / "datasets") as server:
        page = visitor.at(server.address)
        begin(page)
        kill_everything(server)
        page.get_by_label("Households", exact=True).fill("4,321")
        press(page, "Continue")
        expect(page.get_by_role("alert").filter(has_text="What you typed is still here")).to_be_visible()
        with served(tmp_path / "datasets", PORT=port_of(server)):
            press(page, "Continue")
            arrive(page, Step.DEMOGRAPHICS)
            page.go_back()
            expect(page.get_by_label("Households", exact=True)).to_have_value("4,321")


def running(server: Served, words: str) -> list[psutil.Process]:
    """The server's processes of a kind."""
    return [one for one in of_folder(Path(server.environment["DATASETS_DIR"])) if words in " ".join(command_of(one))]


def kill(server: Served, words: str) -> None:
    """Kills a process of a kind, once there is one."""
    victim = until(lambda: running(server, words), 60, words)[0]
    victim.send_signal(signal.SIGKILL)
    until(lambda: victim not in running(server, words), 10, f"the end of {words}")


def progress_of(server: Served, job_id: str) -> float:
    return float(server.status(job_id)["progress"]["fraction"])


def moves(folder: Path, job_id: str) -> list[tuple[str, int]]:
    """Every state that a job has been in, and the attempt that brought it there."""
    with closing(sqlite3.connect(folder / "_app" / "store.db")) as store:
        query = "SELECT after, attempt FROM job_event WHERE job_id = ? ORDER BY n"
        return [(state, attempt) for state, attempt in store.execute(query, (job_id,))]


@pytest.mark.slow
def test_each_process_is_killed_in_turn_and_the_job_succeeds_once(visitor: Visitor, tmp_path: Path) -> None:
    forgives_silence(visitor)
    folder, real = tmp_path / "datasets", {"IDGRAPH_BACKEND": "local"}
    with served(folder, **real) as server:
        page = visitor.at(server.address)
        job_id = started(page)
        for worker in server.workers():
            worker.kill()
        reach(page, "Running", 30)
        kill(server, "webapp.supervisor")
        until(lambda: server.status(job_id)["attempt"] == 2, 30, "a second attempt")
        until(lambda: progress_of(server, job_id) > 0, 60, "progress of the second attempt")
        kill(server, "generation run")
        until(lambda: server.status(job_id)["attempt"] == 3, 30, "a third attempt")
        server.process.kill()
        server.process.wait(timeout=10)
        for worker in running(server, "-m webapp"):
            if "supervisor" not in " ".join(command_of(worker)):
                worker.kill()
        with served(folder, PORT=port_of(server), **real):
            reach(page, "Succeeded", 120)
            expect(page.get_by_role("button", name="Open the dataset")).to_be_visible()
            assert happened(page).count("Verified and published") == 1
    assert [state for state, _ in moves(folder, job_id)] == [
        "queued", "running", "queued", "running", "queued", "running", "succeeded",
    ]  # fmt: skip
    assert [attempt for state, attempt in moves(folder, job_id) if state == "running"] == [1, 2, 3]


def started(page: Page) -> str:
    """The id of a small job, started in the browser."""
    page.goto("/")
    preset_button(page, "Use this preset", "small").click()
    arrive(page, Step.REVIEW)
    answer(page, "Name of the dataset", "killed")
    press(page, "Generate dataset")
    return arrive_at_job(page, "killed").rsplit("/", 1)[1]
