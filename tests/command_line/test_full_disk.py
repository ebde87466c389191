"""A disk that fills up while a dataset is made: one sentence, no manifest, and the next run goes on from there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import fingerprints
from tests.command_line.terminal import FAILURE, in_a_process

MEGABYTE = 1_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting needs root")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_full_disk_is_told_and_the_next_run_goes_on(small_disk: Path, good_dataset: Path) -> None:
    ballast, root = small_disk / "ballast", small_disk / "dataset"
    ballast.write_bytes(b"x" * int(1.2 * MEGABYTE))
    arguments = ("generate", "--preset", "small", "--households", "200", "--output", str(root))
    failed = in_a_process(*arguments)
    assert failed.code == FAILURE
    assert failed.line.startswith(f"the disk of {root} is full: the dataset needs about 0.0 GB")
    assert failed.line.endswith("free space and run again, finished units are kept")
    assert not (root / "manifest.json").exists()
    ballast.unlink()
    done = in_a_process(*arguments)
    assert (done.code, done.err) == (0, "")
    assert fingerprints(root) == fingerprints(good_dataset)
