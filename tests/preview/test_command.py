"""`idgraph serve-preview` as a process: one a socket, and how it ends."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from generation.__main__ import main
from tests.builders import idgraph
from tests.preview.servers import PATIENCE, connected, request, serving

BAD_INPUT = 2


def test_it_ends_with_its_parent_and_removes_its_socket(path: Path) -> None:
    with serving(path) as server:
        with connected(path) as client:
            client.say("{}")
            assert "error" in client.hear()
        _, err = server.communicate(timeout=PATIENCE)
        assert (server.returncode, err) == (0, "")
    assert not path.exists()


def test_a_second_one_leaves_the_first_in_place(path: Path) -> None:
    with serving(path):
        second = idgraph("serve-preview", str(path))
        assert (second.returncode, second.stdout) == (0, "")
        assert second.stderr == f"idgraph: previews are served at {path} already\n"
        with connected(path) as client:
            client.say("{}")
            assert "error" in client.hear()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_also_in_the_middle_of_work(number: signal.Signals, path: Path) -> None:
    with serving(path) as server, connected(path) as client:
        client.say(request(1, tables=("identity_mappings",)))
        server.send_signal(number)
        assert server.wait(PATIENCE) == 0
    assert not path.exists()


def test_it_ends_when_nobody_asks(path: Path) -> None:
    with serving(path, "--idle-seconds", "0.5") as server:
        assert server.wait(PATIENCE) == 0
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "SOCKET"),
        (("/nowhere/at/all/s",), "socket /nowhere/at/all/s: No such file or directory; give another path"),
        (("s", "--idle-seconds", "0"), "a number of seconds over 0 and up to 86400, got '0'"),
        (("s", "--idle-seconds", "nan"), "a number of seconds over 0 and up to 86400, got 'nan'"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused_in_one_line(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["serve-preview", *arguments])
    except SystemExit as error:
        code = int(error.code or 0)
    said = capsys.readouterr().err
    assert (code, said.count("\n"), words in said) == (BAD_INPUT, 1, True), said


def test_an_engine_that_is_not_there_is_named_and_leaves_no_socket(path: Path) -> None:
    done = idgraph("serve-preview", str(path), "--engine", "sc://127.0.0.1:9")
    assert done.returncode == BAD_INPUT
    assert done.stderr.startswith("idgraph: engine sc://127.0.0.1:9: no Spark Connect server answers")
    assert not path.exists()
