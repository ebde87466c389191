"""Facts that several suites ask the engine for, and a dataset of a thousand households."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.engine_facts import Facts, facts_of
from tests.spec.every_type import EVERY_TYPE, awkward_rows, write


@pytest.fixture(scope="session")
def facts(good_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """What the embedded engine says."""
    folder = tmp_path_factory.mktemp("facts")
    awkward = write(folder / "rows.parquet", awkward_rows())
    return facts_of(good_dataset, {"every_type": (EVERY_TYPE, awkward)}, folder)
