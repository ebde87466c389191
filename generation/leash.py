"""A run that was started by a supervisor ends with it: when the supervisor's pipe closes, or when it stops to beat."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from generation.spec.run_directory import BEAT

LOOK_SECONDS = 0.5


def end_process_group() -> None:
    """Kills this process and what it started. Nothing is lost: a run may end at any moment and is taken up later."""
    if os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(128 + signal.SIGKILL)


@dataclass
class Leash:
    """Watches the supervisor's two signs of life and calls `let_go` once when either is gone.

    The beat file is judged by its content and this process's own clock: file times and wall clocks may jump.
    """

    folder: Path
    patience: float
    let_go: Callable[[], None] = end_process_group
    _seen: bytes = b""
    _since: float = field(default_factory=time.monotonic)

    def watch(self) -> None:
        """Starts watching; returns at once."""
        threading.Thread(target=self._watch_pipe, name="leash-pipe", daemon=True).start()
        threading.Thread(target=self._watch_beat, name="leash-beat", daemon=True).start()

    def _watch_pipe(self) -> None:
        # Not sys.stdin: a thread inside its buffer aborts the interpreter when that ends.
        while os.read(0, 4096):
            pass
        self.let_go()

    def _watch_beat(self) -> None:
        while not self.is_stale():
            time.sleep(LOOK_SECONDS)
        self.let_go()

    def is_stale(self) -> bool:
        """Whether the beat file has not changed for longer than the patience."""
        try:
            now = (self.folder / BEAT).read_bytes()
        except OSError:
            now = b""
        if now != self._seen:
            self._seen, self._since = now, time.monotonic()
        return time.monotonic() - self._since > self.patience
