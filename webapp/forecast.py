"""What a draft makes here and how long that takes, as the last jobs of this place tell."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from generation.spec.config import Config
from generation.spec.estimate import Estimate
from generation.spec.pace import LAST, WORKSPACE, forecast
from generation.spec.report import Manifest
from webapp.processes import supervisors_of, this_host
from webapp.services import Services

LOOKED_AT = 4 * LAST
"""Jobs, the newest: some are too short to tell anything, or made only a part of their dataset."""


def forecast_here(services: Services, config: Config) -> Estimate:
    """The forecast of a configuration, where the backend would run it."""
    engine = WORKSPACE if services.backend.name == "databricks" else config.output.engine
    return forecast(config, engine, _made_here(services))


def _made_here(services: Services) -> Iterator[Manifest]:
    """Manifests of jobs that went through in one attempt, the newest first; of this host, unless a workspace runs them."""
    name = services.backend.name
    by = "" if name == "databricks" else supervisors_of(this_host())
    for found in services.store.jobs.manifests(name, by, LOOKED_AT):
        try:
            yield Manifest.model_validate(found)
        except ValidationError:
            continue  # of another version
