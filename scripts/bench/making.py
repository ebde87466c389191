"""Makes the units of a dataset and commits nothing: `making.py HOUSEHOLDS FOLDER [TABLE]`, for sizes whose judging would take long.

The same units, side by side, as a run makes; what comes after them (commits, judge, fingerprints, report) is left out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from generation.run import Job, Making, Progress
from generation.spec.presets import PRESET_BY_NAME
from generation.spec.standing import Standing
from generation.targets.delta_path import DeltaPath

NAME = "making"
PARENTS = ("content_catalog", "households", "individuals")


def main(households: int, root: Path, table: str | None = None) -> None:
    """Prints rows, bytes and seconds: of all tables, or of one of those that are made from households and people alone."""
    standard = PRESET_BY_NAME["standard"].config
    config = standard.model_copy(
        update={
            "households": standard.households.model_copy(update={"count": households}),
            "output": standard.output.model_copy(update={"path": str(root)}),
        }
    )
    run, target = Making(root / "_run", root, config, Standing(1), Job()), DeltaPath(root, NAME)
    run.folder.mkdir(parents=True)
    plan = run.plan()
    if table is not None:
        parents = [unit for unit in plan if unit.table.name in PARENTS]
        run.stage(parents, target, run.watch(parents, told))
        plan = [unit for unit in plan if unit.table.name == table]
    begun = time.perf_counter()
    staged = run.stage(plan, target, run.watch(plan, told))
    seconds = time.perf_counter() - begun
    files = [file for made in staged.values() for file in made]
    rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    print(json.dumps({"households": households, "rows": rows, "bytes": size, "seconds": round(seconds, 2)}))


def told(progress: Progress) -> None:
    """Nobody asks how far it is."""


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
