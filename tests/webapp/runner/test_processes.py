"""Processes are known by pid, start and the machine's run: none but the very one is ever ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.webapp.stage import gone_within, until
from webapp import processes
from webapp.processes import any_alive, end, end_all, has_supervisor, identity, is_alive, this_host

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; print(subprocess.Popen(sys.argv[1:]).pid, flush=True); time.sleep(600)",
    *SLEEP,
]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a group of its own."""
    started = subprocess.Popen(SLEEP, start_new_session=True)
    yield started
    started.kill()
    started.wait()


def test_a_process_lives_until_it_has_ended(sleeper: subprocess.Popen[bytes]) -> None:
    known = identity(sleeper.pid)
    assert is_alive(known)
    sleeper.kill()
    until(lambda: not is_alive(known), 5)
    assert psutil.Process(sleeper.pid).status() == psutil.STATUS_ZOMBIE, "nobody has waited for it yet"
    sleeper.wait()
    assert not is_alive(known)


def test_a_frozen_process_lives(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.send_signal(signal.SIGSTOP)
    assert is_alive(identity(sleeper.pid))


def test_a_process_that_has_gone_has_an_identity_that_never_lives(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    sleeper.wait()
    assert not is_alive(identity(sleeper.pid))


@pytest.mark.parametrize("change", [{"started": 12.5}, {"boot": "another run of the machine"}], ids=["started", "boot"])
def test_a_pid_that_was_used_again_is_neither_alive_nor_ended(
    sleeper: subprocess.Popen[bytes], change: dict[str, object]
) -> None:
    other = {**identity(sleeper.pid), **change}
    end(other)
    end_all({"host": this_host(), "supervisor": other, "worker": other})
    time.sleep(0.1)
    assert not is_alive(other) and sleeper.poll() is None


@pytest.mark.parametrize(
    "known", [{}, {"pid": "x", "started": 1, "boot": ""}, {"pid": None}, {"pid": 2**40, "started": 1}]
)
def test_what_is_no_identity_is_not_alive_and_ends_nothing(known: dict[str, object]) -> None:
    end(known)
    assert not is_alive(known)


def test_setting_the_clock_does_not_make_a_process_another(
    sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel reports when the machine started by the wall clock: when that is set, every process seems to move."""
    known, boot_time = identity(sleeper.pid), psutil.boot_time()
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: boot_time + 3_600)
    assert is_alive(known) and identity(sleeper.pid) == known


def test_ending_a_group_leader_ends_its_group() -> None:
    leader = subprocess.Popen(PARENT, stdout=subprocess.PIPE, start_new_session=True)
    with leader:
        assert leader.stdout is not None
        child = psutil.Process(int(leader.stdout.readline()))
        end(identity(leader.pid))
        gone_within(child, 2)
        assert leader.wait(timeout=2) == -signal.SIGKILL


def test_ending_a_process_within_another_group_spares_the_group() -> None:
    leader = subprocess.Popen(PARENT, stdout=subprocess.PIPE, start_new_session=True)
    with leader:
        assert leader.stdout is not None
        child = psutil.Process(int(leader.stdout.readline()))
        end(identity(child.pid))
        gone_within(child, 2)
        assert leader.poll() is None
        leader.kill()


def test_a_frozen_process_can_be_ended(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.send_signal(signal.SIGSTOP)
    end(identity(sleeper.pid))
    assert sleeper.wait(timeout=2) == -signal.SIGKILL


def test_processes_of_another_host_are_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    known = {"host": "elsewhere", "attempt": 1, "supervisor": identity(sleeper.pid)}
    end_all(known)
    assert sleeper.poll() is None
    assert not any_alive(known) and not has_supervisor(known)


def test_what_is_left_of_an_attempt_is_ended(sleeper: subprocess.Popen[bytes]) -> None:
    known = {"host": this_host(), "attempt": 1, "supervisor": identity(sleeper.pid), "worker": {"pid": 2**22 + 1}}
    assert any_alive(known) and has_supervisor(known)
    end_all(known)
    until(lambda: not any_alive(known), 2)


@pytest.mark.parametrize("known", [None, {}, {"host": this_host()}, {"host": this_host(), "attempt": 1}])
def test_an_attempt_without_processes_has_none_to_end(known: dict[str, object] | None) -> None:
    end_all(known)
    assert not any_alive(known) and not has_supervisor(known)


def test_a_host_is_its_name_and_where_its_pids_count(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = this_host()
    monkeypatch.setattr(processes.socket, "gethostname", lambda: "elsewhere")
    assert this_host() != mine and this_host().startswith("elsewhere/")
    assert os.readlink("/proc/self/ns/pid") in mine
