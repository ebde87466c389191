"""Every crash of a process that a job has to survive, on both databases: rows 1 to 11 of the failure matrix.

Processes are real. Where the data matters they make real datasets, on one of the databases; elsewhere the fake backend takes
their place.
"""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generation.spec.presets import PRESET_BY_NAME
from tests.webapp.runner.fates import ONCE, TWICE, Dispatchers, dataset_of
from tests.webapp.serving import Served, served
from tests.webapp.stage import DATA, Stage, freeze, gone_within, thaw, until
from tests.webapp.store.builders import at_once
from webapp import create_app, runner
from webapp.auth import LOCAL
from webapp.errors import Refused
from webapp.services import services_of
from webapp.store.models import Job

# --- 1, 2: starting ---------------------------------------------------------------------------------------------------


def test_row_01_a_start_whose_answer_was_lost_gives_the_same_job_when_asked_again(stage: Stage) -> None:
    app, answers = create_app(services=stage.services), []
    app.config["PROPAGATE_EXCEPTIONS"] = False
    body = {"config": {"output": {"name": "one"}}, "idempotency_key": "k"}

    def die() -> None:
        raise ConnectionAbortedError("the process dies after the job is stored and before it answers")

    for wake in (die, lambda: None):
        stage.services.wake = wake
        answers.append(app.test_client().post("/generate/start", json=body))
    assert [answer.status_code for answer in answers] == [500, 200]
    assert [job.id for job in stage.jobs.unfinished()] == [answers[1].json["job_id"]]


def test_row_02_a_double_click_in_two_workers_starts_one_job(stage: Stage) -> None:
    workers = [stage.services, services_of(stage.services.settings)]
    config = PRESET_BY_NAME["small"].config
    starts = [lambda n=n: runner.start(workers[n % 2], LOCAL, runner.Request(config, "k")) for n in range(8)]  # type: ignore[misc]
    results = at_once(starts)
    workers[1].store.close()
    assert len({job.id for job, _ in results}) == 1 and sum(is_new for _, is_new in results) == 1  # type: ignore[misc]


def test_row_02_two_tabs_with_one_dataset_name_start_one_job(stage: Stage) -> None:
    results = at_once([lambda: stage.submit("one")] * 4)
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == 3 and {error.code for error in refused} == {"target_in_use"}
    assert len(stage.jobs.unfinished()) == 1


# --- 3, 4, 5: before the work begins ------------------------------------------------------------------------------------


def test_row_03_a_dispatcher_that_dies_between_claim_and_start_costs_one_lease(stage: Stage) -> None:
    job = stage.submit()
    assert stage.dispatcher(IDGRAPH_FAILPOINT="after_claim").wait(timeout=30) == -9
    assert stage.job(job).state == "running" and stage.running() == []
    stage.dispatcher()
    done = stage.ended(job)
    assert (stage.moves(job), done.attempt) == (TWICE, 2)


