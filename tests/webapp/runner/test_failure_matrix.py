"""Every crash and fault that a job has to survive, on both databases: rows 1 to 22 of the failure matrix.

Processes are real. Where the data matters they make real datasets, on one of the databases; elsewhere the fake backend takes
their place.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command

from generation.spec.presets import PRESET_BY_NAME
from tests.builders import fingerprints
from tests.webapp.runner.outages import Outage, outage
from tests.webapp.serving import Served, command_of, served
from tests.webapp.stage import DATA, Clock, Stage, freeze, gone_within, thaw, until
from tests.webapp.store.builders import HERE, a_job, at_once
from tests.webapp.store.test_migrations import with_next
from webapp import create_app, runner
from webapp.auth import LOCAL
from webapp.dispatcher import Dispatcher
from webapp.errors import Refused
from webapp.lifecycle import ENDED
from webapp.processes import this_host
from webapp.services import services_of
from webapp.store.jobs import JOB, Capacity
from webapp.store.models import Job
from webapp.store.store import Store
from webapp.supervisor import Supervisor

__all__ = ["outage"]

CANCEL_SECONDS = 2.0
"""The longest that a cancel may take, whatever has died or stands still."""

ONCE = ["queued", "running", "succeeded"]
TWICE = ["queued", "running", "queued", "running", "succeeded"]

Dispatchers = Callable[[], Dispatcher]


def dataset_of(job: Job) -> dict[str, str]:
    """The fingerprints of the published dataset."""
    return fingerprints(Path(job.target))


def ends(stage: Stage, job: Job) -> list[str]:
    """The ends that a job has come to; there should be one."""
    return [state for state in stage.moves(job) if state in ENDED]


def claimed(stage: Stage) -> Job:
    """The next job, claimed by this process."""
    job = stage.jobs.claim("test", Capacity(this_host(), 4, 4))
    assert job is not None
    return job


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


# --- 12, 13, 14: the database and the disk --------------------------------------------------------------------------------


def test_row_12_a_database_that_is_away_for_less_than_a_lease_disturbs_nothing(outage: Outage, tmp_path: Path) -> None:
    slow = {"IDGRAPH_LEASE_SECONDS": "10", "IDGRAPH_FAKE_STEP_SECONDS": "0.7"}
    with Stage(tmp_path / "datasets", outage.url, slow) as stage:
        job = stage.submit()
        stage.dispatcher()
        supervisor = stage.supervised(job)
        with outage.away():
            time.sleep(5)
            assert supervisor.is_running()
        done = stage.ended(job)
        assert (stage.moves(job), done.attempt) == (ONCE, 1)


def test_row_12_a_supervisor_without_a_database_stops_before_its_lease_can_be_taken(
    outage: Outage, tmp_path: Path
) -> None:
    slow = {"IDGRAPH_LEASE_SECONDS": "8", "IDGRAPH_FAKE_STEP_SECONDS": "1"}
    with Stage(tmp_path / "datasets", outage.url, slow) as stage:
        job = stage.submit()
        stage.dispatcher()
        supervisor = stage.supervised(job)
        stage.when(job, lambda now: now.progress, "progress")
        with outage.away():
            assert gone_within(supervisor, 9) < 8, "the lease has eight seconds"
            time.sleep(1)
        done = stage.ended(job)
        assert (stage.moves(job), done.attempt) == (TWICE, 2)


@pytest.mark.parametrize("was_made", [True, False], ids=["made", "not made"])
def test_row_13_when_the_answer_to_the_publishing_commit_is_lost_the_job_succeeds_once(
    stage: Stage, was_made: bool
) -> None:
    job = stage.submit()
    lost = lose_answer(stage.services.store.engine, "succeeded", was_made)
    assert Supervisor(stage.services, claimed(stage)).run() == 0
    assert lost == ["succeeded"]
    assert (stage.moves(job), stage.job(job).published_at is not None) == (ONCE, True)


@pytest.mark.parametrize("was_made", [True, False], ids=["made", "not made"])
def test_row_13_when_the_answer_to_a_failing_commit_is_lost_the_job_fails_once(stage: Stage, was_made: bool) -> None:
    job = stage.submit("bad")
    lost = lose_answer(stage.services.store.engine, "failed", was_made)
    assert Supervisor(stage.services, claimed(stage)).run() == 0
    assert (lost, stage.moves(job)) == (["failed"], ["queued", "running", "failed"])


def lose_answer(engine: sa.Engine, state: str, was_made: bool) -> list[str]:
    """The connection breaks once, at the COMMIT that brings a job to a state: after or before the database has made it."""
    lost: list[str] = []
    armed: list[bool] = []
    commit, dialect = engine.dialect.do_commit, engine.dialect

    def watch(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        given = parameters.values() if isinstance(parameters, dict) else parameters
        if statement.startswith("UPDATE job") and state in map(str, given) and not lost:
            armed.append(True)

    def broken(connection: Any) -> None:
        if not armed:
            return commit(connection)
        armed.clear()
        lost.append(state)
        commit(connection) if was_made else dialect.do_rollback(connection)
        raise (sqlite3 if dialect.name == "sqlite" else psycopg).OperationalError("the connection was lost")

    sa.event.listen(engine, "after_cursor_execute", watch)
    dialect.do_commit = broken  # type: ignore[method-assign]
    return lost


def test_row_14_somebody_who_reads_for_long_does_not_hold_a_job_up(stage: Stage) -> None:
    job = stage.submit()
    with stage.services.store.engine.connect().execution_options(reads_only=True) as reader:
        assert reader.execute(sa.text("select count(*) from job")).scalar() == 1
        stage.dispatcher()
        done = stage.ended(job)
    assert (stage.moves(job), done.attempt) == (ONCE, 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("mounting needs root")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_row_14_a_full_disk_fails_the_job_with_the_reason_and_without_half_a_result(
    sqlite_url: str, small_disk: Path, undisturbed: dict[str, str]
) -> None:
    with Stage(small_disk / "datasets", sqlite_url, {"IDGRAPH_BACKEND": "local"}) as stage:
        stage.logbook = small_disk.parent
        (small_disk / "ballast").write_bytes(bytes(1_400_000))
        job = stage.submit(**DATA)
        stage.dispatcher()
        failed = stage.ended(job, 90)
        assert (
            failed.error is not None and failed.error["code"] == "STORAGE" and "free space" in failed.error["message"]
        )
        assert (failed.attempt, (Path(job.target) / "manifest.json").exists()) == (1, False)
        (small_disk / "ballast").unlink()
        again = stage.submit(**DATA)
        assert dataset_of(stage.ended(again, 90)) == undisturbed


# --- 15, 16: cancelling ---------------------------------------------------------------------------------------------------


def test_row_15_a_cancel_just_before_the_publication_wins_over_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, backend = stage.submit(), stage.services.backend
    product = backend.product

    def cancelled_meanwhile(order: Any) -> Any:
        runner.cancel(stage.services, LOCAL, job.id)
        return product(order)

    monkeypatch.setattr(backend, "product", cancelled_meanwhile)
    Supervisor(stage.services, claimed(stage)).run()
    assert (ends(stage, job), (Path(job.target) / "manifest.json").exists()) == (["cancelled"], False)


def test_row_15_a_cancel_just_after_the_publication_is_refused(stage: Stage) -> None:
    job = stage.submit()
    Supervisor(stage.services, claimed(stage)).run()
    with pytest.raises(Refused, match="has succeeded already"):
        runner.cancel(stage.services, LOCAL, job.id)
    assert (ends(stage, job), (Path(job.target) / "manifest.json").exists()) == (["succeeded"], True)


def test_row_15_a_cancel_and_a_claim_at_once_end_in_a_cancelled_job(stage: Stage) -> None:
    for n in range(12):
        job = stage.submit(f"set{n}")
        won, _ = at_once(
            [lambda: stage.jobs.claim("test", HERE), lambda job=job: runner.cancel(stage.services, LOCAL, job.id)]
        )  # type: ignore[misc]
        if isinstance(won, Job):
            Supervisor(stage.services, won).run()
        assert ends(stage, job) == ["cancelled"]


def test_row_15_cancelling_twice_is_cancelling_once(stage: Stage) -> None:
    stage.environment["IDGRAPH_FAKE_STEP_SECONDS"] = "1"
    job = stage.submit()
    stage.dispatcher()
    stage.supervised(job)
    at_once([lambda: runner.cancel(stage.services, LOCAL, job.id)] * 4)
    stage.ended(job)
    assert stage.moves(job) == ["queued", "running", "cancelling", "cancelled"]


@pytest.mark.parametrize("victim", ["worker", "supervisor"])
def test_row_16_a_cancel_takes_effect_in_two_seconds_when_a_process_stands_still(local: Stage, victim: str) -> None:
    local.environment["IDGRAPH_CANCEL_SECONDS"] = "1.5"
    job = local.submit(**DATA)
    local.dispatcher()
    processes = {name: local.supervised(job, by=name) for name in ("worker", "supervisor")}
    until(lambda: local.units(job) > 0, 60, "units")
    freeze(processes[victim])
    assert cancelling(local, job) <= CANCEL_SECONDS
    assert all(gone_within(process, 1) < 1 for process in processes.values())


def test_row_16_a_cancel_takes_effect_in_two_seconds_when_the_supervisor_is_dead(stage: Stage) -> None:
    stage.environment |= {"IDGRAPH_CANCEL_SECONDS": "1.5", "IDGRAPH_FAKE_STEP_SECONDS": "1"}
    job = stage.submit()
    stage.dispatcher()
    stage.supervised(job).kill()
    assert cancelling(stage, job) <= CANCEL_SECONDS


def test_row_16_a_cancel_takes_effect_in_two_seconds_when_the_supervisor_answers(stage: Stage) -> None:
    job = stage.submit("stuck")
    stage.dispatcher()
    supervisor = stage.supervised(job)
    assert cancelling(stage, job) <= CANCEL_SECONDS
    gone_within(supervisor, 1)


def cancelling(stage: Stage, job: Job) -> float:
    """The seconds between a user's cancel and the job's end."""
    begun = stage.jobs.clock()
    runner.cancel(stage.services, LOCAL, job.id)
    done = stage.ended(job)
    assert ends(stage, job) == ["cancelled"]
    return float(done.finished_at or 0) - begun


# --- 17 to 22 -----------------------------------------------------------------------------------------------------------


def test_row_17_a_job_that_kills_every_worker_fails_and_the_others_go_on(stage: Stage) -> None:
    poison, good = stage.submit("lost"), stage.submit("good")
    stage.dispatcher(IDGRAPH_SLOTS="1")
    failed = stage.ended(poison)
    assert failed.error is not None and (failed.error["code"], failed.attempt) == ("WORKER_LOST", 3)
    assert stage.ended(good).state == "succeeded"


def test_row_18_setting_the_clock_of_the_host_has_no_effect(stage: Stage, tmp_path: Path) -> None:
    stage.environment["IDGRAPH_FAKE_STEP_SECONDS"] = "0.6"
    clock = Clock(tmp_path / "clock")
    clock.set(0)
    job = stage.submit()
    stage.on_time_of(clock)
    stage.supervised(job)
    for hours in (1, -1, 0):
        clock.set(hours)
        time.sleep(1.2)
    done = stage.ended(job)
    assert (stage.moves(job), done.attempt) == (ONCE, 1)


@pytest.mark.parametrize("hours", [1, -1])
def test_row_18_a_dispatcher_whose_clock_is_wrong_takes_no_job_from_others_and_loses_none(
    stage: Stage, tmp_path: Path, hours: int
) -> None:
    stage.environment["IDGRAPH_FAKE_STEP_SECONDS"] = "0.5"
    clock = Clock(tmp_path / "clock")
    clock.set(hours)
    job = stage.submit()
    right = stage.elsewhere("island")
    supervisor = stage.supervised(job)
    stage.on_time_of(clock)
    time.sleep(2.5)
    assert stage.job(job).attempt == 1
    right.kill()
    supervisor.kill()
    done = stage.ended(job)
    assert (stage.moves(job), done.attempt) == (TWICE, 2), "a lease that nobody renews still runs out"


def test_row_19_a_migration_of_the_next_release_leaves_running_jobs_alone(stage: Stage, tmp_path: Path) -> None:
    stage.environment["IDGRAPH_FAKE_STEP_SECONDS"] = "0.3"
    jobs = [stage.submit(name) for name in ("running", "waiting")]
    for host in ("old", "new"):
        stage.elsewhere(host, IDGRAPH_SLOTS="1", IDGRAPH_USER_ACTIVE_LIMIT="1")
    stage.supervised(jobs[0])
    command.upgrade(with_next(stage.url, tmp_path), "head")
    assert [(stage.ended(job).attempt, stage.moves(job)) for job in jobs] == [(1, ONCE)] * 2
    assert stage.services.store.is_ready()


def test_row_20_work_that_was_started_and_never_reported_ends_and_is_taken_up_once(
    local: Stage, undisturbed: dict[str, str]
) -> None:
    """What holds for every backend: the attempt is committed before anything starts, and the next one finds what there is.

    That a remote run is found again by its token is for the backend that has remote runs; the port's suite in
    tests/webapp/backends asks it of every backend, and has to get that backend's own case of this row.
    """
    job = local.submit(**DATA)
    local.dispatcher(IDGRAPH_FAILPOINT="before_report")
    second = local.supervised(job, 2, by="worker")
    first = [process for process in local.running() if "generation" in command_of(process) and process != second]
    until(lambda: not any(process.is_running() for process in first), 10, "the end of the work that nobody knows")
    done = local.ended(job, 90)
    assert (local.moves(job), dataset_of(done)) == (TWICE, undisturbed)


@pytest.mark.parametrize("lost", ["manifest.json", "."])
def test_row_21_a_dataset_that_was_deleted_after_success_is_said_to_be_gone(stage: Stage, lost: str) -> None:
    job = stage.submit()
    Supervisor(stage.services, claimed(stage)).run()
    client = create_app(services=stage.services).test_client()
    assert client.get(f"/generate/result/{job.id}").status_code == 200
    path = Path(job.target) / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    answer = client.get(f"/generate/result/{job.id}")
    assert (answer.status_code, answer.json["type"]) == (410, "urn:idgraph:problem:dataset_gone")
    assert stage.submit("one").target == job.target, "and may be made again"


def test_row_21_a_dataset_that_was_deleted_before_its_publication_frees_its_target(stage: Stage) -> None:
    job = stage.submit()
    stage.dispatcher(IDGRAPH_FAILPOINT="after_publish:SIGSTOP")
    stage.reached(job, "succeeded")
    shutil.rmtree(job.target)
    assert stage.ended(job).published_at and not Path(job.target).exists()


def test_row_22_a_thousand_waiting_jobs_are_claimed_in_order_and_fairly(store: Store) -> None:
    rows = [{**a_job(owner=f"user {n % 20}", name=str(n)).model_dump(), "created_at": float(n)} for n in range(1_000)]
    with store.engine.begin() as connection:
        connection.execute(sa.insert(JOB), rows)
    order: list[Job] = []

    def dispatch(host: str) -> None:
        for _ in range(60):
            job = store.jobs.claim(host, Capacity(host, slots=1, per_owner=2))
            if job is not None:
                order.append(job)
                store.jobs.fail(job, host, "BAD", "it is bad")

    assert at_once([lambda: dispatch("one"), lambda: dispatch("two")]) == [None, None]
    assert len(order) == 120 and len({job.id for job in order}) == 120
    for owner in {job.owner for job in order}:
        mine = [int(job.name) for job in order if job.owner == owner]
        assert 4 <= len(mine) <= 8 and sorted(mine) == sorted(range(int(owner.split()[1]), 1_000, 20))[: len(mine)]


def test_no_row_of_the_matrix_is_without_a_test() -> None:
    numbered = {int(name.split("_")[2]) for name in globals() if name.startswith("test_row_")}
    assert numbered == set(range(1, 23))
