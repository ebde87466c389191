"""A table as one file."""

from __future__ import annotations

import uuid

from flask import Response

from webapp.reading import whole
from webapp.results.blueprint import blueprint, dataset_of

MEDIA = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv; charset=utf-8"}


@blueprint.get("/jobs/<uuid:job_id>/tables/<name>.<any(parquet, csv):kind>")
def download(job_id: uuid.UUID, name: str, kind: str) -> Response:
    """The table, streamed: what is in memory does not grow with it."""
    dataset = dataset_of(job_id)
    snapshot = dataset.snapshot(name)
    pieces = whole.parquet(snapshot) if kind == "parquet" else whole.csv(snapshot)
    answer = Response(pieces, content_type=MEDIA[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{dataset.job.name}-{name}.{kind}"'
    return answer
