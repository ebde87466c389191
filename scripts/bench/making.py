"""Makes the units of a dataset and commits nothing: `making.py HOUSEHOLDS FOLDER`, for sizes whose judging would take long.

The same units, side by side, as a run makes; what comes after them (commits, judge, fingerprints, report) is left out.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from generation.run import Job, Making, Progress
from generation.spec.presets import PRESET_BY_NAME
from generation.spec.standing import Standing
from generation.targets.delta_path import DeltaPath

NAME = "making"


def main(households: int, root: Path) -> None:
    """Prints rows, bytes, seconds and the largest resident set in bytes."""
    standard = PRESET_BY_NAME["standard"].config
    config = standard.model_copy(
        update={
            "households": standard.households.model_copy(update={"count": households}),
            "output": standard.output.model_copy(update={"path": str(root)}),
        }
    )
    run = Making(root / "_run", root, config, Standing(1), Job())
    run.folder.mkdir(parents=True)
    plan = run.plan()
    begun = time.perf_counter()
    staged = run.stage(plan, DeltaPath(root, NAME), run.watch(plan, told))
    files = [file for made in staged.values() for file in made]
    print(
        json.dumps(
            {
                "households": households,
                "rows": sum(file.rows for file in files),
                "bytes": sum(file.bytes for file in files),
                "seconds": round(time.perf_counter() - begun, 1),
                "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        )
    )


def told(progress: Progress) -> None:
    """Nobody asks how far it is."""


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
