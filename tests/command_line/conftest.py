"""The terminal, and a dataset that is taken through the modes once for all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import dataset
from tests.command_line.terminal import Terminal, in_process


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Runs a command in this process."""
    return in_process(capsys)


@pytest.fixture(scope="session")
def smaller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 households with the default settings."""
    return dataset(tmp_path_factory.mktemp("smaller") / "dataset", households=120)
