"""What a preview server says to good and bad requests, on samples that cost nothing."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from generation.preview import Abandoned, Asked
from generation.preview_server import LONGEST_REQUEST, MOST_CONNECTIONS, listening, parsed
from generation.spec.problems import InvalidConfig
from tests.preview.servers import FakePreviews, connected, fake_server, request, until

SAMPLE = {"columns": ["seed"], "rows": [[5]], "complete": True}

BAD: list[tuple[str | bytes, list[tuple[str, str]]]] = [
    ("", [("", "not_json")]),
    ("{", [("", "not_json")]),
    (b"\xff\xfe", [("", "not_json")]),
    ("[" * 100_000, [("", "not_json")]),
    ("9" * 5_000, [("", "not_json")]),
    ("[]", [("", "not_an_object")]),
    ("{}", [("/tables", "not_a_list")]),
    (request(tables=()), [("/tables", "not_a_list")]),
    (request(tables=("households", "pets")), [("/tables/1", "unknown_table")]),
    (request(tables=(["households"],)), [("/tables/0", "unknown_table")]),  # type: ignore[arg-type]
    (request(rows=0), [("/rows", "out_of_range")]),
    (request(rows=1001), [("/rows", "out_of_range")]),
    (request(rows=True), [("/rows", "out_of_range")]),
    (request(rows=2.0), [("/rows", "out_of_range")]),
    (request(engine="sc://elsewhere"), [("/engine", "unknown_key")]),
    (request(seed=-1), [("/config/output/seed", "greater_than_equal")]),
    ('{"config": 5, "tables": ["households"]}', [("/config", "model_type")]),
    ('{"config": {"households": {"count": NaN}}, "tables": ["pets"], "rows": -1}',
     [("/tables/0", "unknown_table"), ("/rows", "out_of_range"), ("/config/households/count", "int_type")]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "problems"), BAD, ids=[repr(line)[:40] for line, _ in BAD])
def test_a_bad_request_is_refused_and_the_next_is_answered(
    line: str | bytes, problems: list[tuple[str, str]], path: Path
) -> None:
    with fake_server(path, FakePreviews()), connected(path) as client:
        client.say(line)
        told: list[dict[str, Any]] = client.hear()["error"]["problems"]
        assert [(problem["pointer"], problem["code"]) for problem in told] == problems
        assert all(set(problem) == {"pointer", "code", "message"} and problem["message"] for problem in told)
        client.say(request(5))
        assert client.hear()["tables"] == {"households": SAMPLE}


def test_a_request_may_leave_out_rows_and_settings() -> None:
    asked = parsed(b'{"tables": ["devices", "households", "devices"]}', lambda: True)
    assert (asked.tables, asked.rows, asked.config.output.seed) == (("devices", "households"), 10, 42)


def test_too_long_a_request_is_refused_and_only_its_connection_ends(path: Path) -> None:
    with fake_server(path, FakePreviews()), connected(path) as other:
        with connected(path) as client:
            client.say(request(name="x" * LONGEST_REQUEST))
            assert client.hear()["error"]["problems"][0]["code"] == "too_long"
            assert client.hear() is None
        other.say(request(5))
        assert "tables" in other.hear()


def test_the_longest_request_is_read(path: Path) -> None:
    line = request(5).ljust(LONGEST_REQUEST - 1)
    with fake_server(path, FakePreviews()), connected(path) as client:
        client.say(line)
        assert client.hear()["tables"] == {"households": SAMPLE}


def test_requests_of_a_connection_are_answered_in_order(path: Path) -> None:
    with fake_server(path, FakePreviews()), connected(path) as client:
        client.say("\n".join(request(seed) for seed in range(20)))
        assert [client.hear()["tables"]["households"]["rows"] for _ in range(20)] == [[[seed]] for seed in range(20)]


def test_connections_do_not_wait_for_each_other(path: Path) -> None:
    both = threading.Barrier(2, timeout=20)
    with (
        fake_server(path, FakePreviews(lambda asked: void(both.wait()))),
        connected(path) as one,
        connected(path) as other,
    ):
        one.say(request(1))
        other.say(request(2))
        assert [line.hear()["tables"]["households"]["rows"] for line in (one, other)] == [[[1]], [[2]]]


def void(value: object) -> None:
    """Nothing, whatever it is given."""


def test_who_has_left_is_not_worked_for_and_who_only_stopped_talking_is(path: Path) -> None:
    go_on, heard = threading.Event(), dict[int, bool]()

    def work(asked: Asked) -> None:
        go_on.wait(20)
        heard[asked.config.output.seed] = asked.wanted()
        if not asked.wanted():
            raise Abandoned

    previews = FakePreviews(work)
    with fake_server(path, previews), connected(path) as stays:
        with connected(path) as leaves:
            leaves.say(request(1))
            until(lambda: previews.asked == [1], "the first request")
        stays.say(request(2))
        stays.connection.shutdown(socket.SHUT_WR)
        until(lambda: previews.asked == [1, 2], "the second request")
        go_on.set()
        assert "tables" in stays.hear()
        until(lambda: len(heard) == 2, "both requests")
    assert heard == {1: False, 2: True}


def test_one_client_too_many_is_asked_to_come_again(path: Path) -> None:
    with fake_server(path, FakePreviews()):
        clients = [connected(path) for _ in range(MOST_CONNECTIONS + 1)]
        lines = [client.__enter__() for client in clients]
        assert lines[-1].hear()["error"]["problems"][0]["code"] == "busy"
        lines[0].say(request(5))
        assert "tables" in lines[0].hear()
        for client in clients:
            client.__exit__(None, None, None)
        until(lambda: is_answered(path), "a free place")


def is_answered(path: Path) -> bool:
    with connected(path) as client:
        client.say(request(5))
        return "tables" in (client.hear() or {})


def fails(asked: Asked) -> None:
    """As an engine does."""
    raise RuntimeError("out of luck")


def test_a_failure_is_told_and_logged_and_ends_nothing(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    previews = FakePreviews(fails)
    with fake_server(path, previews) as server, connected(path) as client:
        client.say(request(1))
        assert [p["code"] for p in client.hear()["error"]["problems"]] == ["failed"]
        previews.work = void
        client.say(request(5))
        assert client.hear()["tables"] == {"households": SAMPLE}
        assert not server.lost_engine
    assert "out of luck" in capfd.readouterr().err


def test_a_dead_engine_ends_the_server(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with fake_server(path, FakePreviews(fails, alive=False)) as server, connected(path) as client:
        client.say(request(1))
        assert "error" in client.hear()
        until(lambda: server.lost_engine, "the server to notice")
    assert not path.exists()
    assert "out of luck" in capfd.readouterr().err


def test_the_socket_is_for_its_user_alone_and_goes_with_the_server(path: Path) -> None:
    with fake_server(path, FakePreviews()):
        assert path.stat().st_mode & 0o777 == 0o600
        assert Path(f"{path}.lock").stat().st_mode & 0o777 == 0o600
    assert not path.exists()


def test_a_stale_socket_is_replaced(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with fake_server(path, FakePreviews()):
        assert is_answered(path)


@pytest.mark.parametrize("kind", ["file", "folder", "nowhere", "long"])
def test_a_path_without_room_for_a_socket_is_refused_and_left_alone(kind: str, path: Path) -> None:
    wanted = {"nowhere": path / "s", "long": path.with_name("s" * 120)}.get(kind, path)
    if kind == "file":
        path.write_text("mine")
    if kind == "folder":
        path.mkdir()
    with pytest.raises(InvalidConfig, match="give another path") as refused, listening(wanted):
        pass
    assert [problem.pointer for problem in refused.value.problems] == ["/socket"]
    assert kind != "file" or path.read_text() == "mine"


def test_nobody_asking_ends_the_server_and_an_open_connection_does_not_keep_it(path: Path) -> None:
    with fake_server(path, FakePreviews(), idle_seconds=0.3), connected(path) as client:
        client.say(request(5))
        assert "tables" in client.hear()
        until(has_ended, "the end")


def has_ended() -> bool:
    return not any(thread.name.endswith("(serve)") and thread.is_alive() for thread in threading.enumerate())


def test_a_request_in_work_is_not_idleness(path: Path) -> None:
    go_on = threading.Event()
    with (
        fake_server(path, FakePreviews(lambda asked: void(go_on.wait(20))), idle_seconds=0.2),
        connected(path) as client,
    ):
        client.say(request(5))
        threading.Timer(1.0, go_on.set).start()
        assert client.hear()["tables"] == {"households": SAMPLE}
        assert not has_ended()


def test_a_server_whose_socket_was_removed_ends(path: Path) -> None:
    with fake_server(path, FakePreviews()):
        path.unlink()
        until(has_ended, "the end")


def test_answers_are_single_lines(path: Path) -> None:
    with fake_server(path, FakePreviews()), connected(path) as client:
        client.say(json.dumps({"tables": ["house\nholds"]}))
        assert client.hear()["error"]["problems"][0]["code"] == "unknown_table"
