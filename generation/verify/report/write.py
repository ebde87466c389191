"""The report as files: a page for people and the same figures as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generation.spec.certificate import Report
from generation.spec.certificate.page import page
from generation.spec.run_directory import REPORT, REPORT_JSON, write_bytes
from generation.verify.report.make import report
from generation.verify.verdict import Verdict


def write_report(folder: Path, root: Path, manifest: dict[str, Any] | None, verdict: Verdict) -> Report:
    """Writes `report.html` and `report.json` to a folder. Raises `Unverifiable` when the dataset cannot be read."""
    made = report(root, manifest, verdict)
    write_bytes(folder / REPORT_JSON, made.model_dump_json(indent=1).encode())
    write_bytes(folder / REPORT, page(made).encode())
    return made
