"""Every fault around a job that it has to survive, on both databases: rows 12 to 22 of the failure matrix.

Processes are real. Where the data matters they make real datasets, on one of the databases; elsewhere the fake backend takes
their place.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command

from tests.webapp.runner import test_failures_of_processes
from tests.webapp.runner.fates import CANCEL_SECONDS, ONCE, TWICE, claimed, dataset_of, ends
from tests.webapp.runner.outages import Outage, outage
from tests.webapp.serving import command_of
from tests.webapp.stage import DATA, Clock, Stage, freeze, gone_within, until
from tests.webapp.store.builders import HERE, a_job, at_once
from tests.webapp.store.test_migrations import with_next
from webapp import create_app, runner
from webapp.auth import LOCAL
from webapp.errors import Refused
from webapp.store.jobs import JOB, Capacity
from webapp.store.models import Job
from webapp.store.store import Store
from webapp.supervisor import Supervisor

__all__ = ["outage"]

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
    # Longer than a supervisor takes to start on a machine with much else to do.
    stage.environment |= {"IDGRAPH_FAKE_STEP_SECONDS": "0.5", "IDGRAPH_LEASE_SECONDS": "6"}
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
    why = [event.reason for event in stage.jobs.events(job.id)]
    assert (stage.moves(job), done.attempt) == (TWICE, 2), f"a lease that nobody renews still runs out, once: {why}"


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
    names = [*globals(), *vars(test_failures_of_processes)]
    assert {int(name.split("_")[2]) for name in names if name.startswith("test_row_")} == set(range(1, 23))
