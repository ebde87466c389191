"""The statements are read by the engines themselves: a text comparison would repeat the code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from deltalake import DeltaTable

from generation.engine.session import CLIENT_MARKS
from generation.spec.catalog import TABLES
from generation.spec.ddl import add_foreign_keys, add_primary_key, create_table, identifier, literal
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, STRING

AWKWARD = Table(
    name="awkward",
    comment='It\'s a \\ "table"',
    columns=(
        Column("key`s", BIGINT, "It's 100% `x`\nand \\n"),
        Column("parent", BIGINT, "Where from.", nullable=True),
    ),
    primary_key="key`s",
    foreign_keys=(ForeignKey("parent", "awkward", "key`s"),),
)
EVERY = (*TABLES, AWKWARD)

# An engine a process: a Connect session and a classic one do not live in the same.
SAIL = """
import json, sys
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
spark = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
for statement in json.load(sys.stdin):
    spark.sql(statement)
"""
SPARK = """
import json, sys
from pyspark.sql import SparkSession
settings = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
spark = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
parser = spark._jsparkSession.sessionState().sqlParser()
for statement in json.load(sys.stdin):
    parser.parsePlan(statement)
"""


def run(engine: str, statements: list[str]) -> None:
    """Every statement is accepted, or the engine's own message is shown."""
    done = subprocess.run(
        [sys.executable, "-c", engine],
        input=json.dumps(statements),
        # A Connect client in this process marks its environment, and a child with the marks would be one too.
        env={name: value for name, value in os.environ.items() if name not in CLIENT_MARKS} | {"RUST_LOG": "off"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def created(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the embedded engine has created every table, empty."""
    root = tmp_path_factory.mktemp("tables")
    statements = [f"{create_table(t, identifier(t.name))} LOCATION {literal(str(root / t.name))}" for t in EVERY]
    run(SAIL, statements)
    return root


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_a_created_table_has_exactly_the_schema_and_comments_of_the_catalogue(created: Path, table: Table) -> None:
    delta = DeltaTable(created / table.name)
    assert json.loads(delta.schema().to_json()) == table.delta_schema()
    assert delta.metadata().description == table.comment


@pytest.mark.spark
def test_apache_spark_reads_every_statement() -> None:
    names = {table.name: identifier("bryan-li", "graph", table.name) for table in EVERY}
    statements = [create_table(table, names[table.name]) for table in EVERY]
    statements += [add_primary_key(table, names[table.name]) for table in EVERY]
    statements += [statement for table in EVERY for statement in add_foreign_keys(table, names)]
    run(SPARK, statements)


def test_columns_that_may_be_null_are_the_only_ones_without_not_null() -> None:
    lines = create_table(AWKWARD, "t").splitlines()
    assert [" NOT NULL " in line for line in lines if line.startswith("  ")] == [True, False]


def test_a_primary_key_is_relied_upon_and_named_after_its_table() -> None:
    table = Table("t", "A table.", (Column("id", STRING, "Key."),), "id")
    assert add_primary_key(table, "c.s.t") == "ALTER TABLE c.s.t ADD CONSTRAINT `t_pk` PRIMARY KEY (`id`) RELY"


def test_a_foreign_key_points_to_where_its_parent_is() -> None:
    (statement,) = add_foreign_keys(AWKWARD, {"awkward": "`c`.`s_truth`.`awkward`"})
    assert statement.endswith("FOREIGN KEY (`parent`) REFERENCES `c`.`s_truth`.`awkward` (`key``s`)")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_constraints_of_a_table_have_different_names(table: Table) -> None:
    names = {other.name: other.name for other in TABLES}
    statements = [add_primary_key(table, table.name), *add_foreign_keys(table, names)]
    constraints = [statement.split("`")[1] for statement in statements]
    assert len(set(constraints)) == len(constraints)
