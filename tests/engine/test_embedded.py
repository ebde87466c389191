"""The embedded engine is a process of its own that lives no longer than the one that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from generation.engine import embedded
from generation.engine.session import EngineLost, EngineUnavailable, session

OWNER = """
import sys, time
from generation.engine import embedded
with embedded.server() as server:
    print(server.port, flush=True)
    time.sleep(600)
"""


def engines(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def gone(process: psutil.Process) -> bool:
    """Whether the process ends within ten seconds."""
    try:
        process.wait(10)
    except psutil.TimeoutExpired:
        return False
    return True


@pytest.fixture
def owner() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdigit()
    yield process
    process.kill()
    process.communicate()


def test_the_engine_ends_with_its_session_and_its_memory_with_it() -> None:
    before = {process.pid for process in engines(os.getpid())}
    with session("embedded") as spark:
        (started,) = [process for process in engines(os.getpid()) if process.pid not in before]
        assert spark.range(3).count() == 3
        assert started.is_running()
    assert gone(started)


def test_the_engine_ends_with_a_process_that_is_killed(owner: subprocess.Popen[str]) -> None:
    (engine,) = engines(owner.pid)
    owner.kill()
    assert gone(engine)


def test_a_call_to_an_engine_that_was_killed_ends_soon_and_says_so() -> None:
    begun = time.monotonic()
    with pytest.raises(EngineLost, match="it was ended by SIGKILL; run again"), session("embedded") as spark:
        started = engines(os.getpid())[-1]
        started.kill()
        spark.range(3).count()
    assert time.monotonic() - begun < 30, "a client's own patience lasts ten minutes"


def test_an_engine_that_stands_still_goes_with_its_session() -> None:
    with embedded.server() as server:
        engine = psutil.Process(server.process.pid)
        engine.suspend()
    assert gone(engine)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_a_group_leaves_the_engine_to_its_process(owner: subprocess.Popen[str], number: int) -> None:
    (engine,) = engines(owner.pid)
    engine.send_signal(number)
    time.sleep(0.3)
    assert engine.is_running() and engine.status() != psutil.STATUS_ZOMBIE


def test_it_starts_beside_folders_that_are_named_like_its_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("generation", "pysail", "signal"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not this one')")
    monkeypatch.chdir(tmp_path)
    with embedded.server() as server:
        assert server.port > 0


def test_an_engine_that_cannot_start_is_said_to_have_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)")
    monkeypatch.setattr(embedded, "__file__", str(broken))
    with pytest.raises(EngineUnavailable, match="ended with status 3"), session("embedded"):
        pass


def test_the_environment_of_the_process_stays_as_it_was() -> None:
    before = dict(os.environ)
    with session("embedded"):
        pass
    assert dict(os.environ) == before
