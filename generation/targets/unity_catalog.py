"""Delta tables in a schema of Unity Catalog: each is made once, replaced or grown in one version, and governed there.

All statements go through one port, so that a test can read every one of them. Names are quoted throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from generation.spec.ddl import (
    add_columns,
    add_foreign_keys,
    add_primary_key,
    create_clustered_table,
    identifier,
    literal,
    set_properties,
    set_tags,
)
from generation.spec.manifest_table import MANIFEST_TABLE, create_manifest_table
from generation.spec.problems import InvalidConfig, Problem
from generation.spec.report import NOTICE
from generation.spec.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Sql = Callable[[str], Sequence[Any]]
"""Runs a statement and returns its rows."""

Mode = Literal["overwrite", "append"]

OURS = "idgraph.synthetic"
"""The property that tells our tables from others of the same name."""


def sql_of(spark: SparkSession) -> Sql:
    """The port on a session."""
    return lambda statement: spark.sql(statement).collect()


@dataclass(frozen=True)
class UnityCatalog:
    """The tables of one dataset in `catalog.schema`, for one run, whose name every one of its commits carries."""

    catalog: str
    schema: str
    run: str
    sql: Sql

    def name(self, table: Table) -> str:
        """Where a table is, as people write it; the answer key has a schema of its own, for grants of its own."""
        schema = f"{self.schema}_truth" if table.home == "truth" else self.schema
        return f"{self.catalog}.{schema}.{table.name}"

    def quoted(self, table: Table) -> str:
        """The same for statements."""
        return identifier(*self.name(table).split("."))

    @property
    def manifests(self) -> str:
        """The table of manifests, for statements."""
        return identifier(self.catalog, self.schema, MANIFEST_TABLE)

    def prepare_schemas(self, tables: Sequence[Table]) -> None:
        """Makes the schemas that are missing. Asked for first: IF NOT EXISTS needs the privilege though nothing is made."""
        schemas = {self.schema: "Synthetic identity graph dataset"}
        if any(table.home == "truth" for table in tables):
            schemas[f"{self.schema}_truth"] = (
                f"The answer key of dataset {self.schema}; grant it to nobody who is tested"
            )
        for schema, comment in schemas.items():
            if not self._has_schema(schema):
                self.sql(f"CREATE SCHEMA {identifier(self.catalog, schema)} COMMENT {literal(f'{comment}. {NOTICE}')}")

    def _has_schema(self, schema: str) -> bool:
        return bool(self.sql(f"SHOW SCHEMAS IN {identifier(self.catalog)} LIKE {literal(schema)}"))

    def table_names(self) -> frozenset[str]:
        """The tables of both schemas, as `schema.table`; empty while there is no schema."""
        schemas = [schema for schema in (self.schema, f"{self.schema}_truth") if self._has_schema(schema)]
        return frozenset(
            f"{schema}.{row['tableName']}"
            for schema in schemas
            for row in self.sql(f"SHOW TABLES IN {identifier(self.catalog, schema)}")
        )

    def refuse_foreign(self, tables: Sequence[Table]) -> None:
        """Raises `InvalidConfig` if a table of one of our names is there that this generator did not make."""
        there = self.table_names()
        for table in tables:
            if self.name(table).partition(".")[2] in there and OURS not in self._properties(table):
                message = (
                    f"output.schema_name: {self.name(table)} is there and was not made by this generator; "
                    "choose another schema, or move that table away"
                )
                raise InvalidConfig([Problem("/output/schema_name", "target", message)])

    def _properties(self, table: Table) -> Mapping[str, str]:
        """The table's properties; none of one that may not be read, which is not ours then."""
        try:
            return dict(self.sql(f"DESCRIBE DETAIL {self.quoted(table)}")[0]["properties"] or {})
        except Exception as error:
            if not is_denial(error):
                raise
            return {}

    def prepare_table(self, table: Table, properties: Mapping[str, str]) -> None:
        """Afterwards the table is there, empty or as it was, with all columns of the catalogue and these properties."""
        given = {OURS: "true", **properties}
        self.sql(create_clustered_table(table, self.quoted(table), given))
        known = {row["col_name"] for row in self.sql(f"DESCRIBE TABLE {self.quoted(table)}")}
        missing = [column for column in table.columns if column.name not in known]
        if missing:
            self.sql(add_columns(self.quoted(table), missing))
        if not given.items() <= self._properties(table).items():
            self.sql(set_properties(self.quoted(table), given))

    def committed(self, table: Table) -> int | None:
        """The version in which this run wrote the table; None before it did. Who was killed after a commit finds it here."""
        for row in self.sql(f"DESCRIBE HISTORY {self.quoted(table)}"):
            if row["userMetadata"] == self.run:
                return int(row["version"])
        return None

    def write(self, table: Table, frame: DataFrame, mode: Mode) -> int:
        """Replaces the rows, or adds to them, in one version, and returns it; what this run wrote is not written again.

        Rows are replaced, not the table: comments, keys, clustering, tags and grants stay.
        """
        done = self.committed(table)
        if done is not None:
            return done
        from pyspark.sql.functions import lit

        writer = frame.select(*table_columns(table)).writeTo(self.quoted(table)).option("userMetadata", self.run)
        writer.append() if mode == "append" else writer.overwrite(lit(True))
        version = self.committed(table)
        return self._unchanged(table, mode) if version is None else version

    def _unchanged(self, table: Table, mode: Mode) -> int:
        """The latest version, after a write of no rows that the engine made no version for."""
        latest = int(self.sql(f"DESCRIBE HISTORY {self.quoted(table)} LIMIT 1")[0]["version"])
        if mode == "overwrite" and self.count(table, latest):
            raise RuntimeError(f"{self.name(table)} has no version of run {self.run} after its write; run it again")
        return latest

    def rows(self, spark: SparkSession, table: Table, version: int) -> DataFrame:
        """The table as it was at a version."""
        return spark.sql(f"SELECT * FROM {self.quoted(table)} VERSION AS OF {version}")

    def count(self, table: Table, version: int) -> int:
        """The rows of a version."""
        return int(self.sql(f"SELECT count(*) AS n FROM {self.quoted(table)} VERSION AS OF {version}")[0]["n"])

    def bytes(self, table: Table) -> int:
        """The size of the latest version's files."""
        return int(self.sql(f"DESCRIBE DETAIL {self.quoted(table)}")[0]["sizeInBytes"] or 0)

    def declare_keys(self, tables: Sequence[Table]) -> None:
        """Primary keys, then foreign ones, of those tables that lack them. The keys were judged before: RELY believes them."""
        declared = self._constraints(tables)
        for table in tables:
            if f"{table.name}_pk" not in declared:
                self.sql(add_primary_key(table, self.quoted(table)))
        names = {table.name: self.quoted(table) for table in tables}
        for table in tables:
            for key, statement in zip(table.foreign_keys, add_foreign_keys(table, names), strict=True):
                if f"{table.name}_{key.column}_fk" not in declared:
                    self.sql(statement)

    def _constraints(self, tables: Sequence[Table]) -> frozenset[str]:
        schemas = sorted({self.name(table).split(".")[1] for table in tables})
        listed = ", ".join(literal(schema) for schema in schemas)
        rows = self.sql(
            f"SELECT constraint_name FROM {identifier(self.catalog)}.information_schema.table_constraints "
            f"WHERE constraint_schema IN ({listed})"
        )
        return frozenset(row["constraint_name"] for row in rows)

    def tag(self, tables: Sequence[Table]) -> bool:
        """Tags the tables as synthetic, and says whether it could: without APPLY TAG the dataset is as good."""
        try:
            for table in tables:
                truth = {"idgraph_truth": "true"} if table.home == "truth" else {}
                self.sql(set_tags(self.quoted(table), {"synthetic": "true", **truth}))
        except Exception as error:
            if not is_denial(error):
                raise
            return False
        return True

    def prepare_manifests(self) -> None:
        """Afterwards the table of manifests is there."""
        self.sql(create_manifest_table(self.manifests))


def table_columns(table: Table) -> list[str]:
    """The columns in the catalogue's order: rows are written by position."""
    return [identifier(column.name) for column in table.columns]


def is_denial(error: Exception) -> bool:
    """Whether an engine's error says that a privilege is missing; the class decides, never the prose around it."""
    text = str(error)
    return "PERMISSION_DENIED" in text or "INSUFFICIENT_PERMISSIONS" in text or "42501" in text
