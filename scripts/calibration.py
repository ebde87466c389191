"""Measures on many edges whether confidences are calibrated: `python scripts/calibration.py [households]`.

Prints the expected calibration error in ten bins and the share of false edges, beside what is configured. Nothing is
written.
"""

from __future__ import annotations

import sys

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine, Span
from generation.engine.session import session
from generation.entities.edges import edges
from generation.generate import make
from generation.spec.config import Config

TABLES = ("households", "individuals", "identity_mappings")


def main(households: int) -> None:
    """Prints the figures of a dataset of so many households."""
    graph = {"enabled": True}
    config = Config.model_validate({"households": {"count": households}, "demographics": {"graph": graph}})
    with session("embedded") as spark:
        engine, span = Engine.of(spark, config), Span(1, households, 4)
        made: dict[str, DataFrame] = {}
        for name in TABLES:
            made[name] = make(engine, name, span, made)
        bins = (
            edges(engine, made["identity_mappings"], made["individuals"])
            .filter(F.col("match_type") == "probabilistic")
            .groupBy(F.least(F.floor(F.col("confidence") * 10), F.lit(9)).alias("bin"))
            .agg(F.count(F.lit(1)), F.avg("confidence"), F.avg(F.col("is_correct").cast("double")))
            .collect()
        )
    total = sum(row[1] for row in bins)
    error = sum(row[1] * abs(row[2] - row[3]) for row in bins) / total
    false = sum(row[1] * (1 - row[3]) for row in bins) / total
    for row in sorted(bins):
        print(f"bin {row[0]}: {row[1]:9,} edges, confidence {row[2]:.4f}, correct {row[3]:.4f}")
    share = config.demographics.graph.false_edge_share
    print(
        f"{total:,} probabilistic edges: expected calibration error {error:.5f}, false {false:.4%} ({share:.1%} configured)"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 55_000)
