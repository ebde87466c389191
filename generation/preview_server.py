"""Answers preview requests over a Unix domain socket from one warm engine, for processes that must not start one.

A request is a line of JSON, `{"config": {...}, "tables": ["households"], "rows": 10}`, and so is its answer:
`{"tables": {"households": {"columns": [...], "rows": [[...]], "complete": true}}, "seconds": 0.4}` or
`{"error": {"problems": [{"pointer", "code", "message"}]}}`, where pointers lead into the request.
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import select
import signal
import socket
import stat
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from generation.engine.session import EngineLost, session
from generation.outcome import AlreadyServed
from generation.preview import Abandoned, Asked, Previews
from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.problems import InvalidConfig, Problem, validated

LONGEST_REQUEST = 256 * 1024
"""Bytes of a request's line."""

MOST_ROWS = 1_000
DEFAULT_ROWS = 10
MOST_CONNECTIONS = 32
SILENCE_SECONDS = 60.0
"""A connection that says nothing for so long is closed."""

PATIENCE_SECONDS = 1.0
"""A larger batch of households, for rows that are rare, is begun within this time of a request only."""

LOOK_SECONDS = 0.25
"""How often the server looks whether it should end."""

EXAMPLES = (("households", "individuals"), ("identity_mappings", "devices"), ("content_engagements", "audience_attributes"),
            ("outcome_metrics",))  # fmt: skip
"""Tables that are made before the first request, so that lookups and code are warm."""


def parsed(line: bytes, wanted: Callable[[], bool]) -> Asked:
    """The request of a line; raises `InvalidConfig` with all its problems."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _refusal("", "not_json", "the request is not a line of JSON") from error
    if not isinstance(asked, dict):
        raise _refusal("", "not_an_object", "the request is not an object with config, tables and rows")
    strange = sorted(set(asked) - {"config", "tables", "rows"})
    problems = [Problem(f"/{name}", "unknown_key", f"{name[:60]!r} is not part of a request") for name in strange]
    problems += _table_problems(asked.get("tables")) + _row_problems(asked.get("rows", DEFAULT_ROWS))
    config = None
    try:
        config = validated(asked.get("config", {}))
    except InvalidConfig as error:
        problems += [dataclasses.replace(p, pointer=f"/config{p.pointer}") for p in error.problems]
    if problems or config is None:
        raise InvalidConfig(problems)
    return Asked(config, tuple(dict.fromkeys(asked["tables"])), asked.get("rows", DEFAULT_ROWS), wanted)


def _refusal(pointer: str, code: str, message: str) -> InvalidConfig:
    return InvalidConfig([Problem(pointer, code, message)])


def _table_problems(tables: Any) -> list[Problem]:
    names = ", ".join(TABLE_BY_NAME)
    if not isinstance(tables, list) or not tables:
        return [Problem("/tables", "not_a_list", f"tables must be a list of table names; there are {names}")]
    return [
        Problem(f"/tables/{at}", "unknown_table", f"table {str(table)[:60]!r} is unknown; there are {names}")
        for at, table in enumerate(tables[:MOST_ROWS])
        if not isinstance(table, str) or table not in TABLE_BY_NAME
    ]


def _row_problems(rows: Any) -> list[Problem]:
    if type(rows) is int and 1 <= rows <= MOST_ROWS:
        return []
    return [
        Problem("/rows", "out_of_range", f"rows must be a whole number from 1 to {MOST_ROWS}, got {str(rows)[:60]}")
    ]


def answered(previews: Previews, line: bytes, wanted: Callable[[], bool]) -> dict[str, Any]:
    """The answer to a line; raises `Abandoned` once it is not `wanted`."""
    begun = time.monotonic()
    try:
        samples = previews.samples(parsed(line, wanted))
    except Abandoned:
        raise
    except InvalidConfig as error:
        return refused(error.problems)
    except Exception as error:
        if not wanted():
            raise Abandoned from error
        traceback.print_exc()
        return FAILED
    tables = {name: dataclasses.asdict(sample) for name, sample in samples.items()}
    return {"tables": tables, "seconds": round(time.monotonic() - begun, 3)}


def refused(problems: list[Problem]) -> dict[str, Any]:
    """An answer without rows."""
    told = [{"pointer": p.pointer, "code": p.code, "message": p.message} for p in problems]
    return {"error": {"problems": told}}


FAILED = refused([Problem("", "failed", "the preview failed; the server's log says why")])


class PreviewServer:
    """Listens until it is told to end, or nobody has asked anything for `idle_seconds`."""

    def __init__(self, listener: socket.socket, previews: Previews, idle_seconds: float) -> None:
        self._listener, self._previews, self._idle_seconds = listener, previews, idle_seconds
        self._ended = threading.Event()
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._lock = threading.Lock()
        self._busy, self._last = 0, time.monotonic()
        self.lost_engine = False
        self._path = Path(listener.getsockname())
        self._identity = _identity(self._path)

    def end(self) -> None:
        """`serve` returns soon; requests that are being answered are dropped."""
        self._ended.set()

    def serve(self) -> None:
        """Answers until the end."""
        self._listener.settimeout(LOOK_SECONDS)
        while not self._ended.is_set() and not self._is_idle() and self._is_reachable():
            with suppress(TimeoutError):
                self._welcome(self._listener.accept()[0])

    def warm_up(self) -> None:
        """Makes a few tables in a thread of its own; requests meanwhile come between them."""
        threading.Thread(target=self._make_examples, name="preview-warm-up", daemon=True).start()

    def _make_examples(self) -> None:
        for tables in EXAMPLES:
            with suppress(Abandoned):
                answered(self._previews, json.dumps({"tables": tables}).encode(), lambda: not self._ended.is_set())

    def _is_idle(self) -> bool:
        with self._lock:
            return not self._busy and time.monotonic() - self._last > self._idle_seconds

    def _is_reachable(self) -> bool:
        """Whether the socket's file is still there; without it nobody could ask, nor another server begin."""
        return _identity(self._path) == self._identity

    def _welcome(self, connection: socket.socket) -> None:
        connection.settimeout(SILENCE_SECONDS)
        if self._places.acquire(blocking=False):
            threading.Thread(target=self._converse, args=(connection,), name="preview-client", daemon=True).start()
            return
        with connection, suppress(OSError):
            message = f"{MOST_CONNECTIONS} clients are connected; try again"
            _send(connection, refused([Problem("", "busy", message)]))

    def _converse(self, connection: socket.socket) -> None:
        """Answers line by line until the client leaves."""
        try:
            with connection, connection.makefile("rb") as lines, suppress(OSError, Abandoned):
                while line := lines.readline(LONGEST_REQUEST + 1):
                    if not self._answer(connection, line):
                        break
        finally:
            self._places.release()

    def _answer(self, connection: socket.socket, line: bytes) -> bool:
        """Sends the answer; false when what follows cannot be read any more."""
        if len(line) > LONGEST_REQUEST:
            message = f"the request is longer than {LONGEST_REQUEST:,} bytes"
            _send(connection, refused([Problem("", "too_long", message)]))
            return False
        with self._at_work():
            answer = answered(self._previews, line, lambda: not self._ended.is_set() and not has_left(connection))
            _send(connection, answer)
        self._previews.tidy()
        if answer.get("error") == FAILED["error"] and not self._previews.is_alive():
            self.lost_engine = True
            self.end()
        return True

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy, self._last = self._busy - 1, time.monotonic()


