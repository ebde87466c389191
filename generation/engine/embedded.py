"""The embedded engine: a Spark Connect server in a process of its own, which ends with the process that started it.

What an engine holds after its work (a gigabyte and more after a large run) goes back to the system with its process, before
the judge begins. Run as a program, this is the server: it says its port and waits for its standard input to close.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec

# Joins keep the order they are written in: lookups stand on the left, so that they are the side that is held in memory and
# the rows streaming by keep their order.
SETTINGS = {
    "SAIL_OPTIMIZER__ENABLE_JOIN_SWAP": "false",
    "SAIL_EXECUTION__BATCH_SIZE": "16384",
    "SAIL_PARQUET__COMPRESSION": "zstd(1)",
    # A dictionary that grows beyond this is given up early: columns of keys and digests have none worth writing.
    "SAIL_PARQUET__DICTIONARY_PAGE_SIZE_LIMIT": "131072",
    "SAIL_PARQUET__STATISTICS_ENABLED": "chunk",
    # A task writes its own file; the other core has a task, too.
    "SAIL_PARQUET__ALLOW_SINGLE_FILE_PARALLELISM": "false",
    "SAIL_OPTIMIZER__EXPAND_VIEWS_AT_OUTPUT": "false",
    "SAIL_SPARK__SESSION_TIMEOUT_SECS": "86400",
    "RUST_LOG": "off",
    # Milliseconds until freed memory goes back to the system: at 0 a run is a fifth slower, at the usual 1,000 it holds more.
    "MIMALLOC_PURGE_DELAY": "100",
}


@dataclass(frozen=True)
class Server:
    """A running engine."""

    process: subprocess.Popen[bytes]
    port: int
    """On the loopback interface."""

    def ended(self) -> str | None:
        """How the process ended, if it has."""
        code = self.process.poll()
        return None if code is None else how(code)


class NotStarted(Exception):
    """The engine's process ended before it answered; the message says how."""


def how(code: int) -> str:
    """What a process's exit code says of its end."""
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"it was ended by {name}"
    return f"it ended with status {code}"


def is_installed() -> bool:
    """Whether there is an embedded engine here."""
    try:
        return find_spec("pysail") is not None
    except ValueError:
        return False


@contextmanager
def server() -> Iterator[Server]:
    """An engine of one's own, gone at the end. Raises `NotStarted`.

    The environment's own settings of the engine take precedence over `SETTINGS`.
    """
    process = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**SETTINGS, **os.environ},
    )
    try:
        yield Server(process, _port(process))
    finally:
        _end(process)


def _port(process: subprocess.Popen[bytes]) -> int:
    line = process.stdout.readline() if process.stdout else b""
    if not line.strip().isdigit():
        raise NotStarted(how(process.wait()))
    return int(line)


def _end(process: subprocess.Popen[bytes]) -> None:
    # Nothing of it is of use any more, and one that stands still would not hear anything else.
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait()


def main() -> None:
    """Serves until standard input closes: with the process that holds its other end, however that one ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # They reach the whole group of a run; the run ends in order, and this with it.
        signal.signal(number, signal.SIG_IGN)
    # This file's folder, which Python put first, is no place for other packages' imports.
    del sys.path[0]
    from pysail.spark import SparkConnectServer

    engine = SparkConnectServer(ip="127.0.0.1", port=0)
    engine.start(background=True)
    print(engine.listening_address[1], flush=True)
    sys.stdin.buffer.read()
    # Nothing of it is of use any more: no time is spent on putting it in order.
    os._exit(0)


if __name__ == "__main__":
    main()
