"""From a clean clone to a first dataset that is verified: an environment, the packages, ten thousand households."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def table() -> str:
    """Seconds of `git clone` and `make starter`, with whatever packages the installer has at hand."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), f"{folder}/clone"], check=True)
        subprocess.run(["make", "--silent", "starter"], cwd=f"{folder}/clone", check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - begun
    return f"| clean clone to the first dataset | seconds |\n|---|---|\n| `git clone`, `make starter` | {seconds:.1f} |"
