"""Processes of this host: who they are, whether they live, and how they are ended.

A pid alone says little, for it is used again: a process is known by its pid, the time it started and the machine's run.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import psutil


def this_host() -> str:
    """This host, or container, as far as pids mean the same within it."""
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    return f"{socket.gethostname()}/{namespace}"


def supervisors_of(host: str) -> str:
    """What the names of a host's supervisors begin with, as the store keeps them."""
    return f"supervisor:{host}:"


def identity(pid: int) -> dict[str, Any]:
    """What a process is recognised by; of one that has gone already, something that is never alive."""
    try:
        return {"pid": pid, "started": _started(pid), "boot": _boot()}
    except psutil.NoSuchProcess:
        return {"pid": pid, "started": 0.0, "boot": _boot()}


def _started(pid: int) -> float:
    """When a process started, counted from the start of the machine where that is known: the time of day at which it
    started moves whenever the clock is set. Raises `psutil.NoSuchProcess`.
    """
    try:
        after_its_name = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()
        return int(after_its_name[19]) / os.sysconf("SC_CLK_TCK")
    except (FileNotFoundError, ProcessLookupError):
        return psutil.Process(pid).create_time()


@cache
def _boot() -> str:
    """This run of the machine: after the next start the same pid may have started as long after it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def is_alive(process: Mapping[str, Any]) -> bool:
    """Whether that very process still exists; a zombie does not."""
    try:
        pid, started = int(process["pid"]), float(process["started"])
        same = abs(_started(pid) - started) < 0.005 and process["boot"] == _boot()
        return same and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError, KeyError, TypeError, ValueError):
        return False


def end(process: Mapping[str, Any]) -> None:
    """Kills a process and its group, if it is that very process and leads a group of its own."""
    if not is_alive(process):
        return
    pid = int(process["pid"])
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)


def end_all(processes: Mapping[str, Any] | None) -> None:
    """Kills what is left of an attempt on this host; the supervisor first, so that it does not report its worker's death."""
    if (processes or {}).get("host") != this_host():
        return
    for name in ("supervisor", "worker"):
        process = (processes or {}).get(name)
        if isinstance(process, Mapping):
            end(process)


def any_alive(processes: Mapping[str, Any] | None) -> bool:
    """Whether anything of an attempt still lives on this host."""
    if (processes or {}).get("host") != this_host():
        return False
    return any(isinstance(process, Mapping) and is_alive(process) for process in (processes or {}).values())


def has_supervisor(processes: Mapping[str, Any] | None) -> bool:
    """Whether an attempt's supervisor still lives on this host."""
    found = processes or {}
    return found.get("host") == this_host() and is_alive(found.get("supervisor") or {})
