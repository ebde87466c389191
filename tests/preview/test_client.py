"""What a client makes of servers that are not there, slow, refusing or not preview servers at all."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from generation.spec.config import Config
from generation.spec.preview_client import PreviewUnavailable, Sample, ask
from tests.preview.servers import FakePreviews, config, fake_server


@contextmanager
def answering(path: Path, speak: Callable[[socket.socket], None]) -> Iterator[None]:
    """Something that listens at the path and, once spoken to, says what it likes."""

    def serve() -> None:
        with listener.accept()[0] as connection, suppress(OSError):
            connection.recv(1 << 16)
            speak(connection)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(10)


def test_samples_come_back_by_table(path: Path) -> None:
    with fake_server(path, FakePreviews()):
        samples = ask(path, config(output={"seed": 9}), ["households", "devices"], rows=3)
    assert samples == {table: Sample(("seed",), ((9,),), complete=True) for table in ("households", "devices")}


def test_nobody_at_the_path_is_said_with_the_path(path: Path) -> None:
    with pytest.raises(PreviewUnavailable, match=r"no preview server answers at .*/s \(No such file"):
        ask(path, Config(), ["households"])


def test_a_stale_socket_is_said_to_have_nobody_behind_it(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with pytest.raises(PreviewUnavailable, match="Connection refused"):
        ask(path, Config(), ["households"])


def test_a_refusal_is_told_in_the_servers_words(path: Path) -> None:
    with (
        fake_server(path, FakePreviews()),
        pytest.raises(PreviewUnavailable, match=r"table 'pets' is unknown.*; rows must"),
    ):
        ask(path, Config(), ["pets"], rows=0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("pong", "is not JSON"),
        ("[]", "is not an object"),
        ("{}", "has no 'tables'"),
        ('{"tables": {"households": {"columns": [], "rows": 5, "complete": true}}}', "has no 'int' object"),
        ('{"tables": {"households": {"rows": []}}}', "has no 'columns'"),
        ('{"error": "because"}', "refused without a reason"),
        ('{"error": {"problems": [{"message": "one"}, {"message": "two"}]}}', "^one; two$"),
    ],
)
def test_a_strange_answer_is_a_sentence(answer: str, words: str, path: Path) -> None:
    with (
        answering(path, lambda connection: connection.sendall(answer.encode() + b"\n")),
        pytest.raises(PreviewUnavailable, match=words),
    ):
        ask(path, Config(), ["households"])


def test_an_answer_that_breaks_off_is_no_answer(path: Path) -> None:
    with (
        answering(path, lambda connection: connection.sendall(json.dumps({"tables": {}}).encode())),
        pytest.raises(PreviewUnavailable, match="ended before its answer"),
    ):
        ask(path, Config(), ["households"])


def drip(connection: socket.socket) -> None:
    """A byte now and then, so that no single wait is long."""
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.05)


@pytest.mark.parametrize("speak", [drip, lambda connection: time.sleep(1.5)], ids=["drips", "is silent"])
def test_the_timeout_is_for_the_whole_answer(speak: Callable[[socket.socket], None], path: Path) -> None:
    with answering(path, speak):
        begun = time.monotonic()
        with pytest.raises(PreviewUnavailable, match="took too long"):
            ask(path, Config(), ["households"], timeout=0.5)
        assert time.monotonic() - begun < 1.2
