"""A dataset at a glance: its tables, its verdict, how to read it."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from flask import Response, url_for
from markupsafe import Markup
from pydantic import ValidationError

from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.certificate import Report
from generation.spec.certificate.body import body
from generation.spec.run_directory import REPORT, REPORT_JSON
from webapp.errors import Refused
from webapp.filters import number, size
from webapp.htmx import page
from webapp.results.blueprint import Dataset, blueprint, dataset_of, hands
from webapp.results.snippets import snippets

REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""A report is one file with its style in it; it runs nothing and sends nothing."""


@blueprint.get("/jobs/<uuid:job_id>/results")
def overview(job_id: uuid.UUID) -> Response:
    """The page."""
    dataset = dataset_of(job_id)
    job, first = dataset.job, next(iter(dataset.manifest["tables"]))
    entry = dataset.manifest["tables"][first]
    return page(
        "results/overview.html",
        job=job,
        manifest=dataset.manifest,
        verdict=job.certificate or {},
        rows=[_row(dataset, name) for name in dataset.manifest["tables"]],
        bytes=sum(table["bytes"] for table in dataset.manifest["tables"].values()),
        is_there=_is_there(dataset),
        has_report=_report(dataset, REPORT).is_file(),
        report=_sections(dataset),
        snippets=snippets(str(dataset.root / entry["location"]), first, entry["version"]),
    )


def _row(dataset: Dataset, name: str) -> list[Any]:
    entry = dataset.manifest["tables"][name]
    link = Markup('<a href="{}">{}</a>').format(url_for("results.rows", job_id=dataset.job.id, name=name), name)
    mark = Markup('<code title="{0}">{1}</code>').format(
        entry["fingerprint"] or "", (entry["fingerprint"] or "–")[-12:]
    )
    return [link, number(entry["rows"]), size(entry["bytes"]), entry["version"], mark, TABLE_BY_NAME[name].comment]


def _is_there(dataset: Dataset) -> bool:
    return all(
        (dataset.root / entry["location"] / "_delta_log").is_dir() for entry in dataset.manifest["tables"].values()
    )


def _report(dataset: Dataset, name: str) -> Path:
    return hands().settings.runs_dir / dataset.job.id / name


ELSEWHERE = ("tables", "dictionary")
"""Sections of the report that the app has pages for."""


def _sections(dataset: Dataset) -> Markup | None:
    """The report's sections as a part of the page; None without a report of this version."""
    try:
        report = Report.model_validate_json(_report(dataset, REPORT_JSON).read_bytes())
    except (OSError, ValidationError):
        return None
    return Markup(body(report, ELSEWHERE))  # made by us, with every text escaped


@blueprint.get("/jobs/<uuid:job_id>/report")
def report(job_id: uuid.UUID) -> Response:
    """The quality report as the run left it."""
    answer = Response(_written(dataset_of(job_id), REPORT), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = REPORT_POLICY
    return answer


@blueprint.get("/jobs/<uuid:job_id>/report.json")
def report_document(job_id: uuid.UUID) -> Response:
    """Every figure of the report, to keep."""
    dataset = dataset_of(job_id)
    answer = Response(_written(dataset, REPORT_JSON), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{dataset.job.name}-report.json"'
    return answer


def _written(dataset: Dataset, name: str) -> bytes:
    try:
        return _report(dataset, name).read_bytes()
    except OSError:
        raise Refused(404, "no_report", "this dataset has no report; run the job again to get one") from None


@blueprint.get("/jobs/<uuid:job_id>/<any(manifest, certificate):what>.json")
def document(job_id: uuid.UUID, what: str) -> Response:
    """The manifest or the certificate, to keep."""
    dataset = dataset_of(job_id)
    content = dataset.manifest if what == "manifest" else dataset.job.certificate
    answer = Response(json.dumps(content, indent=2) + "\n", mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{dataset.job.name}-{what}.json"'
    return answer
