"""Writes content_engagements alone: `events.py HOUSEHOLDS FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from generation.engine.context import Engine, Span
from generation.engine.session import session
from generation.generate import make
from generation.spec.config import Config


def main(households: int, folder: Path) -> None:
    """In units, as a run does."""
    config = Config.model_validate({"households": {"count": households}})
    with session("embedded") as spark:
        engine = Engine.of(spark, config)
        unit = config.output.unit_households
        for first in range(1, households + 1, unit):
            span, made = Span(first, min(first + unit - 1, households)), {}
            for table in ("households", "individuals", "content_engagements"):
                made[table] = make(engine, table, span, made)
            made["content_engagements"].write.parquet(str(folder / str(first)))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
