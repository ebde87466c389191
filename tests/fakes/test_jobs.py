from __future__ import annotations

import time

import pytest
from databricks.sdk.errors import InvalidParameterValue, PermissionDenied, ResourceDoesNotExist
from databricks.sdk.service import compute, jobs

from tests.fakes import clients, toy_wheel
from tests.fakes.databricks import Workspace


def started(workspace: Workspace, function: str = "report", *parameters: str, **more: object) -> int:
    """The run id of a new job's first run."""
    job = workspace.job(toy_wheel.settings(function, *parameters, **more))
    return clients.app(workspace).jobs.run_now(job.job_id).run_id


def test_a_token_starts_one_run_however_often_it_is_sent(toy: Workspace) -> None:
    app, job = clients.app(toy), toy.job(toy_wheel.settings("report"))
    first = app.jobs.run_now(job.job_id, idempotency_token="t-1").run_id
    toy.wait(first)
    assert app.jobs.run_now(job.job_id, idempotency_token="t-1").run_id == first
    assert app.jobs.run_now(job.job_id, idempotency_token="t-2").run_id != first


def test_the_token_of_a_deleted_run_is_spent(toy: Workspace) -> None:
    app, job = clients.app(toy), toy.job(toy_wheel.settings("report"))
    run = app.jobs.run_now(job.job_id, idempotency_token="t").run_id
    toy.wait(run)
    app.jobs.delete_run(run)
    with pytest.raises(InvalidParameterValue, match="deleted"):
        app.jobs.run_now(job.job_id, idempotency_token="t")


def test_a_lost_reply_is_sent_again_by_the_sdk_and_the_token_keeps_it_one_run(toy: Workspace) -> None:
    app, job = clients.app(toy), toy.job(toy_wheel.settings("report"))
    toy.faults.lose_reply("POST /api/2.2/jobs/run-now")
    app.jobs.run_now(job.job_id, idempotency_token="t")
    assert len(toy.record.requests("/jobs/run-now")) == 2
    assert len(list(toy.jobs.runs(job.job_id))) == 1


def test_without_a_token_a_lost_reply_makes_two_runs(toy: Workspace) -> None:
    app, job = clients.app(toy), toy.job(toy_wheel.settings("report", queue={"enabled": True}))
    toy.faults.lose_reply("POST /api/2.2/jobs/run-now")
    app.jobs.run_now(job.job_id)
    assert len(list(toy.jobs.runs(job.job_id))) == 2


def test_a_run_that_the_job_has_no_place_for_is_skipped(toy: Workspace) -> None:
    app, job = clients.app(toy), toy.job(toy_wheel.settings("sleep", str(toy.root / "pids")))
    app.jobs.run_now(job.job_id)
    skipped = app.jobs.get_run(app.jobs.run_now(job.job_id).run_id)
    assert skipped.state and skipped.state.life_cycle_state is jobs.RunLifeCycleState.SKIPPED
    assert skipped.status and skipped.status.termination_details
    assert skipped.status.termination_details.code is jobs.TerminationCodeCode.MAX_CONCURRENT_RUNS_EXCEEDED


def test_with_a_queue_it_waits_for_its_turn(toy: Workspace) -> None:
    app, job = clients.app(toy), toy.job(toy_wheel.settings("sleep", str(toy.root / "pids"), queue={"enabled": True}))
    first, second = app.jobs.run_now(job.job_id).run_id, app.jobs.run_now(job.job_id).run_id
    waiting = app.jobs.get_run(second)
    assert waiting.status and waiting.status.state is jobs.RunLifecycleStateV2State.QUEUED
    app.jobs.cancel_run(first)
    toy.wait(first)
    assert toy.jobs.run(second)[0].life_cycle in ("PENDING", "RUNNING")


def test_skipped_and_internal_error_can_be_asked_for(toy: Workspace) -> None:
    toy.faults.skip_next_run()
    toy.faults.internal_error_next_run()
    app, job = clients.app(toy), toy.job(toy_wheel.settings("report"))
    states = [app.jobs.get_run(app.jobs.run_now(job.job_id).run_id).state for _ in range(2)]
    assert [s and s.life_cycle_state and s.life_cycle_state.value for s in states] == ["SKIPPED", "INTERNAL_ERROR"]


def test_a_state_the_sdk_does_not_know_is_none_to_it(toy: Workspace) -> None:
    run = started(toy)
    toy.faults.unknown_state("HIBERNATING")
    shown = clients.app(toy).jobs.get_run(run)
    assert shown.state and shown.state.life_cycle_state is None
    assert shown.status and shown.status.state is None


def test_429_is_retried_by_the_sdk_after_the_named_time(toy: Workspace) -> None:
    run = started(toy)
    app = clients.app(toy)
    toy.faults.too_many_requests("GET /api/2.2/jobs/runs/get", retry_after=1)
    begun = time.monotonic()
    assert app.jobs.get_run(run).run_id == run
    assert time.monotonic() - begun >= 1


def test_a_run_is_forgotten_after_sixty_days(toy: Workspace) -> None:
    run = started(toy)
    toy.wait(run)
    toy.jobs.forget(run)
    with pytest.raises(ResourceDoesNotExist):
        clients.app(toy).jobs.get_run(run)


def test_only_who_may_manage_runs_starts_them(toy: Workspace) -> None:
    job = toy.job(toy_wheel.settings("report"), managers=())
    with pytest.raises(PermissionDenied, match="Manage Run"):
        clients.app(toy).jobs.run_now(job.job_id)


def test_a_job_says_whom_it_runs_as(toy: Workspace) -> None:
    runner, _ = toy.service_principal("runner")
    job = toy.job(toy_wheel.settings("report"), run_as=runner)
    settings = clients.app(toy).jobs.get(job.job_id).settings
    assert settings and settings.run_as and settings.run_as.service_principal_name == runner


def test_runs_are_listed_newest_first_in_pages(toy: Workspace) -> None:
    app, job = clients.app(toy), toy.job(toy_wheel.settings("report", queue={"enabled": True}))
    toy.start_seconds = 60
    made = [app.jobs.run_now(job.job_id).run_id for _ in range(3)]
    assert [run.run_id for run in app.jobs.list_runs(job_id=job.job_id, limit=2)] == made[::-1]
    assert list(app.jobs.list_runs(job_id=job.job_id, completed_only=True)) == []


def test_parameters_over_ten_kilobytes_are_refused(toy: Workspace) -> None:
    app, job = clients.app(toy), toy.job(toy_wheel.settings("report"))
    with pytest.raises(InvalidParameterValue, match="10000"):
        app.jobs.run_now(job.job_id, job_parameters={"config": "x" * 10_001})


def test_a_one_time_run_belongs_to_no_saved_job(toy: Workspace) -> None:
    wheel = jobs.PythonWheelTask(package_name="toy", entry_point="report")
    task = jobs.SubmitTask(task_key="toy", environment_key="default", python_wheel_task=wheel)
    spec = compute.Environment(
        environment_version="4", dependencies=["/Volumes/main/default/wheels/toy-1.0-py3-none-any.whl"]
    )
    app = clients.app(toy)
    run = app.jobs.submit(run_name="once", tasks=[task], environments=[jobs.JobEnvironment("default", spec)]).run_id
    assert toy.wait(run).outcome == toy.wait(run).latest()[0].outcome
    shown = app.jobs.get_run(run)
    assert shown.run_type is jobs.RunType.SUBMIT_RUN and shown.state
    assert shown.state.result_state is jobs.RunResultState.SUCCESS
    assert list(app.jobs.list()) == []
