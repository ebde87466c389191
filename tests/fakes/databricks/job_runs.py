"""Carrying out a run: tasks one after the other, attempts, retries, time-outs, cancelling."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from tests.fakes.databricks.compute import LibraryMissing, TaskProcess
from tests.fakes.databricks.jobs import CANCELED, SUCCESS, Attempt, Outcome, Run
from tests.fakes.databricks.wire import now_ms

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

POLL_SECONDS = 0.02
AUTOMATIC_RETRIES = 1
"""What serverless compute adds by itself unless a task says `disable_auto_optimization`."""
KILLED = Outcome("FAILED", "DRIVER_ERROR", "CLOUD_FAILURE", "The driver was lost.", error="The driver was lost.")
TIMED_OUT = Outcome("TIMEDOUT", "CANCELED", "SUCCESS", "Run timed out.")


def launch(workspace: Workspace, run: Run) -> None:
    """Carries a run out in a thread of its own."""
    threading.Thread(target=_carry_out, args=(workspace, run), name=f"run-{run.run_id}", daemon=True).start()


def _carry_out(workspace: Workspace, run: Run) -> None:
    outcome = CANCELED
    try:
        if not run.cancelled.wait(workspace.start_seconds):
            run.life_cycle = "RUNNING"
            outcome = _tasks(workspace, run)
    except Exception as error:
        outcome = Outcome("FAILED", "INTERNAL_ERROR", "INTERNAL_ERROR", str(error), "INTERNAL_ERROR", error=str(error))
        raise
    finally:
        run.finish(outcome)
        workspace.jobs.ended(run)


def _tasks(workspace: Workspace, run: Run) -> Outcome:
    for task in run.job.settings.get("tasks", []):
        outcome = _task(workspace, run, task)
        if not outcome.ok:
            told = f"Task {task['task_key']} failed with message: {outcome.message}"
            return Outcome(
                outcome.result, outcome.code, outcome.type, told if outcome.result == "FAILED" else outcome.message
            )
    return SUCCESS


def _task(workspace: Workspace, run: Run, task: dict[str, Any]) -> Outcome:
    """The outcome of the last attempt; a failed one is repeated as often as the task allows."""
    number = 0
    while True:
        attempt = Attempt(workspace.jobs.new_id(), task, number)
        run.attempts.append(attempt)
        outcome = _attempt(workspace, run, attempt)
        number += 1
        repeats = outcome.result == "FAILED" or (outcome.result == "TIMEDOUT" and task.get("retry_on_timeout"))
        if not repeats or number > _retries(task) or run.cancelled.is_set():
            return outcome


def _retries(task: dict[str, Any]) -> int:
    allowed = int(task.get("max_retries", 0))
    automatic = "environment_key" in task and not task.get("disable_auto_optimization", False)
    return max(allowed, AUTOMATIC_RETRIES if automatic else 0)


def _attempt(workspace: Workspace, run: Run, attempt: Attempt) -> Outcome:
    outcome = KILLED
    try:
        with TaskProcess.started(workspace, run, attempt) as process:
            attempt.logs = process.logs
            attempt.life_cycle = "RUNNING"
            outcome = _watched(workspace, run, process, attempt)
            if outcome in (CANCELED, TIMED_OUT):
                attempt.life_cycle = run.life_cycle = "TERMINATING"
    except LibraryMissing as error:
        outcome = Outcome("FAILED", "LIBRARY_INSTALLATION_ERROR", "CLIENT_ERROR", str(error), error=str(error))
    attempt.outcome, attempt.end, attempt.life_cycle = outcome, now_ms(), outcome.life_cycle
    return outcome


def _watched(workspace: Workspace, run: Run, process: TaskProcess, attempt: Attempt) -> Outcome:
    limit = attempt.task.get("timeout_seconds") or run.job.settings.get("timeout_seconds") or 0
    end = time.monotonic() + limit if limit else None
    while not process.ended():
        if run.cancelled.wait(POLL_SECONDS):
            time.sleep(workspace.cancel_seconds)
            return CANCELED
        if workspace.faults.kills_now():
            return KILLED
        if end is not None and time.monotonic() > end:
            return TIMED_OUT
    return process.outcome()
