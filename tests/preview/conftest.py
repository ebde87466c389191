"""Short socket paths, and one real server for all tests that ask for rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.preview.servers import serving


@pytest.fixture
def path() -> Iterator[Path]:
    """A place for a socket; the system allows about a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="idg") as folder:
        yield Path(folder) / "s"


@pytest.fixture(scope="session")
def live() -> Iterator[Path]:
    """The socket of a real server."""
    with tempfile.TemporaryDirectory(prefix="idg") as folder, serving(Path(folder) / "s"):
        yield Path(folder) / "s"
