from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pyspark.errors import AnalysisException
from pyspark.sql.functions import lit

from generation.engine.session import session
from generation.spec.catalog import TABLES
from generation.spec.ddl import add_foreign_keys, add_primary_key, create_table
from tests.fakes.databricks import Workspace, fake_workspace

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HOME = "bryan_li.demo"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose app may create tables in bryan_li.demo; all tests of this page share it and its one engine."""
    with fake_workspace(tmp_path_factory.mktemp("workspace")) as made:
        made.catalog("bryan_li")
        made.schema(HOME)
        made.grant("USE CATALOG", "bryan_li", made.client_id)
        made.grant("USE SCHEMA, CREATE TABLE", HOME, made.client_id)
        yield made


@pytest.fixture(scope="module")
def spark(workspace: Workspace) -> Iterator[SparkSession]:
    with workspace.spark(workspace.client_id) as remote, session(remote) as made:
        yield made


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A table of the test's own."""
    return f"{HOME}.{request.node.name[:60].lower()}"


def history(spark: SparkSession, name: str) -> list[tuple[int, str | None]]:
    return [(row.version, row.userMetadata) for row in spark.sql(f"DESCRIBE HISTORY {name}").collect()]


def test_every_statement_of_the_catalogue_is_accepted_in_order(spark: SparkSession, workspace: Workspace) -> None:
    names = {table.name: f"`bryan_li`.`demo`.`{table.name}`" for table in TABLES}
    for table in TABLES:
        spark.sql(create_table(table, names[table.name]))
    for table in TABLES:
        spark.sql(add_primary_key(table, names[table.name]))
    for statement in (s for table in TABLES for s in add_foreign_keys(table, names)):
        spark.sql(statement)
    query = "SELECT count(*) AS n FROM bryan_li.information_schema.table_constraints WHERE table_schema = 'demo'"
    assert spark.sql(query).collect()[0].n >= sum(1 + len(t.foreign_keys) for t in TABLES)
    keys = sum(len(workspace.securables.get("TABLE", f"{HOME}.{t.name}").constraints) for t in TABLES)
    assert keys == sum(1 + len(t.foreign_keys) for t in TABLES)


def test_a_key_needs_a_parent_with_a_primary_key(spark: SparkSession, name: str) -> None:
    spark.sql(f"CREATE TABLE {name} (id BIGINT NOT NULL, up BIGINT) USING DELTA")
    with pytest.raises(AnalysisException, match="has no primary key"):
        spark.sql(f"ALTER TABLE {name} ADD CONSTRAINT f FOREIGN KEY (up) REFERENCES {name} (id)")
    spark.sql(f"ALTER TABLE {name} ADD CONSTRAINT p PRIMARY KEY (id) RELY")
    spark.sql(f"ALTER TABLE {name} ADD CONSTRAINT f FOREIGN KEY (up) REFERENCES {name} (id)")


def test_an_overwrite_is_one_version_and_keeps_comments_and_not_null(spark: SparkSession, name: str) -> None:
    spark.sql(f"CREATE TABLE {name} (id BIGINT NOT NULL COMMENT 'key') USING DELTA CLUSTER BY (id) COMMENT 'numbers'")
    for rows in (3, 5):
        spark.range(rows).writeTo(name).option("userMetadata", f"run-{rows}").overwrite(lit(True))
    assert history(spark, name) == [(2, "run-5"), (1, "run-3"), (0, None)]
    assert [spark.sql(f"SELECT * FROM {name} VERSION AS OF {v}").count() for v in (0, 1, 2)] == [0, 3, 5]
    assert [tuple(row) for row in spark.sql(f"DESCRIBE TABLE {name}").collect()] == [("id", "bigint", "key")]
    with pytest.raises(Exception, match="NOT_NULL"):
        spark.sql("SELECT CAST(NULL AS BIGINT) AS id").writeTo(name).append()


