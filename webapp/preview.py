"""Sample rows from this host's preview server, which is started when they are first asked for and ends when nobody asks."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generation.spec.config import Config
from generation.spec.preview_client import PreviewUnavailable, Sample, ask
from webapp.logs import log
from webapp.processes import end, identity, is_alive
from webapp.settings import Settings

ROWS = 10
COLD_SECONDS = 60.0
"""A server that is younger may still be starting its engine."""

REST_SECONDS = 30.0
"""A server that ended is not started again before."""

SECRETS = ("DATABASE_URL", "DATABRICKS_CLIENT_SECRET", "DATABRICKS_TOKEN", "PGPASSWORD")
"""Variables that a preview server has no use for."""


@dataclass(frozen=True)
class Preparing:
    """The server is starting; ask again soon."""


@dataclass(frozen=True)
class Unavailable:
    """There are no sample rows, and why."""

    reason: str


Answer = Mapping[str, Sample] | Preparing | Unavailable


@dataclass
class Previews:
    """The preview server of a host, shared by its web processes through files in the state folder."""

    settings: Settings
    program: tuple[str, ...] = (sys.executable, "-m", "generation", "serve-preview")
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """Servers that this process started, so that they are waited for when they end."""

    def rows(self, config: Config, tables: Sequence[str]) -> Answer:
        """The first rows of each table, or why there are none yet."""
        if self.settings.backend == "fake":
            return Unavailable("the fake backend makes no rows; set IDGRAPH_BACKEND=local to see some")
        try:
            return ask(self.settings.preview_socket, config, tables, ROWS)
        except PreviewUnavailable as error:
            return self._state(str(error))

    def _state(self, reason: str) -> Answer:
        """Starts a server unless there is one."""
        with self._alone():
            known = self._known()
            age = time.time() - float(known.get("at", 0.0))
            if is_alive(known):
                return Preparing() if age < COLD_SECONDS else Unavailable(reason)
            if age < REST_SECONDS:
                return Unavailable("the preview server ended soon after its start; its log says why")
            self._start()
        return Preparing()

    def _start(self) -> None:
        command = [*self.program, str(self.settings.preview_socket)]
        environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
        with (self.settings.state_dir / "preview.log").open("ab") as out:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, env=environment
            )
        self.children = [other for other in self.children if other.poll() is None] + [child]
        self._file.write_text(json.dumps({**identity(child.pid), "at": time.time()}))
        log("preview_server_started", pid=child.pid)

    def stop(self) -> None:
        """Ends the host's server; nothing if there is none."""
        end(self._known())

    @property
    def _file(self) -> Path:
        return self.settings.state_dir / "preview.json"

    def _known(self) -> Mapping[str, Any]:
        """The server that was started last."""
        with suppress(OSError, ValueError):
            known = json.loads(self._file.read_text())
            return known if isinstance(known, dict) else {}
        return {}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process of this host at a time is within."""
        self.settings.state_dir.mkdir(parents=True, exist_ok=True)
        with (self.settings.state_dir / "preview.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
