"""The server as users start it: real gunicorn, real processes, the fake backend."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.webapp.serving import Served, command_of, of_folder, served, until

SLOW = {"IDGRAPH_FAKE_STEP_SECONDS": "0.3", "IDGRAPH_LEASE_SECONDS": "3", "IDGRAPH_BEAT_SECONDS": "0.2"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served") / "datasets") as running:
        yield running


def started(server: Served, name: str) -> str:
    code, body = server.ask("/generate/start", {"config": {"output": {"name": name}}})
    assert code == 202, body
    return str(body["job_id"])


def supervisor(folder: Path) -> psutil.Process | None:
    found = [p for p in of_folder(folder) if "webapp.supervisor" in command_of(p)]
    return found[0] if found else None


def test_it_is_ready_once_it_serves(server: Served) -> None:
    assert server.ask("/healthz") == (200, {"status": "ok"})
    assert server.ask("/readyz")[0] == 200


def test_http_2_without_tls_is_spoken_beside_http_1(server: Served) -> None:
    command = ["curl", "-s", "-o", os.devnull, "-w", "%{http_version} %{http_code}", server.address + "/healthz"]
    assert subprocess.check_output([*command, "--http2-prior-knowledge"], text=True) == "2 200"
    assert subprocess.check_output([*command, "--http1.1"], text=True) == "1.1 200"


def test_a_job_runs_to_its_end_without_anybody_watching(server: Served) -> None:
    assert server.ended(started(server, "unwatched"))["state"] == "succeeded"


def test_a_killed_web_process_is_replaced_and_its_job_goes_on(tmp_path: Path) -> None:
    with served(tmp_path / "d", **SLOW) as server:
        job_id = started(server, "one")
        until(lambda: supervisor(tmp_path / "d"), what="a supervisor")
        for worker in server.workers():
            worker.kill()
        status = server.ended(job_id)
        assert (status["state"], status["attempt"]) == ("succeeded", 1)


def test_a_reload_leaves_running_jobs_alone(tmp_path: Path) -> None:
    with served(tmp_path / "d", **SLOW) as server:
        job_id = started(server, "one")
        until(lambda: supervisor(tmp_path / "d"), what="a supervisor")
        server.process.send_signal(signal.SIGHUP)
        status = server.ended(job_id)
        assert (status["state"], status["attempt"]) == ("succeeded", 1)


def test_an_orderly_stop_gives_the_job_back_and_the_next_start_finishes_it(tmp_path: Path) -> None:
    with served(tmp_path / "d", **SLOW) as server:
        job_id = started(server, "one")
        until(lambda: supervisor(tmp_path / "d"), what="a supervisor")
        until(lambda: server.status(job_id)["progress"]["done"] > 0, what="progress")
        server.stop()
        until(lambda: supervisor(tmp_path / "d") is None, 5, "the supervisor's end")
    with served(tmp_path / "d", **SLOW) as server:
        assert server.ended(job_id)["state"] == "succeeded"


def test_after_the_whole_server_is_killed_the_job_still_ends_once(tmp_path: Path) -> None:
    with served(tmp_path / "d", **SLOW) as server:
        job_id = started(server, "one")
        until(lambda: supervisor(tmp_path / "d"), what="a supervisor")
        server.process.kill()
    with served(tmp_path / "d", **SLOW) as server:
        assert server.ended(job_id)["state"] == "succeeded"


def test_two_servers_may_start_on_one_empty_store(tmp_path: Path) -> None:
    with served(tmp_path / "d") as one, served(tmp_path / "d") as other:
        job_id = started(one, "shared")
        assert other.ended(job_id)["state"] == "succeeded"


def refused(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "webapp"], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2, done
    return done.stderr


def test_a_port_in_use_is_said_before_any_work(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"PORT {port}" in refused(PORT=port, DATASETS_DIR=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_cannot_be_used_is_named_without_secrets(tmp_path: Path) -> None:
    said = refused(DATABASE_URL="mysql://me:secret@db/x", DATASETS_DIR=str(tmp_path))
    assert "DATABASE_URL" in said and "secret" not in said


def test_the_starter_dataset_is_made_once_and_is_in_the_history(tmp_path: Path) -> None:
    for _ in range(2):
        with served(tmp_path / "d", IDGRAPH_STARTER="yes") as server:
            code, body = server.ask(
                "/generate/start", {"config": {"output": {"name": "starter"}}, "idempotency_key": "starter"}
            )
            assert code == 200, body
            assert server.status(body["job_id"])["state"] == "succeeded"
            server.stop()
