"""A killed run resumes: finished units are kept, half units replaced, and the result is that of an undisturbed run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.builders import ROOT, command, dataset, fingerprints, idgraph

HOUSEHOLDS, UNIT = 400, 200
SETTING = f"output.unit_households={UNIT}"


def start(path: Path) -> subprocess.Popen[bytes]:
    """A run in the background."""
    words = command(
        "generate", "--preset", "small", "--households", str(HOUSEHOLDS), "--set", SETTING, "--output", str(path)
    )
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finished_units(path: Path) -> set[Path]:
    """The ledger's entries."""
    return set((path / "_run" / "units").glob("*/*.json"))


def wait_for_units(path: Path, running: subprocess.Popen[bytes], count: int) -> None:
    """Until so many units are finished."""
    until = time.monotonic() + 120
    while len(finished_units(path)) < count:
        assert running.poll() is None and time.monotonic() < until, "the run ended before it could be killed"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Fingerprints of a run that nobody kills."""
    return fingerprints(dataset(tmp_path_factory.mktemp("whole") / "d", households=HOUSEHOLDS, settings=(SETTING,)))


@pytest.mark.parametrize("units", [2, 20])
def test_a_killed_run_resumes_to_the_same_dataset(units: int, undisturbed: dict[str, str], tmp_path: Path) -> None:
    running = start(tmp_path / "d")
    wait_for_units(tmp_path / "d", running, units)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not (tmp_path / "d" / "manifest.json").exists()
    kept = {entry: entry.stat().st_mtime_ns for entry in finished_units(tmp_path / "d")}
    resumed = dataset(tmp_path / "d", households=HOUSEHOLDS, settings=(SETTING,))
    assert fingerprints(resumed) == undisturbed
    assert {entry: entry.stat().st_mtime_ns for entry in kept} == kept


def test_a_finished_unit_whose_file_is_damaged_is_made_again(undisturbed: dict[str, str], tmp_path: Path) -> None:
    running = start(tmp_path / "d")
    wait_for_units(tmp_path / "d", running, 14)
    running.send_signal(signal.SIGKILL)
    running.wait()
    victim = next((tmp_path / "d" / "individuals").glob("v*/*/*.parquet"))
    os.truncate(victim, 10)
    assert fingerprints(dataset(tmp_path / "d", households=HOUSEHOLDS, settings=(SETTING,))) == undisturbed


def test_two_runs_on_one_folder_do_not_mix(tmp_path: Path) -> None:
    running = start(tmp_path / "d")
    wait_for_units(tmp_path / "d", running, 2)
    words = ("--preset", "small", "--households", str(HOUSEHOLDS), "--set", SETTING, "--output", str(tmp_path / "d"))
    second = idgraph("generate", *words)
    assert second.returncode == 75 and "in use by another run" in second.stderr
    assert running.wait() == 0
    assert json.loads((tmp_path / "d" / "manifest.json").read_text())["serial"] == 1


def test_running_a_finished_run_directory_again_changes_nothing(tmp_path: Path) -> None:
    path = dataset(tmp_path / "d", settings=("output.mode=regenerate",))
    again = idgraph("run", str(path / "_run"), "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["unchanged"]
    assert json.loads((path / "manifest.json").read_text())["serial"] == 1


def test_a_rejected_dataset_is_made_anew(good_dataset: Path, tmp_path: Path) -> None:
    path = dataset(tmp_path / "d")
    (path / "manifest.json").unlink()
    (path / "_run" / "manifest.json").unlink()
    (path / "_run" / "rejected.json").write_text('{"count": 1}')
    assert fingerprints(dataset(path)) == fingerprints(good_dataset)
    assert len(list((path / "households").glob("v0001-*"))) == 2
