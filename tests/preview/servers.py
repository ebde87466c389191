"""Preview servers for tests: the real command in a process, and the sockets alone on samples that cost nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generation.preview import Asked
from generation.preview_server import PreviewServer, listening
from generation.spec.config import Config
from generation.spec.preview_client import Sample
from tests.builders import ROOT, command

PATIENCE = 60.0
"""Seconds after which a test gives up: an engine may start on a busy machine."""


def until(condition: Callable[[], object], what: str) -> None:
    """Waits for a condition, briefly at a time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s in vain for {what}"
        time.sleep(0.02)


@contextmanager
def serving(path: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, once it says that it serves; ended by its pipe if the test has not ended it."""
    process = subprocess.Popen(
        command("serve-preview", str(path), "--with-parent", *options),
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"serving previews at {path}\n", process.communicate(timeout=PATIENCE)[1]
        try:
            yield process
        finally:
            if process.poll() is None:
                process.communicate(timeout=PATIENCE)


@dataclass
class FakePreviews:
    """Answers at once with the seed it was asked for; `work` may hold it up or fail."""

    work: Callable[[Asked], None] = lambda asked: None
    alive: bool = True
    asked: list[int] = field(default_factory=list)

    def samples(self, asked: Asked) -> dict[str, Sample]:
        """One row a table."""
        self.asked.append(asked.config.output.seed)
        self.work(asked)
        return {table: Sample(("seed",), ((asked.config.output.seed,),), True) for table in asked.tables}

    def is_alive(self) -> bool:
        """As told."""
        return self.alive

    def tidy(self) -> None:
        """Nothing to free."""


@contextmanager
def fake_server(path: Path, previews: FakePreviews, idle_seconds: float = 600.0) -> Iterator[PreviewServer]:
    """A server on a fake, in a thread of this process."""
    with listening(path) as listener:
        server = PreviewServer(listener, previews, idle_seconds)  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve, name="server (serve)")
        thread.start()
        try:
            yield server
        finally:
            server.end()
            thread.join(PATIENCE)
            assert not thread.is_alive()


@dataclass
class Line:
    """A connection that speaks in lines."""

    connection: socket.socket
    _rest: bytes = b""

    def say(self, text: str | bytes) -> None:
        """Sends a line as it is."""
        self.connection.sendall((text if isinstance(text, bytes) else text.encode()) + b"\n")

    def hear(self) -> Any:
        """The next answer, or nothing when the server has hung up."""
        while b"\n" not in self._rest:
            part = self.connection.recv(1 << 16)
            if not part:
                return None
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)


@contextmanager
def connected(path: Path) -> Iterator[Line]:
    """A client of a server."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(str(path))
        yield Line(connection)


def request(seed: int = 42, tables: tuple[str, ...] = ("households",), **others: object) -> str:
    """A request's line."""
    return json.dumps({"config": {"output": {"seed": seed}}, "tables": tables, **others})


def config(**sections: object) -> Config:
    """A configuration with a few settings changed."""
    return Config.model_validate(sections)
