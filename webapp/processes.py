"""Processes of this host: who they are, whether they live, and how they are ended.

A pid alone says little, for it is used again: a process is known by its pid and the time it started.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Mapping
from typing import Any

import psutil


def this_host() -> str:
    """This host, or container, as far as pids mean the same within it."""
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    return f"{socket.gethostname()}/{namespace}"


def identity(pid: int) -> dict[str, Any]:
    """What a process is recognised by; of one that has gone already, something that is never alive."""
    try:
        return {"pid": pid, "started": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return {"pid": pid, "started": 0.0}


def is_alive(process: Mapping[str, Any]) -> bool:
    """Whether that very process still exists; a zombie does not."""
    try:
        found = psutil.Process(int(process["pid"]))
        same = abs(found.create_time() - float(process["started"])) < 0.05
        return same and found.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, KeyError, TypeError, ValueError):
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
