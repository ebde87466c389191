"""Points at which tests let a process die, by the environment variable IDGRAPH_FAILPOINT; nothing happens without it."""

from __future__ import annotations

import os
import signal

NAME = "IDGRAPH_FAILPOINT"


def reached(point: str, attempt: int) -> None:
    """Dies here if the first attempt is told to."""
    if attempt == 1 and os.environ.get(NAME) == point:
        os.kill(os.getpid(), signal.SIGKILL)
