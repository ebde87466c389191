"""What the embedded engine says about large datasets and fingerprints, asked once, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable

from generation.spec.catalog import TABLES, location
from generation.spec.fingerprint import SparkDialect, query, rendered
from generation.spec.keys import MAX_HOUSEHOLDS
from generation.spec.table import Table

SAMPLE = 2_000_000
"""Households whose sizes are counted."""

LAST_HOUSEHOLDS = (MAX_HOUSEHOLDS - 599, MAX_HOUSEHOLDS)
"""The last range of the largest dataset."""

ASKED = """
import json, sys
from pyspark.sql import functions as F
from generation.engine.context import Engine, Span
from generation.engine.session import session
from generation.generate import make
from generation.spec.catalog import tables_of
from generation.spec.config import Config

asked = json.load(sys.stdin)
config = Config.model_validate({"households": {"count": asked["last"][1]}})
answer = {"totals": {}, "last_keys": {}}
with session("embedded") as spark:
    engine = Engine.of(spark, config)
    sample = make(engine, "households", Span(1, asked["sample"]), {})
    answer["sizes"] = [list(r) for r in sample.groupBy("household_type").agg(F.avg("size"), F.count("*")).collect()]
    made = {}
    for table in tables_of(config):
        name = table.name
        made[name] = make(engine, name, Span(*asked["last"]), made)
        made[name].write.parquet(f"{asked['folder']}/{name}")
        made[name] = spark.read.parquet(f"{asked['folder']}/{name}")
        if table.axis == "households":
            key = table.primary_key
            answer["last_keys"][name] = list(made[name].agg(F.min(key), F.max(key)).collect()[0])
    for name, (files, sql) in asked["queries"].items():
        spark.read.parquet(*files).createOrReplaceTempView("asked")
        answer["totals"][name] = str(spark.sql(sql).collect()[0]["total"])
json.dump(answer, sys.stdout)
"""


@dataclass(frozen=True)
class Facts:
    """Mean size and share by household type, first and last key by table, fingerprints by name."""

    mean_sizes: dict[str, float]
    type_shares: dict[str, float]
    last_keys: dict[str, tuple[int, int]]
    fingerprints: dict[str, str]


def facts_of(good: Path, extra: dict[str, tuple[Table, Path]], folder: Path) -> Facts:
    """Ask the engine about the tables of a dataset and further Parquet files; `folder` is empty and for its use."""
    queries = {table.name: (files_of(good, table), query(table, "asked", SparkDialect())) for table in TABLES}
    queries |= {name: ([str(path)], query(table, "asked", SparkDialect())) for name, (table, path) in extra.items()}
    asked = json.dumps({"sample": SAMPLE, "last": LAST_HOUSEHOLDS, "folder": str(folder), "queries": queries})
    done = subprocess.run([sys.executable, "-c", ASKED], input=asked, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout)
    return Facts(
        mean_sizes={name: mean for name, mean, _ in answer["sizes"]},
        type_shares={name: count / SAMPLE for name, _, count in answer["sizes"]},
        last_keys={name: (first, last) for name, (first, last) in answer["last_keys"].items()},
        fingerprints={name: rendered(int(total)) for name, total in answer["totals"].items()},
    )


def files_of(root: Path, table: Table) -> list[str]:
    """The files of a table's newest version."""
    return sorted(DeltaTable(root / location(table)).file_uris())
