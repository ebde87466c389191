"""The preview server of a host: started once, asked, and given up on when it does not work."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from generation.spec.config import Config
from generation.spec.preview_client import Sample
from tests.webapp.serving import until
from webapp import preview
from webapp.preview import Preparing, Previews, Unavailable
from webapp.processes import is_alive
from webapp.settings import Settings

SLEEPER = (sys.executable, "-c", "import os, sys, time; print(os.environ.get('DATABASE_URL')); time.sleep(60)")
FAILURE = (sys.executable, "-c", "print('no engine here')")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(datasets_dir=tmp_path)


@pytest.fixture
def previews(settings: Settings) -> Iterator[Previews]:
    made = Previews(settings, SLEEPER)
    yield made
    made.stop()
    for child in made.children:
        child.wait(timeout=10)


def ask(previews: Previews) -> object:
    return previews.rows(Config(), ["households"])


def server_of(settings: Settings) -> dict[str, object]:
    return dict(json.loads((settings.state_dir / "preview.json").read_text()))


def test_the_first_question_starts_the_server_and_is_told_to_wait(previews: Previews) -> None:
    assert ask(previews) == Preparing()
    assert is_alive(server_of(previews.settings))


def test_a_server_that_is_starting_is_not_started_again(previews: Previews) -> None:
    ask(previews)
    first = server_of(previews.settings)
    assert ask(previews) == Preparing() and server_of(previews.settings) == first
    assert len(previews.children) == 1


def test_many_that_ask_at_once_start_one_server(settings: Settings) -> None:
    processes = [Previews(settings, SLEEPER) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(ask, processes)) == {Preparing()}
    children = [child for process in processes for child in process.children]
    processes[0].stop()
    assert len(children) == 1 and children[0].wait(timeout=10) != 0


def test_a_server_that_ends_at_once_is_not_started_again_and_again(settings: Settings) -> None:
    previews = Previews(settings, FAILURE)
    ask(previews)
    previews.children[0].wait(timeout=10)
    answer = ask(previews)
    assert isinstance(answer, Unavailable) and "its log says why" in answer.reason
    assert "no engine here" in (settings.state_dir / "preview.log").read_text()


def test_after_a_rest_it_is_tried_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    previews = Previews(settings, FAILURE)
    ask(previews)
    previews.children[0].wait(timeout=10)
    monkeypatch.setattr(preview, "REST_SECONDS", 0.0)
    assert ask(previews) == Preparing()
    previews.children[-1].wait(timeout=10)


def test_a_server_that_says_nothing_for_long_is_unavailable(
    previews: Previews, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(previews)
    monkeypatch.setattr(preview, "COLD_SECONDS", 0.0)
    answer = ask(previews)
    assert isinstance(answer, Unavailable) and "no preview server answers" in answer.reason


def test_a_server_gets_no_secrets(previews: Previews, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/db")
    ask(previews)
    log = previews.settings.state_dir / "preview.log"
    assert until(lambda: log.read_text(), 20, "the log").strip() == "None"


def test_a_stopped_server_is_gone(previews: Previews) -> None:
    ask(previews)
    previews.stop()
    until(lambda: not is_alive(server_of(previews.settings)), 20, "its end")
    previews.stop()


def test_the_fake_backend_asks_nobody(settings: Settings) -> None:
    fake = Previews(replace(settings, backend="fake"), FAILURE)
    assert isinstance(ask(fake), Unavailable) and fake.children == []


def answer_once(path: Path, answer: object) -> threading.Thread:
    """A server that gives one answer."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(1 << 16)
            connection.sendall(json.dumps(answer).encode() + b"\n")

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_rows_come_from_the_server_of_the_host(previews: Previews) -> None:
    table = {"columns": ["household_id"], "rows": [[1], [2]], "complete": True}
    thread = answer_once(previews.settings.preview_socket, {"tables": {"households": table}, "seconds": 0.1})
    try:
        assert ask(previews) == {"households": Sample(("household_id",), ((1,), (2,)), complete=True)}
    finally:
        thread.join()
        previews.settings.preview_socket.unlink()


@pytest.mark.slow
def test_a_real_server_answers_with_the_rows_of_the_generator(settings: Settings) -> None:
    previews = Previews(settings)
    try:
        config = Config.model_validate({"households": {"count": 50}})
        found = until(lambda: _rows(previews, config), 90, "an answer")
        again = time.monotonic()
        assert _rows(previews, config) == found and time.monotonic() - again < 1
        assert [row[0] for row in found["households"].rows] == list(range(1, 11))
    finally:
        previews.stop()
        for child in previews.children:
            child.wait(timeout=20)
        for left in (settings.preview_socket, Path(f"{settings.preview_socket}.lock")):
            left.unlink(missing_ok=True)


def _rows(previews: Previews, config: Config) -> dict[str, Sample] | None:
    answer = previews.rows(config, ["households"])
    assert not isinstance(answer, Unavailable), answer
    time.sleep(0.3 if isinstance(answer, Preparing) else 0)
    return None if isinstance(answer, Preparing) else dict(answer)


def test_the_socket_is_short_enough_for_any_system(settings: Settings) -> None:
    assert len(os.fsencode(settings.preview_socket)) < 100
