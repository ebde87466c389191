"""A run on a leash ends with its supervisor: when the pipe closes, or when the beat file stays as it is for too long."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from generation import leash
from generation.leash import Leash
from generation.spec.run_directory import BEAT, write_bytes
from tests.builders import ROOT

LEASHED = """
import subprocess, sys, time
from pathlib import Path
from generation.leash import Leash
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdin=subprocess.DEVNULL)
Leash(Path(sys.argv[1]), float(sys.argv[2])).watch()
print(child.pid, flush=True)
time.sleep(600)
"""


class Clock:
    """Time as a test tells it."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(leash, "time", made)
    return made


def leashed(folder: Path, patience: float) -> subprocess.Popen[str]:
    """A process on a leash that has a child, both in a group of their own."""
    command = [sys.executable, "-c", LEASHED, str(folder), str(patience)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True, cwd=ROOT)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process on a long leash, and its child's pid."""
    with leashed(tmp_path, 60) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
        process.kill()


def state_of(pid: int) -> str:
    """A process's state as the kernel has it; X if it has gone."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.read_text().rpartition(") ")[2][0] if stat.exists() else "X"


def has_ended(pid: int) -> bool:
    """Whether a process of somebody else's has gone."""
    return state_of(pid) in "ZX"


def ended_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not has_ended(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return has_ended(pid)


def test_a_beat_file_that_changes_keeps_the_run_going(tmp_path: Path, clock: Clock) -> None:
    held = Leash(tmp_path, patience=5, _since=clock.now)
    for beat in range(10):
        write_bytes(tmp_path / BEAT, b"1 %d" % beat)
        clock.sleep(4.9)
        assert not held.is_stale()


def test_a_beat_file_that_stays_as_it_is_is_stale_after_the_patience(tmp_path: Path, clock: Clock) -> None:
    write_bytes(tmp_path / BEAT, b"1 1")
    held = Leash(tmp_path, patience=5, _since=clock.now)
    assert not held.is_stale()
    clock.sleep(5.0)
    assert not held.is_stale()
    clock.sleep(0.1)
    assert held.is_stale()


def test_rewriting_the_same_beat_is_no_sign_of_life(tmp_path: Path, clock: Clock) -> None:
    held = Leash(tmp_path, patience=5, _since=clock.now)
    for _ in range(4):
        write_bytes(tmp_path / BEAT, b"1 1")
        held.is_stale()
        clock.sleep(2)
    assert held.is_stale()


def test_a_beat_file_that_was_never_written_is_stale_too(tmp_path: Path, clock: Clock) -> None:
    held = Leash(tmp_path, patience=5, _since=clock.now)
    clock.sleep(5.1)
    assert held.is_stale()


def test_a_beat_of_an_earlier_attempt_lasts_no_longer_than_any_other(tmp_path: Path, clock: Clock) -> None:
    write_bytes(tmp_path / BEAT, b"1 999")
    held = Leash(tmp_path, patience=5, _since=clock.now)
    clock.sleep(4)
    write_bytes(tmp_path / BEAT, b"2 1")
    assert not held.is_stale()
    clock.sleep(4)
    assert not held.is_stale()


def test_a_closed_pipe_ends_the_run_and_its_group_at_once(running: tuple[subprocess.Popen[str], int]) -> None:
    process, child = running
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=2) == -signal.SIGKILL
    assert ended_within(child, 2)


def test_what_is_said_through_the_pipe_is_not_its_end(running: tuple[subprocess.Popen[str], int]) -> None:
    process, _ = running
    assert process.stdin is not None
    process.stdin.write("still here\n")
    process.stdin.flush()
    time.sleep(0.3)
    assert process.poll() is None


def test_a_silent_supervisor_ends_the_run_though_the_pipe_is_open(tmp_path: Path) -> None:
    write_bytes(tmp_path / BEAT, b"1 1")
    with leashed(tmp_path, 0.5) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert process.wait(timeout=4) == -signal.SIGKILL
        assert ended_within(child, 2)


def test_a_run_that_thaws_after_its_supervisor_went_ends_before_it_does_anything(tmp_path: Path) -> None:
    with leashed(tmp_path, 60) as process:
        assert process.stdout is not None and process.stdin is not None
        child = int(process.stdout.readline())
        process.send_signal(signal.SIGSTOP)
        while state_of(process.pid) != "T":
            time.sleep(0.01)
        process.stdin.close()
        time.sleep(0.3)
        assert not has_ended(child)
        process.send_signal(signal.SIGCONT)
        assert process.wait(timeout=2) == -signal.SIGKILL
        assert ended_within(child, 2)
