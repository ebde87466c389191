"""What gets deployed, validated strictly and offline by the platform's own classes."""

from __future__ import annotations

import copy

import pytest
import yaml
from databricks.bundles.jobs import Job

from tests.builders import ROOT
from tests.databricks.deployed import bundle

apps = pytest.importorskip("databricks.bundles.apps")


def test_the_job_is_valid() -> None:
    job = Job.from_dict(bundle()["resources"]["jobs"]["generate"])
    assert job.tasks[0].max_retries == 0 and job.tasks[0].disable_auto_optimization


def test_the_app_is_valid() -> None:
    apps.App.from_dict(bundle()["resources"]["apps"]["idgraph"])


def test_a_misspelt_setting_is_refused() -> None:
    app = copy.deepcopy(bundle()["resources"]["apps"]["idgraph"])
    app["config"]["env"][2]["valueFrom"] = app["config"]["env"][2].pop("value_from")
    with pytest.raises(ValueError, match="valueFrom"):
        apps.App.from_dict(app)


def test_app_yaml_and_the_bundle_say_the_same() -> None:
    app, own = bundle()["resources"]["apps"]["idgraph"]["config"], yaml.safe_load((ROOT / "app.yaml").read_text())
    assert app["command"] == own["command"]
    named = [{"value_from" if k == "valueFrom" else k: v for k, v in entry.items()} for entry in own["env"]]
    filled = [{k: v.replace("${var.catalog}", "bryan_li") for k, v in entry.items()} for entry in app["env"]]
    assert named == filled


def test_what_the_app_is_told_to_read_is_attached_to_it() -> None:
    app = bundle()["resources"]["apps"]["idgraph"]
    attached = {resource["name"] for resource in app["resources"]}
    assert {entry["value_from"] for entry in app["config"]["env"] if "value_from" in entry} <= attached
