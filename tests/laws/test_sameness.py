"""The same bytes everywhere: whatever the partitions, units, machine clock and engine."""

from __future__ import annotations

import shutil
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
from tests.builders import dataset, fingerprints
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


@pytest.mark.spark
@pytest.mark.slow
def test_apache_spark_makes_the_same_rows(good_dataset: Path, tmp_path: Path) -> None:
    assert shutil.which("java"), "Java is missing; apt-get install openjdk-17-jre-headless"
    on_spark = dataset(tmp_path / "d", engine="local[2]")
    assert fingerprints(on_spark) == fingerprints(good_dataset)


@pytest.mark.spark
@pytest.mark.slow
def test_apache_spark_makes_the_same_effects_credits_and_graph(measured_dataset: Path, tmp_path: Path) -> None:
    on_spark = dataset(tmp_path / "d", households=300, settings=(*MEASURED, *IDENTITY), engine="local[2]")
    assert fingerprints(on_spark) == fingerprints(measured_dataset)
