"""Points at which tests let a process die, by the environment variable IDGRAPH_FAILPOINT; nothing happens without it.

`IDGRAPH_FAILPOINT=after_claim` kills, `IDGRAPH_FAILPOINT=after_claim:SIGSTOP` freezes.
"""

from __future__ import annotations

import os
import signal

NAME = "IDGRAPH_FAILPOINT"


def reached(point: str, attempt: int) -> None:
    """Dies here, or stands still, if the first attempt is told to."""
    asked, _, how = os.environ.get(NAME, "").partition(":")
    if attempt == 1 and asked == point:
        os.kill(os.getpid(), signal.Signals[how or "SIGKILL"])
