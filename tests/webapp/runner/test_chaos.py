"""Two hosts, jobs of many users, and somebody who kills, freezes and cancels at random: nothing lost, nothing twice.

IDGRAPH_CHAOS_SEED chooses another course of events, IDGRAPH_CHAOS_JOBS another number of jobs.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from generation.spec.catalog import TABLES
from tests.builders import fingerprints
from tests.webapp.runner.checker import Verdict, judged
from tests.webapp.runner.monkey import Monkey
from tests.webapp.stage import DATA, Stage, until
from webapp.auth import User
from webapp.store.models import Job

SEED = int(os.environ.get("IDGRAPH_CHAOS_SEED", "20261123"))
JOBS = int(os.environ.get("IDGRAPH_CHAOS_JOBS", "40"))
CANCEL_SECONDS = 2.0

QUICK = {
    "IDGRAPH_LEASE_SECONDS": "3",
    "IDGRAPH_BEAT_SECONDS": "0.3",
    "IDGRAPH_CANCEL_SECONDS": "1",
    "IDGRAPH_FAKE_STEP_SECONDS": "0.05",
    "IDGRAPH_SLOTS": "2",
    "IDGRAPH_MAX_ATTEMPTS": "6",
}


def until_all_ended(stage: Stage, monkey: Monkey, jobs: list[Job], seconds: float) -> None:
    """The monkey has its turns until the last tenth of the jobs, which may end in peace."""
    deadline, peace = time.monotonic() + seconds, len(jobs) // 10
    while len(unfinished := stage.jobs.unfinished()) > peace:
        assert time.monotonic() < deadline, f"{len(unfinished)} jobs have not ended\n{stage.logs()[-5_000:]}"
        ended = len(jobs) - len(unfinished)
        monkey.turn(unfinished, (ended + 1) / (len(jobs) - peace))
        time.sleep(0.05)
    monkey.rest()
    for job in jobs:
        stage.ended(job, max(1.0, deadline - time.monotonic()))


def told(capsys: pytest.CaptureFixture[str], stage: Stage, monkey: Monkey, verdict: Verdict, seconds: float) -> None:
    """The statistics, on the terminal."""
    engine, longest = stage.services.store.engine.dialect.name, max(verdict.cancel_seconds, default=0.0)
    states = ", ".join(f"{count} {state}" for state, count in verdict.states.items())
    done = ", ".join(f"{count} x {what}" for what, count in monkey.done.items())
    with capsys.disabled():
        print(
            f"\nchaos on {engine}, seed {SEED}: {states} in {seconds:.0f} s and {verdict.attempts} attempts;", end=" "
        )
        print(f"{done}; longest cancel {longest:.2f} s; wrong: {len(verdict.wrong)}")


PLAN = {
    "kill": JOBS // 3,
    "stop": JOBS // 5,
    "cancel": JOBS // 6,
    "kill_dispatcher": JOBS // 15,
    "stop_dispatcher": JOBS // 20,
}


@pytest.mark.slow
def test_whatever_is_killed_frozen_or_cancelled_every_job_ends_once_and_as_it_says(
    store_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Stage(tmp_path / "datasets", store_url, QUICK) as stage:
        begun, users = time.monotonic(), [User(f"user {n}", "") for n in range(5)]
        jobs = [stage.submit(f"set{n}", users[n % 5]) for n in range(JOBS)]
        monkey = Monkey(stage, random.Random(SEED), PLAN)
        monkey.begin()
        until_all_ended(stage, monkey, jobs, 30 + 5 * JOBS)
        until(lambda: stage.running() == [], 10, "the end of every process but the dispatchers")
        verdict = judged(stage.jobs, jobs)
        told(capsys, stage, monkey, verdict, time.monotonic() - begun)
    assert verdict.wrong + monkey.twice == []
    assert max(verdict.cancel_seconds, default=0.0) <= CANCEL_SECONDS
    assert all(monkey.done[what] >= 0.7 * count for what, count in PLAN.items()), "too little has gone wrong"
    assert verdict.states.get("succeeded", 0) >= JOBS // 2


@pytest.mark.slow
def test_datasets_whose_processes_were_killed_at_random_are_those_of_an_undisturbed_run(
    store_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], undisturbed: dict[str, str]
) -> None:
    with Stage(tmp_path / "datasets", store_url, {**QUICK, "IDGRAPH_BACKEND": "local", "IDGRAPH_SLOTS": "1"}) as stage:
        begun = time.monotonic()
        jobs = [stage.submit(f"set{n}", **DATA) for n in range(2)]
        monkey = Monkey(stage, random.Random(SEED), {"kill": 4, "kill_dispatcher": 1})
        monkey.begin()
        while stage.jobs.unfinished() and monkey.ahead:
            monkey.turn([], sum(stage.units(job) for job in jobs) / (len(jobs) * len(TABLES)))
            time.sleep(0.1)
        for job in jobs:
            stage.ended(job, 180)
        verdict = judged(stage.jobs, jobs)
        told(capsys, stage, monkey, verdict, time.monotonic() - begun)
        assert verdict.wrong == [] and verdict.states == {"succeeded": 2}
        assert [fingerprints(Path(job.target)) for job in jobs] == [undisturbed] * 2
