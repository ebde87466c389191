"""Asks a preview server for sample rows: one JSON line over a Unix domain socket, one JSON line back.

Who starts the server (`idgraph serve-preview SOCKET`) is up to the caller; this only talks to one.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.spec.config import Config

LONGEST_ANSWER = 64 * 1024 * 1024
"""Bytes after which an answer is not read on: a thousand rows of all tables stay far below."""


class PreviewUnavailable(Exception):
    """There are no sample rows now; the message is a sentence that says why."""


@dataclass(frozen=True)
class Sample:
    """The first rows of a table by its key, as JSON values: money and moments as text, moments in UTC.

    `complete` is false when the table may have more rows than were found in the time there was.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    complete: bool


def ask(
    socket_path: Path | str, config: Config, tables: Iterable[str], rows: int = 10, timeout: float = 5.0
) -> dict[str, Sample]:
    """The first rows of each table, the same that the whole dataset will have.

    Raises `PreviewUnavailable` when no server answers within `timeout` seconds in all, or when it refuses.
    """
    request = {"config": config.model_dump(mode="json"), "tables": list(tables), "rows": rows}
    line = _exchange(str(socket_path), json.dumps(request).encode() + b"\n", time.monotonic() + timeout)
    return _samples(_answer(line))


def _exchange(path: str, line: bytes, deadline: float) -> bytes:
    """The server's line for ours."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.settimeout(_left(deadline))
            connection.connect(path)
            connection.sendall(line)
            return _line(connection, deadline)
        except TimeoutError as error:
            raise PreviewUnavailable("the preview took too long; try again, or lower the number of rows") from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise PreviewUnavailable(
                f"no preview server answers at {path} ({reason}); start one and try again"
            ) from error


def _line(connection: socket.socket, deadline: float) -> bytes:
    """All up to the line's end, which no single piece may put off past the deadline."""
    parts: list[bytes] = []
    size = 0
    while not (parts and parts[-1].endswith(b"\n")):
        connection.settimeout(_left(deadline))
        part = connection.recv(1 << 16)
        size += len(part)
        if not part or size > LONGEST_ANSWER:
            raise PreviewUnavailable("the preview server ended before its answer did; try again")
        parts.append(part)
    return b"".join(parts)


def _left(deadline: float) -> float:
    """Seconds left, never zero, which sockets take for not blocking."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _answer(line: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise PreviewUnavailable("the preview server's answer is not JSON; restart the server") from error
    if not isinstance(answer, dict):
        raise PreviewUnavailable("the preview server's answer is not an object; restart the server")
    if "error" in answer:
        raise PreviewUnavailable(_said(answer["error"]))
    return answer


def _said(error: Any) -> str:
    """The server's problems as one sentence."""
    try:
        return "; ".join(str(problem["message"]) for problem in error["problems"]) or "the preview server refused"
    except (KeyError, TypeError):
        return "the preview server refused without a reason"


def _samples(answer: Mapping[str, Any]) -> dict[str, Sample]:
    try:
        return {
            name: Sample(
                columns=tuple(table["columns"]),
                rows=tuple(tuple(row) for row in table["rows"]),
                complete=table["complete"] is True,
            )
            for name, table in answer["tables"].items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise PreviewUnavailable(f"the preview server's answer has no {error}; restart the server") from error
