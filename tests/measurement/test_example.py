"""The example runs, and says what the page about it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.builders import ROOT

EXAMPLE = ROOT / "examples" / "measure_campaigns.py"


def told(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(EXAMPLE), *arguments], capture_output=True, text=True, check=False)


def test_the_naive_estimate_is_wrong_and_the_experiments_are_not(large: Path) -> None:
    done = told(str(large))
    verdicts = {line.split(":")[0]: line for line in done.stdout.splitlines() if ":" in line}
    assert done.returncode == 0, done.stderr
    assert verdicts["naive"].endswith("wrong")
    assert verdicts["ITT"].endswith("covers the truth")
    assert verdicts["ATT"].endswith("covers the truth")


def test_without_truth_it_says_what_it_needs(tmp_path: Path) -> None:
    done = told(str(tmp_path))
    assert done.returncode == 2
    assert "campaigns.measurement.enabled" in done.stdout
