"""Names for datasets that nothing is in the way of."""

from __future__ import annotations

import re
from typing import Any

from generation.spec.config import Config
from webapp import runner
from webapp.services import Services

LONGEST = 63
MOST_TRIED = 200


def free_name(services: Services, config: Config) -> str:
    """The configuration's name if it can be created there, or else that name with a number."""
    stem = re.sub(r"-[0-9]{1,3}$", "", config.output.name)
    unfinished = {job.target for job in services.store.jobs.unfinished()}
    names = [config.output.name, *(f"{stem[: LONGEST - 4]}-{number}" for number in range(2, MOST_TRIED))]
    return next((name for name in names if _is_free(services, named(config, name), unfinished)), names[-1])


def named(config: Config, name: str, **output: Any) -> Config:
    """The configuration under a name, made anew unless another mode is given."""
    changes = {"name": name, "mode": "create", **output}
    return config.model_copy(update={"output": config.output.model_copy(update=changes)})


def _is_free(services: Services, config: Config, unfinished: set[str]) -> bool:
    target = services.backend.target(services.backend.prepared(config))
    if target in unfinished or services.store.jobs.last_on(target) is not None:
        return False
    return not any(problem.pointer != "/output/engine" for problem in runner.problems_here(services, config))
