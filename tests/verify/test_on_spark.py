"""On Apache Spark the rules say what they say on DuckDB."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from pyspark.sql import SparkSession

from generation.engine.session import session
from generation.spec.config import Config
from generation.verify import verify
from generation.verify.bench import FUNCTIONS
from generation.verify.bindings import bindings
from generation.verify.dataset import open_dataset
from generation.verify.export import export
from generation.verify.rule import read_rulebook
from generation.verify.session_judge import judge_session
from generation.verify.spelling import in_spark
from generation.verify.verdict import Verdict
from tests.verify.planted import changed, plant

pytestmark = [pytest.mark.spark, pytest.mark.slow]

CHECK = re.compile(r"REGEXP_LIKE\(.*?'(\^[^']+)'\)", re.DOTALL)
TEXTS = (
    "ann@example.com", "ann@example.com\n", "ann@example,com", "ann@mail-1.example", "ann@mailexample", "ann lee@x.test",
    "space@mail.example", "ann@@x.test", "ann@gmail.com", "ann\t@x.test", "sapce@a.example.org", "",
    "10.1.2.3", "10.1.2.3\n", "10x1.2.3", "10.1.2x3", "10.256.2.3", "100.64.0.1", "100.63.0.1", "198.18.0.1", "192.0.2.1",
    "192.0.2.1\r\n", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:0db8:0000:0000:0000:0000:0000:0001\n",
    "+12995550123", "+12995550123\n", "12995550123", "90210", "90210\n", "9021", "America/New_York", "America/New_York\u2028",
    "male", "male,female", "male,", "CA,NY", "CA;NY", "ctv,display", "0" * 64, "0" * 64 + "\n", "A" * 43 + "=", "A" * 43 + ".",
    "0f0e0d0c-0b0a-8908-8706-050403020100", "0F0E0D0C-0B0A-8908-8706-050403020100", "0f0e0d0c-0b0a-8908-8706-050403020100\n",
)  # fmt: skip


@pytest.fixture(scope="module")
def spark(quick_java: None) -> Iterator[SparkSession]:
    """Apache Spark, set for many queries of few rows: compiling each would take longer than running it."""
    assert shutil.which("java"), "Java is missing; apt-get install openjdk-17-jre-headless"
    with session("local[2]") as started:
        for name in ("spark.sql.codegen.wholeStage", "spark.sql.adaptive.enabled"):
            started.conf.set(name, "false")
        started.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        started.conf.set("spark.sql.shuffle.partitions", "1")
        yield started


def judged(spark: SparkSession, root: Path) -> Verdict:
    """The verdict of Apache Spark on a dataset in a folder."""
    dataset = open_dataset(root, None)
    frames = {stored.table: spark.read.parquet(*stored.files).coalesce(1) for stored in dataset.tables}
    return judge_session(spark, dataset.config, frames, {stored.table.name: stored.rows for stored in dataset.tables})


def test_regular_expressions_match_the_same_texts(spark: SparkSession) -> None:
    written = [rule for rule in read_rulebook(bindings(Config())).rules if "REGEXP_LIKE" in rule.sql]
    patterns = sorted({pattern for rule in written for pattern in CHECK.findall(rule.sql)})
    assert len(patterns) >= 12
    asked = ", ".join(f"REGEXP_LIKE(text, '{pattern}')" for pattern in patterns)
    connection = duckdb.connect()
    connection.execute(FUNCTIONS[0])
    connection.execute("CREATE TABLE texts AS SELECT UNNEST(?) AS text", [list(TEXTS)])
    spark.createDataFrame([(text,) for text in TEXTS], ["text"]).createOrReplaceTempView("texts")
    here = {row[0]: row[1:] for row in connection.execute(f"SELECT text, {asked} FROM texts").fetchall()}
    there = {row[0]: tuple(row[1:]) for row in spark.sql(in_spark(f"SELECT text, {asked} FROM texts")).collect()}
    assert there == here
    assert all(any(matches[place] for matches in here.values()) for place in range(len(patterns)))


def test_every_rule_finds_in_a_broken_dataset_what_it_finds_on_duckdb(
    spark: SparkSession, measured_dataset: Path, tmp_path: Path
) -> None:
    fault = changed("email_is_in_a_reserved_domain", "identity_mappings", "identifier_value = 'ann@example.com' || chr(10)",
                    "identifier_type = 'email'")  # fmt: skip
    faulty = plant(fault, measured_dataset, tmp_path / "faulty")
    here, there = verify(faulty), judged(spark, faulty)
    assert {(finding.rule, finding.count, finding.samples) for finding in there.findings} == {
        (finding.rule, finding.count, finding.samples) for finding in here.findings
    }
    assert there.rules_checked == here.rules_checked > 500
    assert fault.rule in {finding.rule for finding in there.findings}


def test_the_exported_files_run(spark: SparkSession, measured_dataset: Path, tmp_path: Path) -> None:
    export(measured_dataset, tmp_path)
    for stored in open_dataset(measured_dataset, None).tables:
        spark.read.parquet(*stored.files).createOrReplaceTempView(stored.table.name)
    statements = (tmp_path / "spark/relations.sql").read_text().replace("TEMPORARY VIEW", "OR REPLACE TEMPORARY VIEW")
    for text in (statements, (tmp_path / "spark/rules/viewership_patterns.sql").read_text()):
        for statement in text.split(";\n"):
            rows = spark.sql(statement).collect() if statement.strip() else []
            assert all(row["violations"] == 0 for row in rows)
