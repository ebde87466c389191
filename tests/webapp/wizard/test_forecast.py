"""The forecast learns from jobs that ran here, and says so."""

from __future__ import annotations

import dataclasses
import json

import pytest
from flask.testing import FlaskClient

from generation import __version__
from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.files import to_json
from generation.spec.identity import config_hash
from tests.webapp.store.builders import MADE, running
from tests.webapp.wizard.browser import begun
from webapp.forecast import forecast_here
from webapp.processes import supervisors_of, this_host
from webapp.services import Services

CONFIG = Config.model_validate({"households": {"count": 300_000}})


def ran(services: Services, slowness: float, host: str) -> None:
    """A job that has succeeded on a host, so many times as slowly as the forecast's own figures say."""
    phases = dataclasses.asdict(estimate(CONFIG).phases)
    names = {"making": "generate", "judging": "verify", "fingerprinting": "fingerprint", "reporting": "report"}
    manifest = {
        "generator": __version__, "config_hash": config_hash(CONFIG), "config": json.loads(to_json(CONFIG)), "serial": 1,
        "engine": "embedded", "tables": {}, "seconds": {said: slowness * phases[name] for name, said in names.items()},
    }  # fmt: skip
    job = running(services.store.jobs)
    services.store.jobs.succeed(job, f"{supervisors_of(host)}1", {**MADE, "manifest": manifest})


def test_a_job_that_ran_here_tells_the_pace(services: Services) -> None:
    ran(services, 3.0, this_host())
    made = forecast_here(services, CONFIG)
    assert made.seconds == pytest.approx(3 * estimate(CONFIG).seconds)
    assert made.basis == "measured on the last run here"


def test_jobs_of_another_host_do_not(services: Services) -> None:
    ran(services, 3.0, "elsewhere")
    assert "calibration" in forecast_here(services, CONFIG).basis


def test_the_wizard_says_what_its_time_rests_on(client: FlaskClient, services: Services) -> None:
    for _ in range(2):
        ran(services, 3.0, this_host())
    assert "Time measured on the last 2 runs here." in begun(client).text


def test_a_manifest_of_another_version_is_passed_over(services: Services) -> None:
    job = running(services.store.jobs)
    services.store.jobs.succeed(job, f"{supervisors_of(this_host())}1", {**MADE, "manifest": {"shape": "other"}})
    assert "calibration" in forecast_here(services, CONFIG).basis
