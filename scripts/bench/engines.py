"""Values a second of Apache Spark beside the embedded engine: the same dataset in turn, as one unit."""

from __future__ import annotations

import statistics
from pathlib import Path

import peers

ENGINES = ("embedded", "local[2]")


def table(households: int, pairs: int) -> str:
    """Seconds of making and committing, and the ratio of each pair; starting the JVM is part of it."""
    rounds = [{engine: peers.alone(_made_by(engine), households) for engine in ENGINES} for _ in range(pairs)]
    lines = ["| engine | rows | million values/s | seconds | peak GB |", "|---|---|---|---|---|"]
    for engine in ENGINES:
        runs = [one[engine] for one in rounds]
        speed, seconds = (
            statistics.median(getattr(run, what) for run in runs) for what in ("values_per_second", "seconds")
        )
        peak = max(run.peak_bytes for run in runs) / 1e9
        lines.append(f"| {engine} | {runs[0].rows:,} | {speed / 1e6:.2f} | {seconds:.1f} | {peak:.2f} |")
    ratios = [one["local[2]"].values_per_second / one["embedded"].values_per_second for one in rounds]
    return "\n".join([*lines, "", f"Apache Spark beside the embedded engine: {statistics.median(ratios):.3f} ×"])


def _made_by(engine: str) -> peers.Contestant:
    def run(households: int, folder: Path) -> peers.Run:
        return peers.dataset(households, folder, "--engine", engine, "--set", f"output.unit_households={households}")

    return run
