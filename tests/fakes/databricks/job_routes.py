"""The Jobs API 2.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.databricks.jobs import INTERNAL_ERROR, SKIPPED, Attempt, Job, Outcome, Run
from tests.fakes.databricks.wire import ApiError, Call, Reply, Route, now_ms, reply

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

LARGEST_PAGE = 25
FATES = {"skipped": SKIPPED, "internal_error": INTERNAL_ERROR}
STATUS = {"SKIPPED": "TERMINATED", "INTERNAL_ERROR": "TERMINATED", "WAITING_FOR_RETRY": "WAITING"}
SCOPE = "jobs"


def create(workspace: Workspace, call: Call) -> Reply:
    """Saves a job; it runs as its creator unless `run_as` names somebody."""
    return reply({"job_id": workspace.jobs.create(call.body, call.principal.name).job_id})


def get_job(workspace: Workspace, call: Call) -> Reply:
    """A saved job."""
    job = workspace.jobs.job(call.number("job_id"))
    return reply({**_job(job), "run_as_user_name": job.run_as})


def list_jobs(workspace: Workspace, call: Call) -> Reply:
    """Saved jobs, the newest first."""
    found = [_job(job) for job in workspace.jobs.all_jobs(call.request.query.get("name"))]
    rows, token = _page(found, call, 20)
    return reply({"jobs": rows, "has_more": bool(token), **({"next_page_token": token} if token else {})})


def _job(job: Job) -> dict[str, Any]:
    settings = {"format": "MULTI_TASK", "max_concurrent_runs": 1, "timeout_seconds": 0, **job.settings}
    return {
        "job_id": job.job_id,
        "creator_user_name": job.creator,
        "created_time": job.created,
        "settings": settings,
    }


def run_now(workspace: Workspace, call: Call) -> Reply:
    """A run of a saved job; a token that is known already gets the run it has started."""
    body = call.body
    job = workspace.jobs.job(int(body.get("job_id", 0)))
    _require_managing(workspace, call, job)
    run = workspace.jobs.start(job, call.principal, body, _fate(workspace, body))
    return reply({"run_id": run.run_id, "number_in_job": run.number})


def submit(workspace: Workspace, call: Call) -> Reply:
    """A one-time run, which no saved job shows."""
    body = call.body
    as_ = body.get("run_as", {})
    run_as = as_.get("service_principal_name") or as_.get("user_name") or call.principal.name
    job = Job(workspace.jobs.new_id(), {"name": body.get("run_name", "Untitled"), **body}, call.principal.name, run_as)
    run = workspace.jobs.start(job, call.principal, body, _fate(workspace, body))
    return reply({"run_id": run.run_id})


def _fate(workspace: Workspace, body: dict[str, Any]) -> Outcome | None:
    token = body.get("idempotency_token")
    if token is not None and workspace.jobs.token_known(token):
        return None
    fault = workspace.faults.for_run()
    return None if fault is None else FATES[fault]


def _require_managing(workspace: Workspace, call: Call, job: Job) -> None:
    identities = workspace.directory.identities(call.principal.name)
    if not (call.principal.admin or identities & {job.creator, *job.managers}):
        says = (
            f"{call.principal.name} does not have Manage Run or Owner or Admin permissions on job {job.job_id}. "
            "Please contact the owner of this job for access."
        )
        raise ApiError(403, "PERMISSION_DENIED", says)


def get_run(workspace: Workspace, call: Call) -> Reply:
    """A run with the last attempt at each task, or one attempt."""
    run, attempt = workspace.jobs.run(call.number("run_id"))
    shown = _run(workspace, run) if attempt is None else _attempt(workspace, run, attempt)
    strange = workspace.faults.for_state()
    if strange is not None:
        shown["state"] = {"life_cycle_state": strange, "state_message": ""}
        shown["status"] = {"state": strange}
    return reply(shown)


def list_runs(workspace: Workspace, call: Call) -> Reply:
    """Runs, the newest first, without their tasks unless asked for."""
    query = call.request.query
    job_id = int(query["job_id"]) if "job_id" in query else None
    runs = [r for r in workspace.jobs.runs(job_id) if r.saved or job_id is None]
    for name, keep in (("active_only", True), ("completed_only", False)):
        if query.get(name) == "true":
            runs = [r for r in runs if r.active is keep]
    since = int(query.get("start_time_from") or 0)
    rows, token = _page([r for r in runs if r.start >= since], call, LARGEST_PAGE)
    tasks = query.get("expand_tasks") == "true"
    shown = [{k: v for k, v in _run(workspace, r).items() if tasks or k != "tasks"} for r in rows]
    return reply({"runs": shown, "has_more": bool(token), **({"next_page_token": token} if token else {})})


def _page(rows: list[Any], call: Call, largest: int) -> tuple[list[Any], str | None]:
    start = int(call.request.query.get("page_token") or 0)
    end = start + min(int(call.request.query.get("limit") or 20), largest)
    return rows[start:end], str(end) if end < len(rows) else None


def get_output(workspace: Workspace, call: Call) -> Reply:
    """What one attempt at a task has printed and why it failed; a job run as a whole has no output."""
    run, attempt = workspace.jobs.run(call.number("run_id"))
    if attempt is None:
        says = (
            "Retrieving the output of runs with multiple tasks is not supported. "
            "Please retrieve the output of each individual task run instead."
        )
        raise ApiError(400, "INVALID_PARAMETER_VALUE", says)
    logs = attempt.logs()
    body = {"metadata": _attempt(workspace, run, attempt), "logs": logs, "logs_truncated": False}
    if attempt.outcome is not None and attempt.outcome.error is not None:
        body |= {"error": attempt.outcome.error, "error_trace": attempt.outcome.trace or ""}
    return reply(body)


def cancel(workspace: Workspace, call: Call) -> Reply:
    """Asks a run to end; the answer does not wait for it."""
    run, _ = workspace.jobs.run(int(call.body.get("run_id", 0)))
    _require_managing(workspace, call, run.job)
    workspace.jobs.cancel(run)
    return reply()


def delete(workspace: Workspace, call: Call) -> Reply:
    """Afterwards the run is not known."""
    run, _ = workspace.jobs.run(int(call.body.get("run_id", 0)))
    _require_managing(workspace, call, run.job)
    workspace.jobs.delete(run.run_id)
    return reply()


def _run(workspace: Workspace, run: Run) -> dict[str, Any]:
    defaults = {p["name"]: p["default"] for p in run.job.settings.get("parameters", [])}
    return {
        "job_id": run.job.job_id,
        "run_id": run.run_id,
        "number_in_job": run.number,
        "original_attempt_run_id": run.run_id,
        "creator_user_name": run.creator,
        "run_name": run.job.settings.get("name", ""),
        "run_type": "JOB_RUN" if run.saved else "SUBMIT_RUN",
        "run_page_url": f"{workspace.host}/jobs/{run.job.job_id}/runs/{run.run_id}",
        "format": "MULTI_TASK",
        "trigger": "ONE_TIME",
        "job_parameters": [
            {"name": k, "value": v, **({"default": defaults[k]} if k in defaults else {})}
            for k, v in run.parameters.items()
        ],
        "tasks": [_attempt(workspace, run, attempt) for attempt in run.latest()],
        **_times(run.start, run.end),
        **_states(run.life_cycle, run.outcome),
    }


def _attempt(workspace: Workspace, run: Run, attempt: Attempt) -> dict[str, Any]:
    return {
        **attempt.task,
        "run_id": attempt.run_id,
        "attempt_number": attempt.number,
        "run_page_url": f"{workspace.host}/jobs/{run.job.job_id}/runs/{attempt.run_id}",
        **_times(attempt.start, attempt.end),
        **_states(attempt.life_cycle, attempt.outcome),
    }


def _times(start: int, end: int) -> dict[str, int]:
    spent = (end or now_ms()) - start
    return {
        "start_time": start,
        "end_time": end,
        "run_duration": spent,
        "execution_duration": spent,
        "setup_duration": 0,
    }


def _states(life_cycle: str, outcome: Outcome | None) -> dict[str, Any]:
    state: dict[str, Any] = {"life_cycle_state": life_cycle, "state_message": outcome.message if outcome else ""}
    state["user_cancelled_or_timedout"] = outcome is not None and outcome.result in ("CANCELED", "TIMEDOUT")
    status: dict[str, Any] = {"state": STATUS.get(life_cycle, life_cycle)}
    if life_cycle == "QUEUED":
        reason = "Queued due to reaching maximum concurrent runs of 1."
        state["queue_reason"] = reason
        status["queue_details"] = {"code": "MAX_CONCURRENT_RUNS_REACHED", "message": reason}
    if outcome is not None:
        state["result_state"] = outcome.result
        status["termination_details"] = {"code": outcome.code, "type": outcome.type, "message": outcome.message}
    return {"state": state, "status": status}


ROUTES = [
    Route("POST", "/api/2.2/jobs/create", create, SCOPE),
    Route("GET", "/api/2.2/jobs/get", get_job, SCOPE),
    Route("GET", "/api/2.2/jobs/list", list_jobs, SCOPE),
    Route("POST", "/api/2.2/jobs/run-now", run_now, SCOPE),
    Route("POST", "/api/2.2/jobs/runs/submit", submit, SCOPE),
    Route("GET", "/api/2.2/jobs/runs/get", get_run, SCOPE),
    Route("GET", "/api/2.2/jobs/runs/list", list_runs, SCOPE),
    Route("GET", "/api/2.2/jobs/runs/get-output", get_output, SCOPE),
    Route("POST", "/api/2.2/jobs/runs/cancel", cancel, SCOPE),
    Route("POST", "/api/2.2/jobs/runs/delete", delete, SCOPE),
]
