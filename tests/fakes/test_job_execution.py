from __future__ import annotations

import json
import time
from pathlib import Path

import psutil
import pytest
from databricks.sdk.errors import InvalidParameterValue
from databricks.sdk.service import jobs

from tests.fakes import clients, toy_wheel
from tests.fakes.databricks import Workspace
from tests.fakes.databricks.jobs import Run


def ran(workspace: Workspace, function: str, *parameters: str, **more: object) -> Run:
    """A job's first run, at its end."""
    job = workspace.job(toy_wheel.settings(function, *parameters, **more))
    given = {"where": "/Volumes/main/default/wheels/x", "word": "hello"} if parameters else None
    return workspace.wait(clients.app(workspace).jobs.run_now(job.job_id, job_parameters=given).run_id)


def printed(run: Run) -> str:
    return run.attempts[-1].logs()


def test_the_wheels_function_gets_the_parameters_with_volumes_as_folders(toy: Workspace) -> None:
    run = ran(toy, "report", "{{job.parameters.where}}", "--word={{job.parameters.word}}", "{{job.run_id}}")
    facts = json.loads(printed(run))
    assert facts["arguments"] == [f"{toy.root}/Volumes/main/default/wheels/x", "--word=hello", str(run.run_id)]
    assert facts["home"].startswith(f"{toy.root}/runs/{run.run_id}/") and facts["runtime"].startswith("client.")


def test_a_volume_the_job_may_not_read_is_not_there_for_it(toy: Workspace) -> None:
    runner, _ = toy.service_principal("runner")
    job = toy.job(toy_wheel.settings("report", "/Volumes/main/default/wheels/x"), run_as=runner)
    run = toy.wait(clients.app(toy).jobs.run_now(job.job_id).run_id)
    assert json.loads(printed(run))["arguments"] == ["/Volumes/main/default/wheels/x"]


def test_a_failed_task_keeps_its_error_trace_and_output(toy: Workspace) -> None:
    run, app = ran(toy, "fail"), clients.app(toy)
    shown = app.jobs.get_run(run.run_id)
    assert shown.state and shown.state.result_state is jobs.RunResultState.FAILED and shown.tasks
    output = app.jobs.get_run_output(shown.tasks[0].run_id or 0)
    assert output.error == "RuntimeError: the sky is green"
    assert "in fail" in (output.error_trace or "") and "about to fail" in (output.logs or "")


def test_the_output_of_a_job_run_as_a_whole_is_refused(toy: Workspace) -> None:
    with pytest.raises(InvalidParameterValue, match="each individual task run"):
        clients.app(toy).jobs.get_run_output(ran(toy, "report").run_id)


def test_an_exit_code_fails_the_run_and_a_returned_number_does_not(toy: Workspace) -> None:
    left, returned = ran(toy, "leave"), ran(toy, "return_three")
    assert left.outcome and (left.outcome.result, left.attempts[0].outcome.error) == ("FAILED", "SystemExit: 3")
    assert returned.outcome and returned.outcome.result == "SUCCESS"


def test_a_missing_wheel_is_said_to_be_missing(workspace: Workspace) -> None:
    run = ran(workspace, "report")
    assert run.outcome and run.outcome.code == "LIBRARY_INSTALLATION_ERROR"


def pids(file: Path) -> list[int]:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if file.exists() and len(file.read_text().split()) == 2:
            return [int(text) for text in file.read_text().split()]
        time.sleep(0.02)
    raise AssertionError("the task did not start")


def test_cancelling_answers_at_once_and_ends_the_task_and_its_children(toy: Workspace) -> None:
    toy.cancel_seconds = 0.5
    app, job = clients.app(toy), toy.job(toy_wheel.settings("sleep", str(toy.root / "pids")))
    run = app.jobs.run_now(job.job_id).run_id
    running = pids(toy.root / "pids")
    app.jobs.cancel_run(run)
    assert toy.jobs.run(run)[0].active
    ended = toy.wait(run)
    assert ended.outcome and ended.outcome.result == "CANCELED" and ended.outcome.code == "USER_CANCELED"
    assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in running)


def test_a_second_cancel_changes_nothing(toy: Workspace) -> None:
    app, run = clients.app(toy), ran(toy, "report")
    app.jobs.cancel_run(run.run_id)
    assert run.outcome and run.outcome.result == "SUCCESS"


def test_a_killed_task_is_tried_again_as_often_as_it_says(toy: Workspace) -> None:
    toy.faults.kill_task()
    run = ran(toy, "report", task_max_retries=1)
    assert [(a.number, a.outcome and a.outcome.code) for a in run.attempts] == [(0, "DRIVER_ERROR"), (1, "SUCCESS")]
    shown = clients.app(toy).jobs.get_run(run.run_id)
    assert shown.tasks and [(t.attempt_number, t.run_id) for t in shown.tasks] == [(1, run.attempts[1].run_id)]


def test_without_retries_a_killed_task_fails_the_run(toy: Workspace) -> None:
    toy.faults.kill_task()
    run = ran(toy, "report")
    assert run.outcome and (run.outcome.result, len(run.attempts)) == ("FAILED", 1)


def test_serverless_retries_by_itself_unless_told_not_to(toy: Workspace) -> None:
    toy.faults.kill_task()
    run = ran(toy, "report", task_disable_auto_optimization=False)
    assert run.outcome and (run.outcome.result, len(run.attempts)) == ("SUCCESS", 2)


def test_a_task_that_takes_too_long_is_timed_out(toy: Workspace) -> None:
    run = ran(toy, "sleep", str(toy.root / "pids"), task_timeout_seconds=1)
    assert run.outcome and run.outcome.result == "TIMEDOUT"


def test_a_job_killed_before_its_write_is_tried_again_and_writes_as_the_principal_it_runs_as(toy: Workspace) -> None:
    toy.grant("USE CATALOG", "bryan_li", toy.client_id)
    toy.grant("USE SCHEMA, CREATE TABLE", "bryan_li.demo", toy.client_id)
    toy.faults.kill_task(before="<insertInto bryan_li.demo.kept")
    run = ran(toy, "keep_a_table", "bryan_li.demo.kept", "7", task_max_retries=1)
    assert run.outcome and run.outcome.ok, printed(run)
    assert [a.outcome and a.outcome.code for a in run.attempts] == ["DRIVER_ERROR", "SUCCESS"]
    assert toy.sql("SELECT count(*) FROM bryan_li.demo.kept").to_pylist() == [{"count(1)": 7}]
    said = [s.text for s in toy.record.statements(via=f"run {run.run_id}")]
    assert "CLUSTER BY (id)" in said[0] and said[2] == "<insertInto bryan_li.demo.kept overwrite>"