def test_a_column_is_added_before_rows_that_have_it(spark: SparkSession, name: str) -> None:
    spark.sql(f"CREATE TABLE {name} (id BIGINT NOT NULL) USING DELTA")
    spark.range(2).writeTo(name).append()
    spark.sql(f"ALTER TABLE {name} ADD COLUMNS (twice BIGINT COMMENT 'two of them')")
    spark.range(2).selectExpr("id", "id * 2 AS twice").writeTo(name).append()
    assert spark.table(name).where("twice IS NULL").count() == 2


def test_tables_are_made_and_replaced_by_writers_with_their_history(
    spark: SparkSession, workspace: Workspace, name: str
) -> None:
    spark.range(2).writeTo(name).using("delta").clusterBy("id").tableProperty("a", "b").createOrReplace()
    spark.range(3).selectExpr("id", "id AS more").write.mode("overwrite").saveAsTable(name)
    assert spark.read.option("versionAsOf", 0).table(name).columns == ["id"]
    assert spark.table(name).columns == ["id", "more"]
    assert workspace.securables.get("TABLE", name).owner == workspace.client_id


def test_create_table_as_select_sees_temporary_views(spark: SparkSession, name: str) -> None:
    spark.range(4).createOrReplaceTempView("four")
    spark.sql(f"CREATE OR REPLACE TABLE {name} COMMENT 'four' AS SELECT id, 'x' AS n FROM four")
    assert spark.table(name).count() == 4


def test_the_runs_principal_needs_privileges_whatever_the_way(
    spark: SparkSession, workspace: Workspace, name: str
) -> None:
    workspace.sql(f"CREATE TABLE {name} (id BIGINT) USING DELTA")
    ways = [
        lambda: spark.sql(f"SELECT * FROM {name}").collect(),
        lambda: spark.table(name).count(),
        lambda: spark.range(1).writeTo(name).append(),
        lambda: spark.range(1).writeTo(name).using("delta").createOrReplace(),
        lambda: spark.sql(f"INSERT INTO {name} VALUES (1)"),
        lambda: spark.sql(f"DROP TABLE {name}"),
    ]
    for way in ways:
        with pytest.raises(AnalysisException, match="User does not have"):
            way()


def test_errors_carry_class_and_state(spark: SparkSession) -> None:
    with pytest.raises(AnalysisException) as caught:
        spark.sql(f"CREATE TABLE {HOME}.again (x INT)").collect()
        spark.sql(f"CREATE TABLE {HOME}.again (x INT)").collect()
    assert (caught.value.getCondition(), caught.value.getSqlState()) == ("TABLE_OR_VIEW_ALREADY_EXISTS", "42P07")


def test_tags_comments_and_details_are_kept(spark: SparkSession, workspace: Workspace, name: str) -> None:
    spark.sql(f"CREATE TABLE {name} (id BIGINT) USING DELTA CLUSTER BY (id) TBLPROPERTIES ('idgraph.seed' = '42')")
    spark.sql(f"ALTER TABLE {name} SET TAGS ('synthetic' = 'yes')")
    spark.sql(f"COMMENT ON COLUMN {name}.id IS 'the key'")
    detail = spark.sql(f"DESCRIBE DETAIL {name}").collect()[0]
    assert (detail.clusteringColumns, detail.properties["idgraph.seed"]) == (["id"], "42")
    assert workspace.securables.get("TABLE", name).tags == {"synthetic": "yes"}


def test_short_names_follow_use(spark: SparkSession) -> None:
    spark.sql("USE CATALOG bryan_li")
    spark.sql("USE SCHEMA demo")
    spark.sql("CREATE TABLE IF NOT EXISTS short (x INT) USING DELTA")
    assert spark.table("short").count() == 0


def test_statements_and_writes_are_recorded_in_order(spark: SparkSession, workspace: Workspace, name: str) -> None:
    spark.sql(f"CREATE TABLE {name} (id BIGINT) USING DELTA")
    spark.range(1).write.insertInto(name, overwrite=True)
    said = [s.text for s in workspace.record.statements(name.split(".")[-1], via="spark")]
    assert said == [f"CREATE TABLE {name} (id BIGINT) USING DELTA", f"<insertInto {name} overwrite>"]
