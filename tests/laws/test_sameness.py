"""The same bytes everywhere: whatever the partitions, units, machine clock and engine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from generation.engine.context import Engine, Span
from generation.engine.session import session
from generation.generate import make
from generation.spec.catalog import tables_of
from generation.spec.config import Config
from generation.spec.fingerprint import SparkDialect, query, rendered
from tests.builders import ROOT, dataset, fingerprints, generating
from tests.conftest import IDENTITY, MEASURED

HOUSEHOLDS = 200


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """The embedded engine."""
    with session("embedded") as started:
        yield started


def fingerprints_in(spark: SparkSession, partitions: int, folder: Path) -> dict[str, str]:
    """Fingerprints of all tables made in so many partitions, each from the files of those before it."""
    config = Config.model_validate({"households": {"count": HOUSEHOLDS}})
    engine, made, found = Engine.of(spark, config), dict[str, DataFrame](), dict[str, str]()
    for table in tables_of(config):
        path = str(folder / table.name)
        make(engine, table.name, Span(1, HOUSEHOLDS, partitions), made).write.parquet(path)
        made[table.name] = spark.read.parquet(path)
        made[table.name].createOrReplaceTempView("made")
        found[table.name] = rendered(int(spark.sql(query(table, "made", SparkDialect())).collect()[0]["total"]))
    return found


@pytest.mark.parametrize("partitions", [1, 2, 7, 64])
def test_the_number_of_partitions_changes_nothing(
    partitions: int, spark: SparkSession, good_dataset: Path, tmp_path: Path
) -> None:
    assert fingerprints_in(spark, partitions, tmp_path) == fingerprints(good_dataset)


def test_one_range_or_many_changes_nothing(good_dataset: Path, tmp_path: Path) -> None:
    in_two_units = dataset(tmp_path / "d", settings=("output.unit_households=100",))
    assert fingerprints(in_two_units) == fingerprints(good_dataset)


@pytest.mark.parametrize("date", ["2019-03-10 01:59:30", "2031-12-31 23:59:50"])
def test_the_machine_clock_changes_nothing(date: str, good_dataset: Path, tmp_path: Path) -> None:
    faketime = shutil.which("faketime")
    assert faketime, "faketime is missing; apt-get install faketime"
    elsewhen = dataset(tmp_path / "d", prefix=(faketime, "-f", f"@{date}"))
    assert fingerprints(elsewhen) == fingerprints(good_dataset)


@pytest.fixture(scope="module")
def on_spark(tmp_path_factory: pytest.TempPathFactory, quick_java: None) -> tuple[Path, Path]:
    """What Apache Spark makes, in one process: 200 households with default settings, and 300 with every table there is."""
    assert shutil.which("java"), "Java is missing; apt-get install openjdk-17-jre-headless"
    folder = tmp_path_factory.mktemp("on_spark")
    default, measured = folder / "default", folder / "measured"
    runs = [
        generating(default, HOUSEHOLDS, 42, (), "local[2]"),
        generating(measured, 300, 42, (*MEASURED, *IDENTITY), "local[2]"),
    ]
    both = "import json, sys; from generation.__main__ import main; sys.exit(any([main(run) for run in json.loads(sys.argv[1])]))"
    done = subprocess.run(
        [sys.executable, "-c", both, json.dumps(runs)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return default, measured


@pytest.mark.spark
@pytest.mark.slow
def test_apache_spark_makes_the_same_rows(good_dataset: Path, on_spark: tuple[Path, Path]) -> None:
    assert fingerprints(on_spark[0]) == fingerprints(good_dataset)


@pytest.mark.spark
@pytest.mark.slow
def test_apache_spark_makes_the_same_effects_credits_and_graph(
    measured_dataset: Path, on_spark: tuple[Path, Path]
) -> None:
    assert fingerprints(on_spark[1]) == fingerprints(measured_dataset)
