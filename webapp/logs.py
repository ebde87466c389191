"""Structured logs: one JSON object a line on standard output, without personal data."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

LOGGER = logging.getLogger("idgraph")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, event and its facts."""
        entry: dict[str, Any] = {
            "ts": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
        }
        entry |= {"event": record.getMessage(), **getattr(record, "facts", {})}
        if record.exc_info and record.exc_info[0]:
            # The traceback names code, never values: messages of database errors may carry parameters.
            entry["error"] = record.exc_info[0].__name__
            entry["traceback"] = _frames(record)
        return json.dumps(entry, default=str)


def _frames(record: logging.LogRecord) -> list[str]:
    trace, frames = record.exc_info[2] if record.exc_info else None, []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('site-packages/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-12:]


def set_up(level: str) -> None:
    """Sends this app's log to standard output; once a process."""
    if not LOGGER.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JsonLines())
        LOGGER.addHandler(handler)
    LOGGER.propagate = False
    LOGGER.setLevel(level.upper())


def log(event: str, *, level: int = logging.INFO, error: Any = None, **facts: Any) -> None:
    """Writes one event. Facts are ids, counts and states; never what a user typed."""
    known = {name: value for name, value in {**facts, "error": error}.items() if value is not None}
    LOGGER.log(level, event, extra={"facts": known})


def log_failure(event: str, **facts: Any) -> None:
    """Writes the exception being handled, with its place."""
    LOGGER.error(event, exc_info=True, extra={"facts": facts})
