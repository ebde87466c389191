"""Clocks that are set while everything runs; the time since the machine's start goes on as it should."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

LIBRARY = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


@dataclass(frozen=True)
class Clock:
    """A clock that every process with `environment` goes by."""

    file: Path

    def set(self, offset: str) -> None:
        """The clock shows another time from now on, such as +1h, in all processes at once."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(offset + "\n")
        fresh.replace(self.file)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process and its children go by this clock."""
        steady = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}
        return {**steady, "LD_PRELOAD": str(LIBRARY[0]), "FAKETIME_TIMESTAMP_FILE": str(self.file)}


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """A clock that is right until it is set."""
    if not LIBRARY:
        remedy = "libfaketime is not installed (Debian: apt-get install faketime)"
        pytest.fail(remedy) if os.environ.get("CI") else pytest.skip(remedy)
    made = Clock(tmp_path / "clock")
    made.set("+0")
    return made
