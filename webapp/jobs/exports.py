"""A job's configuration as a file, as it can be imported again."""

from __future__ import annotations

import json
import uuid

from flask import Response

from generation.spec.config import Config
from generation.spec.files import load, to_json, to_yaml
from webapp.jobs.blueprint import blueprint, job_of

KINDS = {"yaml": (to_yaml, "application/yaml"), "json": (to_json, "application/json")}


@blueprint.get("/jobs/<uuid:job_id>/config.<any(yaml, json):kind>")
def export(job_id: uuid.UUID, kind: str) -> Response:
    """The file, without the folder that this server chose."""
    job = job_of(job_id)
    written, media = KINDS[kind]
    answer = Response(written(portable(job.config)), mimetype=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{job.name}.{kind}"'
    return answer


def portable(values: dict[str, object]) -> Config:
    """A job's configuration as its owner gave it."""
    config = load(json.dumps(values), "the job's configuration")
    return config.model_copy(update={"output": config.output.model_copy(update={"path": None})})
