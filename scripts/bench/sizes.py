"""Times and peak memory of generating datasets of growing size, each in a process of its own, as a Markdown table."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import family

SIZES = (250_000, 500_000, 1_000_000)


@dataclass(frozen=True)
class Measured:
    """One run: seconds by phase, rows, bytes, and the most memory that its processes held together."""

    households: int
    seconds: dict[str, float]
    rows: int
    bytes: int
    peak_bytes: int


def measure(households: int) -> Measured:
    """A dataset of the default settings, made in a new process and removed."""
    with tempfile.TemporaryDirectory() as folder:
        return _measured(households, Path(folder) / "dataset")


def _measured(households: int, folder: Path) -> Measured:
    words = ["generate", "--preset", "standard", "--households", str(households), "--output", str(folder), "--json"]
    answer, _, peak = family.answered([sys.executable, "-m", "generation", *words])
    manifest = json.loads(answer)
    tables = manifest["tables"].values()
    return Measured(
        households,
        manifest["seconds"],
        sum(table["rows"] for table in tables),
        sum(table["bytes"] for table in tables),
        peak,
    )


def made(households: int) -> str:
    """Making alone, without a judge: a row of seconds and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, str(Path(__file__).parent / "making.py"), str(households), folder]
        answer, _, peak = family.answered(words)
    run = json.loads(answer)
    return (
        f"| {households:,} | {run['rows']:,} | {run['bytes'] / 1e9:.2f} | {run['seconds']:.1f} "
        f"| {run['rows'] / run['seconds']:,.0f} | {peak / 1e9:.2f} |"
    )


def making(sizes: list[int]) -> str:
    """Making alone of several sizes, as Markdown."""
    head = ["| households | rows | GB | making s | rows/s | peak GB |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *map(made, sizes)])


def table(runs: list[Measured]) -> str:
    """The runs as Markdown; the last column is the time of generating beside the run before."""
    lines = [
        "| households | rows | GB | generate s | rows/s | verify s | fingerprint s | report s | peak GB | beside the run before |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for before, run in zip([None, *runs], runs, strict=False):
        made = run.seconds["generate"]
        ratio = (
            ""
            if before is None
            else f"{made / before.seconds['generate']:.2f} × for {run.households / before.households:g} ×"
        )
        lines.append(
            f"| {run.households:,} | {run.rows:,} | {run.bytes / 1e9:.2f} | {made:.1f} | {run.rows / made:,.0f} | "
            + " | ".join(f"{run.seconds[phase]:.1f}" for phase in ("verify", "fingerprint", "report"))
            + f" | {run.peak_bytes / 1e9:.2f} | {ratio} |"
        )
    return "\n".join(lines)


def machine() -> str:
    """What the figures were measured on."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("pysail", "pyarrow", "duckdb"))
    kind = platform.processor() or platform.machine()
    return f"{kind}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"
