"""How many planted single faults the judge names, and how often it complains of datasets without any.

python scripts/mutation_bench.py [--households 200] [--seeds 20] [--every 1]

Every fault of tests/verify/faults.py is planted alone in a copy of a good dataset that has the tables it is about. A fault
counts as named when the rule it breaks is among the findings. Then a dataset of each seed is made and judged: no rule may be
broken, and no setting may be outside its tolerance.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from generation.verify import verify
from tests.builders import dataset
from tests.conftest import IDENTITY, MEASURED
from tests.verify import faults as planted
from tests.verify.planted import Fault, plant


def named(fault: Fault, good: Path, folder: Path) -> bool:
    """Whether the judge names the rule that the fault breaks."""
    target = folder / "faulty"
    try:
        return fault.rule in {finding.rule for finding in verify(plant(fault, good, target)).findings}
    finally:
        shutil.rmtree(target, ignore_errors=True)


def groups(households: int) -> list[tuple[str, int, tuple[str, ...], tuple[Fault, ...]]]:
    """Faults by the dataset they are planted in: its name, households and settings."""
    return [
        ("default", households, (), planted.FAULTS),
        ("measured", max(households, 300), MEASURED, planted.MEASURED),
        ("identity", max(households, 1_000), IDENTITY, (*planted.RECORDED, *planted.GRAPH)),
    ]


def alarms(root: Path) -> list[str]:
    """Broken rules and settings outside their tolerance of a dataset that was made as it should be."""
    report = json.loads((root / "_run" / "report.json").read_text())
    rules = [rule["name"] for rule in report["rules"] if rule["violations"]]
    return rules + [knob["setting"] for knob in report["knobs"] if knob["outcome"] == "outside"]


def main() -> int:
    """Prints the score and the alarms; exit 1 below 95% or with any alarm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--every", type=int, default=1, help="plant every n-th fault only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutation-") as temporary:
        folder = Path(temporary)
        count, missed = 0, list[Fault]()
        for name, households, settings, faults in groups(options.households):
            good = dataset(folder / name, households=households, settings=settings)
            count += len(faults[:: options.every])
            missed += [fault for fault in faults[:: options.every] if not named(fault, good, folder)]
        for fault in missed:
            print(f"missed: {fault.rule} on {fault.table}: {fault.sql}")
        print(f"named: {count - len(missed)} of {count} single faults", flush=True)
        false = {}
        for seed in range(1, options.seeds + 1):
            root = dataset(folder / f"seed-{seed}", households=options.households, seed=seed)
            false[seed] = alarms(root)
            shutil.rmtree(root)
        for seed, names in false.items():
            print(*(f"false alarm: seed {seed}: {name}" for name in names), sep="\n", end="\n" if names else "")
        print(f"false alarms: {sum(map(len, false.values()))} in {options.seeds} seeds")
    return 0 if len(missed) <= 0.05 * count and not any(false.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
