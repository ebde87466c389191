"""The reference run of Splink over presets and seeds, as the Markdown tables of docs/identity-benchmark.md.

python scripts/resolution.py FOLDER [--presets NAME ...] [--seeds N ...] [--splink PYTHON]

FOLDER keeps datasets, predictions and scores; what is there already is not made again. PYTHON is an interpreter that has
Splink (default: this one).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parent.parent / "examples" / "splink_reference.py"
PRESETS = ("identity-easy", "identity-medium", "identity-hard")
SEEDS = (1, 2, 3, 4, 5)
WITH, WITHOUT = "with", "without"
CASES = ("family_mailbox", "junior_senior", "twins", "maiden_name", "move_and_name_change", "default_birth_date")


@dataclass(frozen=True)
class Run:
    """A dataset's scores, with term frequencies and without."""

    preset: str
    seed: int
    scores: dict[str, dict[str, Any]]


def measured(folder: Path, preset: str, seed: int, splink: str) -> Run:
    """The scores of one dataset, made where they are not there."""
    dataset = folder / f"{preset}-{seed}"
    if not (dataset / "manifest.json").exists():
        words = ["generate", "--preset", preset, "--seed", str(seed), "--output", str(dataset), "--json"]
        _run([sys.executable, "-m", "generation", *words])
    return Run(preset, seed, {kind: _score(folder, dataset, kind, splink) for kind in (WITH, WITHOUT)})


def _score(folder: Path, dataset: Path, kind: str, splink: str) -> dict[str, Any]:
    predictions, scores = (folder / f"{dataset.name}-{kind}.{suffix}" for suffix in ("parquet", "json"))
    if not scores.exists():
        flag = ["--no-term-frequency"] if kind == WITHOUT else []
        _run([splink, str(EXAMPLE), str(dataset), "--output", str(predictions), *flag])
        words = ["score", str(predictions), "--dataset", str(dataset), "--json"]
        scores.write_text(_run([sys.executable, "-m", "generation", *words]), encoding="utf-8")
    found: dict[str, Any] = json.loads(scores.read_text(encoding="utf-8"))
    return found


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr.strip()[-400:]}")
    return done.stdout


def results(runs: list[Run]) -> str:
    """A line a dataset."""
    head = ("preset", "seed", "records", "people", "precision", "recall", "F1", "B-cubed F1", "F1 without frequencies")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for run in runs:
        score = run.scores[WITH]
        pairs, bcubed = score["overall"]["pairwise"], score["overall"]["b_cubed"]
        ratios = (pairs["precision"], pairs["recall"], pairs["f1"], bcubed["f1"], f1(run.scores[WITHOUT]))
        cells = (run.preset, run.seed, f"{score['records']:,}", f"{score['people']:,}", *map("{:.4f}".format, ratios))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def f1(score: dict[str, Any]) -> float:
    """Pairwise F1 of a score as JSON."""
    return float(score["overall"]["pairwise"]["f1"])


def by_case(runs: list[Run]) -> str:
    """Precision and recall of the hardest cases, a line a case, of the first seed of each preset."""
    first = list({run.preset: run for run in reversed(runs)}.values())[::-1]
    lines = ["| hard case | " + " | ".join(run.preset for run in first) + " |", "|---" * (len(first) + 1) + "|"]
    for case in CASES:
        cells = []
        for run in first:
            found = run.scores[WITH]["by_hard_case"].get(case)
            cells.append("-" if found is None else _both(found["pairwise"]))
        lines.append(f"| {case} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _both(pairs: dict[str, Any]) -> str:
    return " / ".join("-" if pairs[name] is None else f"{pairs[name]:.2f}" for name in ("precision", "recall"))


def main() -> None:
    """Make what is missing and print the tables."""
    parser = argparse.ArgumentParser(description="The reference run of Splink over presets and seeds.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--presets", nargs="+", default=list(PRESETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(SEEDS))
    parser.add_argument("--splink", default=sys.executable, metavar="PYTHON")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    runs = []
    for preset in options.presets:
        for seed in options.seeds:
            runs.append(measured(options.folder, preset, seed, options.splink))
            print(f"{preset} {seed}: F1 {f1(runs[-1].scores[WITH]):.4f}", file=sys.stderr, flush=True)
    print(results(runs), by_case(runs), sep="\n\n")


if __name__ == "__main__":
    main()
