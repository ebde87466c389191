"""Lets a process believe that it runs on another host: to tests, two containers are two names on one machine."""

import os
import socket

if "IDGRAPH_TEST_HOST" in os.environ:
    socket.gethostname = lambda: os.environ["IDGRAPH_TEST_HOST"]
