"""How long sample rows take: the first ones after a start, then each table's of settings that nobody asked about before."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from generation.spec.catalog import EVERY
from generation.spec.config import Config
from generation.spec.files import with_setting
from generation.spec.preview_client import PreviewUnavailable, ask
from generation.spec.table import Table

PATIENCE = 30.0


def table() -> str:
    """Seconds from the command to the first rows, and the median and the longest of all tables when it is warm."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "socket"
        begun = time.perf_counter()
        server = subprocess.Popen([sys.executable, "-m", "generation", "serve-preview", str(path)])
        try:
            cold = _first_answer(path, begun)
            _until_ready(path)
            warm = {made.name: _answer(path, made, seed) for seed, made in enumerate(EVERY, 1)}
        finally:
            server.terminate()
            server.wait()
    slowest = max(warm, key=lambda name: warm[name])
    middle = sorted(warm.values())[len(warm) // 2]
    return "\n".join(
        [
            "| preview | seconds |",
            "|---|---|",
            f"| first rows after a cold start | {cold:.2f} |",
            f"| warm, another seed each time: median of {len(warm)} tables | {middle:.2f} |",
            f"| warm, the slowest table ({slowest}) | {warm[slowest]:.2f} |",
        ]
    )


def _first_answer(path: Path, begun: float) -> float:
    while True:
        try:
            ask(path, Config(), ["households"], timeout=PATIENCE)
            return time.perf_counter() - begun
        except PreviewUnavailable:
            if time.perf_counter() - begun > PATIENCE:
                raise
            time.sleep(0.02)


def _until_ready(path: Path) -> None:
    """What the server warms up with is done once a table of it is answered and it has been still for a moment."""
    ask(path, Config(), ["outcome_metrics"], timeout=PATIENCE)
    time.sleep(3.0)


def _answer(path: Path, made: Table, seed: int) -> float:
    """Seconds for ten rows of a table, of a dataset of a seed of its own that has it."""
    values = {"output": {"seed": seed}}
    config = Config.model_validate(with_setting(values, f"{made.section}.enabled=true") if made.section else values)
    begun = time.perf_counter()
    ask(path, config, [made.name], timeout=PATIENCE)
    return time.perf_counter() - begun
