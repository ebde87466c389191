"""A process and those it started, taken together: the memory they hold and the seconds that cores work for them."""

from __future__ import annotations

import resource
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

EVERY_SECONDS = 0.1


@dataclass
class Held:
    """The largest memory that was seen so far, in bytes. What processes share counts for each of them."""

    peak_bytes: int = 0


@contextmanager
def watched(pid: int | None = None) -> Iterator[Held]:
    """The memory of a process (default: this one) and those it started, looked at ten times a second within."""
    held, ended, first = Held(), threading.Event(), psutil.Process(pid)

    def look() -> None:
        while not ended.wait(EVERY_SECONDS):
            held.peak_bytes = max(held.peak_bytes, _resident(first))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        ended.set()
        thread.join()


def _resident(first: psutil.Process) -> int:
    total = 0
    for process in _members(first):
        with suppress(psutil.Error):  # ended meanwhile
            total += process.memory_info().rss
    return total


def _members(first: psutil.Process) -> list[psutil.Process]:
    try:
        return [first, *first.children(recursive=True)]
    except psutil.Error:
        return []


def answered(words: list[str]) -> tuple[str, float, int]:
    """What a program printed, its seconds, and the most memory that it and those it started held; `SystemExit` if it fails."""
    begun = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    with watched(process.pid) as held:
        answer, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} failed")
    return answer, time.perf_counter() - begun, held.peak_bytes


def core_seconds() -> float:
    """Seconds that cores have worked for this process and those it started, those under way included."""
    ended = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    total = sum(usage.ru_utime + usage.ru_stime for usage in ended)
    for process in _members(psutil.Process())[1:]:
        with suppress(psutil.Error):
            used = process.cpu_times()
            total += used.user + used.system
    return total
