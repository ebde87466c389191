"""A dataset large enough for figures, its report, and its tables as pandas reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generation.spec.certificate import Report
from generation.verify import verify
from generation.verify.report import report
from tests.verify.report.again import Tables


@pytest.fixture(scope="session")
def made(good_dataset: Path) -> Report:
    return report(good_dataset, None, verify(good_dataset))


@pytest.fixture(scope="session")
def document(made: Report) -> dict[str, Any]:
    """As it is written to the file."""
    return Report.model_validate_json(made.model_dump_json()).model_dump()


@pytest.fixture(scope="session")
def tables(good_dataset: Path) -> Tables:
    return Tables(good_dataset)