def _send(connection: socket.socket, answer: dict[str, Any]) -> None:
    connection.sendall(json.dumps(answer).encode() + b"\n")


def has_left(connection: socket.socket) -> bool:
    """Whether the client has closed its end. One that has only said all it wants to say still waits."""
    poll = select.poll()
    poll.register(connection, select.POLLHUP)
    return bool(poll.poll(0))


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a path is, or none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """The only listening socket at a path, for this user alone; its file is gone afterwards.

    Raises `AlreadyServed`, or `InvalidConfig` when there can be no socket.
    """
    try:
        lock = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyServed(f"previews are served at {path} already") from error
        with _bound(path) as listener:
            yield listener
    finally:
        os.close(lock)


@contextmanager
def _bound(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        before = os.umask(0o177)
        try:
            _remove_socket(path)
            listener.bind(str(path))
        except OSError as error:
            raise _unusable(path, error) from error
        finally:
            os.umask(before)
        try:
            listener.listen()
            yield listener
        finally:
            _remove_socket(path)


def _remove_socket(path: Path) -> None:
    """Removes what a server left; anything else than a socket stays, and is in the way of the next."""
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()


def _unusable(path: Path, error: OSError) -> InvalidConfig:
    reason = error.strerror or str(error)
    return _refusal("/socket", "socket", f"socket {path}: {reason}; give another path in a folder you may write to")


def end_with_parent(end: Callable[[], None]) -> None:
    """Calls `end` once standard input closes, from a thread of its own."""

    def wait() -> None:
        # Not sys.stdin: a thread inside its buffer aborts the interpreter when that ends.
        while os.read(0, 4096):
            pass
        end()

    threading.Thread(target=wait, name="preview-parent", daemon=True).start()


@contextmanager
def ending_by_signal(end: Callable[[], None]) -> Iterator[None]:
    """Within it, SIGTERM and SIGINT end the server in order."""
    signals = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: end()) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve_previews(path: Path, engine: str, idle_seconds: float, *, with_parent: bool) -> None:
    """Serves until idle, told to end by a signal or, `with_parent`, by standard input closing.

    Raises `AlreadyServed`, `InvalidConfig`, `EngineUnavailable`, or `EngineLost` when the engine died meanwhile.
    """
    # Splitting a few hundred rows among cores costs more than it saves; the tables are made side by side.
    os.environ.setdefault("SAIL_EXECUTION__DEFAULT_PARALLELISM", "1")
    with listening(path) as listener, Previews(lambda: session(engine), PATIENCE_SECONDS) as previews:
        server = PreviewServer(listener, previews, idle_seconds)
        if with_parent:
            end_with_parent(server.end)
        with ending_by_signal(server.end):
            print(f"serving previews at {path}", flush=True)
            server.warm_up()
            server.serve()
    if server.lost_engine:
        raise EngineLost("the engine of the preview server has died; start the server again")
