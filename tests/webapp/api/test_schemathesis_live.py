"""Both APIs of a real server under fire: gunicorn, a dispatcher, and jobs that run meanwhile."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.webapp.serving import Served, served

CONFIG = Path(__file__).with_name("schemathesis.toml")
SECONDS = 40
FEWEST = 300
"""Requests in that time: a thousand and more, or fewer where other work shares the machine."""


def statuses(server: Served) -> list[int]:
    """What the server answered, by its own log."""
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [int(line["status"]) for line in lines if line["event"] == "request"]


@pytest.mark.slow
def test_nothing_that_is_sent_breaks_the_server_or_its_contract(tmp_path: Path) -> None:
    with served(tmp_path / "datasets", IDGRAPH_FAKE_STEP_SECONDS="0") as server:
        command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "run"]
        command += [f"{server.address}/openapi.json", "--phases=examples,coverage,fuzzing,stateful"]
        command += ["--max-time", str(SECONDS), "--seed", "1", "--no-color"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS + 120)
        answered = statuses(server)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
    tested = re.search(r"(\d[\d,]*) generated, (\d[\d,]*) passed", done.stdout)
    assert tested and tested[1] == tested[2] and int(tested[1].replace(",", "")) > FEWEST, done.stdout[-2_000:]
    assert max(answered) < 500
    assert {200, 201, 202, 400, 404, 405, 409, 415, 422} <= set(answered)
