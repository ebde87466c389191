"""The wheel that a job installs, in an environment of its own without pyspark, on every Python that is here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import ROOT


def answers(name: str) -> bool:
    """Whether there is such an interpreter: a version manager has names for some that it does not start."""
    found = shutil.which(name)
    return found is not None and subprocess.run([found, "--version"], capture_output=True).returncode == 0


PYTHONS = [name for name in ("python3.11", "python3.12", "python3.13") if answers(name)] or [sys.executable]
PACKAGES, FILES = ("generation", "webapp", "migrations"), ("pyproject.toml", "README.md", "LICENSE")

pytestmark = pytest.mark.slow


def said(*words: str | Path) -> str:
    """What a command prints; its complaints when it fails. A PYTHONPATH would let pip find this tree and install nothing."""
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env=alone)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, for a build leaves its traces in the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    for part in PACKAGES:
        shutil.copytree(ROOT / part, folder / "tree" / part)
    for part in FILES:
        shutil.copy(ROOT / part, folder / "tree")
    said(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, folder / "tree")
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: Path(path).name)
def test_the_wheel_installs_without_pyspark_and_its_entry_point_answers(
    python: str, wheel: Path, tmp_path: Path
) -> None:
    said(python, "-m", "venv", tmp_path)
    said(tmp_path / "bin/python", "-m", "pip", "install", "-q", wheel)
    assert "spark" not in said(tmp_path / "bin/python", "-m", "pip", "list").lower()
    assert "usage: idgraph" in said(tmp_path / "bin/idgraph-task", "--help")
    assert "1,000 rows" in said(tmp_path / "bin/idgraph", "estimate", "--preset", "small")
