"""A real server for tests: `python -m webapp` on a free port of this machine, and what it says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

T = TypeVar("T")


def until(found: Callable[[], T | None], seconds: float = 30, what: str = "it") -> T:
    """The first result that is not empty; fails after the deadline."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = found()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds} seconds")


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[bytes]
    log: Path
    address: str
    environment: dict[str, str]

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON body of a request; POST if there is a body."""
        data = None if body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json"} if data is not None else {}
        request = urllib.request.Request(self.address + path, data, {**given, **headers})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def status(self, job_id: str) -> dict[str, Any]:
        """What the API says about a job."""
        code, body = self.ask(f"/generate/status/{job_id}")
        assert code == 200, body
        return dict(body)

    def ended(self, job_id: str, seconds: float = 60) -> dict[str, Any]:
        """The status of a job once it has ended."""
        return until(
            lambda: (s := self.status(job_id))["state"] in ("succeeded", "failed", "cancelled") and s,
            seconds,
            "the end",
        )

    def workers(self) -> list[psutil.Process]:
        """The web processes."""
        return [
            child
            for child in psutil.Process(self.process.pid).children()
            if "webapp.supervisor" not in command_of(child)
        ]

    def stop(self, number: int = signal.SIGTERM, seconds: float = 20) -> int:
        """Ends the server and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=seconds)


@contextmanager
def served(folder: Path, **environment: str) -> Iterator[Served]:
    """A server over a datasets folder; by default with the fake backend and without a starter dataset."""
    given = {
        "DATASETS_DIR": str(folder),
        "HOST": "127.0.0.1",
        "PORT": "0",
        "IDGRAPH_BACKEND": "fake",
        "IDGRAPH_STARTER": "no",
        **environment,
    }
    whole = {**{k: v for k, v in os.environ.items() if k != "DATABASE_URL"}, **given}
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"server-{time.monotonic_ns()}.log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "webapp"], env=whole, stdout=out, stderr=out)
    try:
        address = until(lambda: _address(log, process), 60, "serving")
        yield Served(process, log, address, whole)
    finally:
        _end(process, folder)


def _address(log: Path, process: subprocess.Popen[bytes]) -> str | None:
    assert process.poll() is None, log.read_text()
    for line in log.read_text().splitlines():
        if '"event": "serving"' in line:
            return str(json.loads(line)["addresses"][0])
    return None


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Ends the server and whatever it started: everything that carries this folder in its environment."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for left in of_folder(folder):
        left.kill()


def command_of(process: psutil.Process) -> list[str]:
    """The words that started a process; none for one that has just ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def of_folder(folder: Path) -> list[psutil.Process]:
    """Processes of this app that work on a datasets folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("DATASETS_DIR") == str(folder) and process.pid != os.getpid():
                found.append(process)
        except psutil.Error:
            continue
    return found
