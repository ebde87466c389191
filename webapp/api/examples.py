"""Commands that call the endpoints. Pasted in the order of the page into one shell, every one of them works."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from webapp.api.registry import Endpoint
from webapp.api.shapes import JobStarted, Session

VARIABLES = {"session_id": "$SESSION", "job_id": "$JOB", "step_id": "households"}
KEPT = {Session: ("SESSION", "session_id"), JobStarted: ("JOB", "job_id")}
"""What later commands need of an answer: the shell variable, and the member it holds."""
LONG = {"config": {"households": {"count": 100_000}, "output": {"name": "to-cancel", "mode": "regenerate"}}}
"""A job that is still there when it is cancelled."""


def commands(endpoints: Mapping[str, Endpoint], base: str, options: str = "") -> dict[str, str]:
    """A command for every endpoint by its name. `options` are curl's, for all of them."""
    made = {name: _command(endpoint, base, options) for name, endpoint in endpoints.items()}
    made["read_result"] = made["read_result"].replace(
        "curl -sS", "curl -sS --fail-with-body --retry 60 --retry-all-errors", 1
    )
    long = _command(endpoints["start_job"], base, options, LONG)
    return {**made, "cancel_job": f"{long}\n{made['cancel_job']}"}


def _command(endpoint: Endpoint, base: str, options: str, body: Mapping[str, Any] | None = None) -> str:
    takes = endpoint.contract.takes
    body = body or (next(iter(takes.examples.values())) if takes and takes.required else None)
    post = " -X POST" if endpoint.method == "POST" else ""
    parts = [f"curl -sS{post}{options} {base}{endpoint.path.format(**VARIABLES)}"]
    parts += [] if body is None else ["-H 'Content-Type: application/json'", f"-d '{json.dumps(body)}'"]
    return _kept(endpoint, " \\\n  ".join(parts))


def _kept(endpoint: Endpoint, command: str) -> str:
    """The command, so that the id in its answer is kept in a variable after the answer is shown."""
    shape = endpoint.contract.answers[0].shape
    if endpoint.method != "POST" or shape not in KEPT:
        return command
    variable, member = KEPT[shape]
    return f"""{variable}=$({command} \\\n  | tee /dev/stderr | sed -E 's/.*"{member}":"([^"]+)".*/\\1/')"""
