"""What tests let a process believe: the name of its host, and the time of day.

IDGRAPH_TEST_HOST is the host's name: to tests, two containers are two names on one machine. IDGRAPH_TEST_CLOCK is a file with
the seconds by which the wall clock is wrong, read at every look at it: a clock that is set while everything runs. The time
since the machine's start goes on as it should. (libfaketime would do it, but breaks every sleep of Python 3.11.)
"""

import os
import socket

if "IDGRAPH_TEST_HOST" in os.environ:
    socket.gethostname = lambda: os.environ["IDGRAPH_TEST_HOST"]

if "IDGRAPH_TEST_CLOCK" in os.environ:
    import sqlite3
    import time

    right, connect = time.time, sqlite3.connect

    def shown() -> float:
        with open(os.environ["IDGRAPH_TEST_CLOCK"]) as file:
            return right() + float(file.read())

    class Connection(sqlite3.Connection):
        """SQLite's time is that of its process."""

        def __init__(self, *arguments: object, **named: object) -> None:
            super().__init__(*arguments, **named)
            self.create_function("julianday", 1, lambda _now: shown() / 86_400 + 2_440_587.5)

    time.time = shown
    sqlite3.connect = sqlite3.dbapi2.connect = lambda *arguments, **named: connect(
        *arguments, factory=Connection, **named
    )