def test_row_04_a_supervisor_that_cannot_be_started_is_tried_again(
    stage: Stage, within: Dispatchers, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, dispatcher = stage.submit(), within()
    monkeypatch.setattr(
        dispatcher, "_spawn", _refusing([OSError(errno.ENOMEM, "Cannot allocate memory")], dispatcher._spawn)
    )
    until(lambda: (dispatcher.tick(), stage.job(job).finished_at)[1], 30, "the end")
    assert (stage.moves(job), stage.job(job).attempt) == (TWICE, 2)


def _refusing(errors: list[OSError], otherwise: Callable[[Job], Any]) -> Callable[[Job], Any]:
    def spawn(job: Job) -> Any:
        if errors:
            raise errors.pop()
        return otherwise(job)

    return spawn


@pytest.mark.parametrize("how", ["no memory", "a missing module"])
def test_row_04_a_supervisor_that_can_never_be_started_fails_the_job_with_the_reason_and_without_spinning(
    stage: Stage, within: Dispatchers, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    job, dispatcher, tries = stage.submit(), within(), []

    def spawn(job: Job) -> Any:
        tries.append(job.attempt)
        if how == "no memory":
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        return subprocess.Popen([sys.executable, "-m", "no_such_module"], stderr=subprocess.DEVNULL)

    monkeypatch.setattr(dispatcher, "_spawn", spawn)
    until(lambda: (dispatcher.tick(), stage.job(job).finished_at)[1], 30, "the end")
    error = stage.job(job).error
    assert error is not None and error["code"] == "WORKER_LOST" and tries == [1, 2, 3]
    assert ("Cannot allocate memory" if how == "no memory" else "the supervisor ended (1)") in error["message"]


def test_row_05_a_supervisor_that_dies_before_its_first_beat_is_replaced_without_waiting_for_the_lease(
    stage: Stage,
) -> None:
    job = stage.submit()
    stage.dispatcher(IDGRAPH_FAILPOINT="before_first_beat", IDGRAPH_LEASE_SECONDS="60")
    assert stage.ended(job, 30).attempt == 2
    assert stage.jobs.events(job.id)[2].reason == "the supervisor ended (-9)"


# --- 6, 7, 8, 9: while it goes on ---------------------------------------------------------------------------------------


def test_row_06_a_dataset_whose_worker_and_supervisor_were_killed_is_that_of_an_undisturbed_run(
    local: Stage, undisturbed: dict[str, str]
) -> None:
    job = local.submit(**DATA)
    local.dispatcher()
    for attempt, victim in ((1, "worker"), (2, "supervisor")):
        process = local.supervised(job, attempt, by=victim)
        until(lambda enough=3 * attempt: local.units(job) >= enough, 60, "units")  # type: ignore[misc]
        process.kill()
    done = local.ended(job, 90)
    assert (done.state, done.attempt, dataset_of(done)) == ("succeeded", 3, undisturbed)
    assert "SIGKILL" in str(local.jobs.events(job.id)[2].reason)


def test_row_07_a_supervisor_killed_between_making_and_publishing_leaves_nothing_half_published(
    local: Stage, undisturbed: dict[str, str]
) -> None:
    job = local.submit(**DATA)
    local.dispatcher(IDGRAPH_FAILPOINT="before_publish")
    local.when(job, lambda now: now.attempt == 2, "the second attempt", 90)
    assert not (Path(job.target) / "manifest.json").exists()
    done = local.ended(job, 90)
    assert (local.moves(job), dataset_of(done)) == (TWICE, undisturbed)
    assert len(list(Path(job.target, "households").glob("v*"))) == 1, "the first attempt's files are those published"


def test_row_08_a_supervisor_killed_after_success_is_not_run_again_and_its_dataset_is_published(stage: Stage) -> None:
    job = stage.submit()
    stage.dispatcher(IDGRAPH_FAILPOINT="after_publish")
    done = stage.ended(job)
    assert (stage.moves(job), done.attempt) == (ONCE, 1)
    published = stage.services.backend.product(_order(stage, done))
    assert published.manifest_hash == done.manifest_hash and (Path(done.target) / "manifest.json").exists()


def test_row_08_a_supervisor_that_stands_still_after_success_does_not_keep_its_target(stage: Stage) -> None:
    job = stage.submit()
    stage.dispatcher(IDGRAPH_FAILPOINT="after_publish:SIGSTOP")
    supervisor = stage.supervised(job)
    done = stage.ended(job)
    gone_within(supervisor, 5)
    assert (stage.moves(job), (Path(done.target) / "manifest.json").exists()) == (ONCE, True)


def _order(stage: Stage, job: Job) -> Any:
    from webapp.supervisor import order_of

    return order_of(stage.services, job)


def test_row_09_a_frozen_attempt_is_replaced_and_cannot_write_into_the_dataset(
    local: Stage, undisturbed: dict[str, str]
) -> None:
    job = local.submit(**DATA)
    local.dispatcher()
    supervisor, worker = local.supervised(job), local.supervised(job, by="worker")
    until(lambda: local.units(job) >= 3, 60, "units")
    freeze(worker)
    freeze(supervisor)
    done = local.ended(job, 90)
    assert (done.state, done.attempt, dataset_of(done)) == ("succeeded", 2, undisturbed)
    assert gone_within(supervisor, 1) + gone_within(worker, 1) < 2


def test_row_09_an_attempt_on_another_host_that_thaws_after_its_lease_changes_nothing(stage: Stage) -> None:
    stage.environment["IDGRAPH_FAKE_STEP_SECONDS"] = "0.4"
    job = stage.submit()
    island = stage.elsewhere("island")
    zombie = stage.supervised(job)
    island.kill()
    freeze(zombie)
    stage.dispatcher()
    stage.supervised(job, 2)
    thaw(zombie)
    gone_within(zombie, 5)
    done = stage.ended(job)
    assert (stage.moves(job), done.attempt) == (TWICE, 2)
    assert not [
        e for e in stage.jobs.events(job.id)[2:] if str(zombie.pid) in e.actor.split(":") and "island" in e.actor
    ]


# --- 10, 11: the web server and its container ----------------------------------------------------------------------------


SLOW = {"IDGRAPH_FAKE_STEP_SECONDS": "0.5", "IDGRAPH_LEASE_SECONDS": "4", "IDGRAPH_BEAT_SECONDS": "0.2"}


@pytest.fixture
def site(stage: Stage) -> Iterator[tuple[Stage, Callable[[], Any]]]:
    """A host, and servers on it."""
    stage.environment |= SLOW
    yield stage, lambda: served(stage.folder, **stage.environment)


def started(server: Served, stage: Stage) -> Job:
    code, body = server.ask("/generate/start", {"config": {"output": {"name": "one"}}})
    assert code == 202, body
    job = stage.jobs.get(body["job_id"])
    assert job is not None
    stage.supervised(job)
    return job


def test_row_10_killing_and_reloading_web_processes_leaves_a_running_job_alone(
    site: tuple[Stage, Callable[[], Any]],
) -> None:
    stage, serve = site
    with serve() as server:
        job = started(server, stage)
        for worker in server.workers():
            worker.kill()
        until(lambda: server.status(job.id)["progress"]["done"] > 0, 30, "progress, seen by another web process")
        server.process.send_signal(1)
        done = stage.ended(job)
        assert (stage.moves(job), done.attempt) == (ONCE, 1)


def test_row_11_an_orderly_stop_gives_the_job_back_and_the_next_start_finishes_it(
    site: tuple[Stage, Callable[[], Any]],
) -> None:
    stage, serve = site
    with serve() as server:
        job = started(server, stage)
        server.stop()
        waiting = stage.job(job)
        assert (waiting.state, waiting.shutdowns, stage.running()) == ("queued", 1, [])
    with serve():
        done = stage.ended(job)
    assert (stage.moves(job), stage.jobs.events(job.id)[2].reason, done.attempt) == (TWICE, "SHUTDOWN", 2)


def test_row_11_after_the_whole_container_was_killed_the_next_one_finishes_the_job(
    site: tuple[Stage, Callable[[], Any]],
) -> None:
    stage, serve = site
    with serve() as server:
        job = started(server, stage)
        for process in [server.process, *server.workers(), *stage.running()]:
            process.kill()
    with serve():
        done = stage.ended(job)
    assert (stage.moves(job), done.attempt) == (TWICE, 2)
