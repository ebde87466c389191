"""Writes of tables through the DataFrame API: which make or replace a table, and how the engine does that by path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyspark.sql.connect.proto as spark

from tests.fakes.databricks import delta
from tests.fakes.databricks.plan_bytes import Asked, field, without
from tests.fakes.databricks.securables import Existing, Missing, Securable
from tests.fakes.databricks.sql import tables
from tests.fakes.databricks.sql.sessions import Session

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

INPUT = spark.WriteOperation.DESCRIPTOR.fields_by_name["input"].number  # the same in both versions
V1, V2 = spark.WriteOperation, spark.WriteOperationV2
MAKING = {"CREATE", "REPLACE", "CREATE_OR_REPLACE", "ERROR_IF_EXISTS"}


@dataclass(frozen=True)
class TableWrite:
    """A write of a named table; `mode` is APPEND, OVERWRITE, IGNORE, ERROR_IF_EXISTS, CREATE, REPLACE ..."""

    name: str
    method: str
    mode: str
    input: bytes
    options: dict[str, str]
    properties: dict[str, str]
    clustering: tuple[str, ...]

    def makes_table(self, exists: bool) -> bool:
        """Whether the write defines the table rather than fill the one that is there."""
        if self.method == "writeTo":
            return self.mode in MAKING
        return self.method == "saveAsTable" and (not exists or self.mode not in ("APPEND", "IGNORE"))

    def described(self, name: str) -> str:
        """The write as the record keeps it."""
        said = {**self.options, **{f"property {k}": v for k, v in self.properties.items()}}
        details = "".join(f" {key}={value}" for key, value in sorted(said.items()))
        clustered = f" cluster by ({', '.join(self.clustering)})" if self.clustering else ""
        return f"<{self.method} {name} {self.mode.lower()}{clustered}{details}>"

    def register(self, workspace: Workspace, session: Session, name: str) -> Securable:
        """The table in the catalog, where the writer may make or replace it."""
        there = workspace.securables.find("TABLE", name)
        if there is not None and self.mode in ("CREATE", "ERROR_IF_EXISTS"):
            raise Existing("TABLE", name)
        if there is None and self.mode == "REPLACE":
            raise Missing("TABLE", name)
        tables.may_create(workspace, session, name, replace=there is not None)
        return tables.register(workspace, session, name)

    def to_path(self, path: Path) -> bytes:
        """The same write to the table's folder, in one commit, schema included: the bytes of a `WriteOperation`."""
        options = {**self.options, "overwriteSchema": "true"}
        operation = V1(source="delta", path=str(path), mode=V1.SAVE_MODE_OVERWRITE, options=options)
        return operation.SerializeToString() + field(INPUT, self.input)

    def keep(self, table: Securable) -> None:
        """What only the catalog has a place for; a replaced table loses its keys."""
        table.properties.update(self.properties)
        table.clustering = list(self.clustering)
        table.constraints = []

    def forget(self, workspace: Workspace, table: Securable) -> None:
        """A table that could not be made is not in the catalog."""
        if table.location is not None and delta.opened(table.location) is None:
            workspace.securables.drop("TABLE", table.full_name)
            delta.remove(table.location)


def table_write(asked: Asked) -> TableWrite | None:
    """The table a command writes; None for other commands and for writes to paths."""
    if asked.command not in ("write_operation", "write_operation_v2"):
        return None
    rest, plan = without(asked.content, INPUT)
    if asked.command == "write_operation_v2":
        return _second_version(V2.FromString(rest), plan)
    operation = V1.FromString(rest)
    return _first_version(operation, plan) if operation.HasField("table") else None


def _first_version(op: spark.WriteOperation, plan: bytes) -> TableWrite:
    into = op.table.save_method == V1.SaveTable.TABLE_SAVE_METHOD_INSERT_INTO
    mode = V1.SaveMode.Name(op.mode).removeprefix("SAVE_MODE_").replace("UNSPECIFIED", "ERROR_IF_EXISTS")
    mode = "APPEND" if into and mode == "ERROR_IF_EXISTS" else mode
    method = "insertInto" if into else "saveAsTable"
    return TableWrite(op.table.table_name, method, mode, plan, dict(op.options), {}, tuple(op.clustering_columns))


def _second_version(op: spark.WriteOperationV2, plan: bytes) -> TableWrite:
    mode = V2.Mode.Name(op.mode).removeprefix("MODE_")
    properties, clustering = dict(op.table_properties), tuple(op.clustering_columns)
    return TableWrite(op.table_name, "writeTo", mode, plan, dict(op.options), properties, clustering)
