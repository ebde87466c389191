"""The blueprint of the results, and the dataset that its pages look at."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app

from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.table import Table
from webapp import runner
from webapp.auth import current_user
from webapp.errors import Refused
from webapp.lifecycle import State
from webapp.reading import Gone, Snapshot
from webapp.services import Services
from webapp.store.models import Job

blueprint = Blueprint("results", __name__)


def hands() -> Services:
    """The services of this process."""
    services: Services = current_app.extensions["idgraph"]
    return services


@dataclass(frozen=True)
class Dataset:
    """What a succeeded job made."""

    job: Job

    @property
    def root(self) -> Path:
        """The folder below which the tables lie."""
        return Path(self.job.target)

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest that was published."""
        return self.job.manifest or {}

    @property
    def names(self) -> list[str]:
        """Its tables in the order of the catalogue; databases do not keep the order of names in JSON."""
        made = self.manifest["tables"]
        return [name for name in TABLE_BY_NAME if name in made]

    @property
    def unknown(self) -> list[str]:
        """Its tables that this version of the catalogue does not have."""
        return sorted(set(self.manifest["tables"]) - set(TABLE_BY_NAME))

    def missing(self) -> list[str]:
        """Tables whose folders are not there any more."""
        tables = self.manifest["tables"].items()
        return [name for name, entry in tables if not (self.root / entry["location"] / "_delta_log").is_dir()]

    def table(self, name: str) -> Table:
        """A table that both the catalogue and the dataset have; 404 for any other."""
        if name not in TABLE_BY_NAME or name not in self.manifest["tables"]:
            abort(404)
        return TABLE_BY_NAME[name]

    def snapshot(self, name: str) -> Snapshot:
        """The table at the version of the manifest; raises `Refused` 410 if it is not there any more."""
        table = self.table(name)
        entry = self.manifest["tables"][name]
        try:
            return Snapshot.of(self.root / entry["location"], table, int(entry["version"]))
        except Gone as error:
            raise gone(self.job, str(error)) from error


def gone(job: Job, why: str) -> Refused:
    """The dataset is not where it was put."""
    return Refused(410, "dataset_gone", f"the dataset {job.name!r} is not there any more ({why}); run the job again")


def dataset_of(job_id: uuid.UUID) -> Dataset:
    """The dataset of a succeeded job the user may see; raises `Refused` 404, or 409 if there is none (yet)."""
    job = runner.visible(hands(), current_user(), str(job_id))
    if job.state != State.SUCCEEDED:
        raise Refused(409, "no_result", f"job {job.id} has no dataset: it is {job.state}; see its page")
    return Dataset(job)
