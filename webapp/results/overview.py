"""A dataset at a glance: its tables, its verdict, what it was made from, how to read it."""

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
from webapp.filters import duration, moment, number, size
from webapp.htmx import page
from webapp.results.blueprint import Dataset, blueprint, dataset_of, hands
from webapp.results.snippets import dataset_snippets

REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
"""A report is one file with its style in it; it runs nothing and sends nothing."""
PHASES = {"generate": "Generating", "commit": "Committing", "verify": "Checking", "fingerprint": "Fingerprints",
          "report": "Report"}  # fmt: skip


@blueprint.get("/jobs/<uuid:job_id>/results")
def overview(job_id: uuid.UUID) -> Response:
    """The page."""
    dataset = dataset_of(job_id)
    tables = dataset.manifest["tables"]
    places = {name: (tables[name]["location"], int(tables[name]["version"])) for name in dataset.names}
    return page(
        "results/overview.html",
        job=dataset.job,
        notice_text=dataset.manifest["notice"],
        verdict=dataset.job.certificate or {},
        findings=[_finding(finding) for finding in (dataset.job.certificate or {}).get("findings", [])],
        rows=[_row(dataset, name) for name in (*dataset.names, *dataset.unknown)],
        total=sum(table["rows"] for table in tables.values()),
        bytes=sum(table["bytes"] for table in tables.values()),
        missing=dataset.missing(),
        has_report=_report(dataset, REPORT).is_file(),
        report=_sections(dataset),
        origin=_origin(dataset),
        seconds=_seconds(dataset),
        snippets=dataset_snippets(str(dataset.root), places),
    )


COPY = Markup(
    '<code title="{0}">{1}</code> <button type="button" class="quiet small needs-js" data-copy-text="{0}" '
    'aria-label="Copy the fingerprint of {2}">Copy</button>'
)
FILES = Markup('<a href="{0}.parquet" download>Parquet<span class="visually-hidden"> of {1}</span></a> · '
               '<a href="{0}.csv" download>CSV<span class="visually-hidden"> of {1}</span></a>')  # fmt: skip


def _row(dataset: Dataset, name: str) -> list[Any]:
    """A table's line; one that this version of the app does not know has no rows to show."""
    entry = dataset.manifest["tables"][name]
    mark = entry["fingerprint"] or ""
    fingerprint = COPY.format(mark, mark[-12:], name) if mark else "–"
    figures = [number(entry["rows"]), size(entry["bytes"]), entry["version"], fingerprint]
    if name not in TABLE_BY_NAME:
        return [name, *figures, "–"]
    url = url_for("results.rows", job_id=dataset.job.id, name=name)
    link = Markup('<a href="{}">{}</a><span class="holds">{}</span>').format(url, name, TABLE_BY_NAME[name].comment)
    return [link, *figures, FILES.format(url, name)]


def _finding(finding: dict[str, Any]) -> list[Any]:
    """A broken rule, whatever the version of the judge tells about it."""
    return [str(finding.get(name, "–")) for name in ("rule", "table", "count", "says")]


def _origin(dataset: Dataset) -> list[dict[str, Any]]:
    manifest, job = dataset.manifest, dataset.job
    output = manifest["config"]["output"]
    return [
        {"label": "Seed", "value": str(output["seed"]), "note": "the same seed and settings give the same rows"},
        {"label": "Configuration", "value": Markup("<code>{}</code>").format(manifest["config_hash"][:16])},
        {"label": "Generator", "value": f"version {manifest['generator']}, engine {manifest['engine']}"},
        {"label": "As of", "value": output["as_of"], "note": "the dataset's today"},
        {"label": "Made", "value": moment(job.finished_at)},
        {"label": "Place", "value": Markup("<code>{}</code>").format(job.target)},
    ]


def _seconds(dataset: Dataset) -> list[dict[str, Any]]:
    return [
        {"label": PHASES.get(phase, phase.capitalize()), "value": duration(seconds)}
        for phase, seconds in dataset.manifest["seconds"].items()
    ]


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
