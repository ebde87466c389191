"""Delta tables in a folder: units stage Parquet files, one commit a table makes them visible together."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction

from generation.spec.catalog import location
from generation.spec.ddl import identifier
from generation.spec.report import NOTICE
from generation.spec.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

RUN_PROPERTY = "idgraph.run"


@dataclass(frozen=True)
class StagedFile:
    """A Parquet file below its table's folder, not yet visible to readers."""

    path: str
    bytes: int
    rows: int
    first_key: int
    last_key: int


@dataclass(frozen=True)
class DeltaPath:
    """The tables of one dataset below a root folder, for one run (whose name is part of every staged path)."""

    root: Path
    run: str

    def table_path(self, table: Table) -> Path:
        """The folder of a table."""
        return self.root / location(table)

    def _unit_path(self, table: Table, unit: str) -> Path:
        return self.table_path(table) / self.run / unit

    def stage(self, table: Table, unit: str, frame: DataFrame) -> list[StagedFile]:
        """Writes a unit's files, replacing what an interrupted attempt may have left, and lists them."""
        folder = self._unit_path(table, unit)
        shutil.rmtree(folder, ignore_errors=True)
        frame.write.parquet(str(folder), mode="overwrite")
        return [self._staged(table, file) for file in sorted(folder.glob("*.parquet"))]

    def _staged(self, table: Table, file: Path) -> StagedFile:
        data = pq.ParquetFile(file).metadata
        ranges = [
            data.row_group(i).column(_leaf(data, i, table.primary_key)).statistics for i in range(data.num_row_groups)
        ]
        known = [stats for stats in ranges if stats is not None and stats.has_min_max]
        return StagedFile(
            path=str(file.relative_to(self.table_path(table))),
            bytes=file.stat().st_size,
            rows=data.num_rows,
            first_key=min((int(stats.min) for stats in known), default=0),
            last_key=max((int(stats.max) for stats in known), default=0),
        )

    def holds(self, table: Table, files: list[StagedFile]) -> bool:
        """Whether all staged files are still there in full."""
        paths = [(self.table_path(table) / file.path, file.bytes) for file in files]
        return all(path.is_file() and path.stat().st_size == size for path, size in paths)

    def staged_frame(self, spark: SparkSession, table: Table, unit: str) -> DataFrame:
        """A staged unit as a frame, to make other tables from."""
        # A unit without rows has no file to tell the types from.
        types = ", ".join(f"{identifier(column.name)} {column.type.ddl}" for column in table.columns)
        return spark.read.schema(types).parquet(str(self._unit_path(table, unit)))

    def whole_frame(self, spark: SparkSession, table: Table, *, appends: bool) -> DataFrame:
        """All staged units of a table as a frame, and what they are appended to."""
        types = ", ".join(f"{identifier(column.name)} {column.type.ddl}" for column in table.columns)
        staged = sorted((self.table_path(table) / self.run).glob("*/*.parquet"))
        target = self._open(table) if appends else None
        before = target.file_uris() if target and self._version_of_run(target) is None else []
        return spark.read.schema(types).parquet(*before, *map(str, staged))

    def commit(self, table: Table, files: list[StagedFile], *, append: bool) -> int:
        """Makes the files the table's content (or adds them to it) in one Delta version, and returns the version.

        A commit that this run has made before is found by its run property and not made again.
        """
        target = self._open(table) or self._create(table)
        done = self._version_of_run(target)
        if done is not None:
            return done
        properties = CommitProperties(custom_metadata={RUN_PROPERTY: self.run})
        actions = [_add(table, file, self.table_path(table)) for file in files if file.rows]
        mode = "append" if append else "overwrite"
        target.create_write_transaction(actions, mode, _schema(table), commit_properties=properties)
        return int(DeltaTable(self.table_path(table)).version())

    def version(self, table: Table) -> int | None:
        """The table's latest version; None without a table."""
        found = self._open(table)
        return None if found is None else int(found.version())

    def _open(self, table: Table) -> DeltaTable | None:
        try:
            return DeltaTable(self.table_path(table))
        except TableNotFoundError:
            return None

    def _create(self, table: Table) -> DeltaTable:
        path = self.table_path(table)
        path.mkdir(parents=True, exist_ok=True)
        return DeltaTable.create(
            path,
            schema=_schema(table),
            name=table.name,
            description=f"{table.comment} {NOTICE}",
            configuration={"idgraph.synthetic": "true"},
            raise_if_key_not_exists=False,
        )

    def _version_of_run(self, target: DeltaTable) -> int | None:
        for entry in target.history():
            if entry.get(RUN_PROPERTY) == self.run:
                return int(entry["version"])
        return None


def _leaf(data: pq.FileMetaData, group: int, name: str) -> int:
    """The position of a top-level column among a row group's leaves."""
    for position in range(data.row_group(group).num_columns):
        if data.row_group(group).column(position).path_in_schema == name:
            return position
    raise KeyError(name)


def _schema(table: Table) -> Schema:
    return Schema.from_json(json.dumps(table.delta_schema()))


def _add(table: Table, file: StagedFile, folder: Path) -> AddAction:
    stats = {
        "numRecords": file.rows,
        "minValues": {table.primary_key: file.first_key},
        "maxValues": {table.primary_key: file.last_key},
        "nullCount": {table.primary_key: 0},
    }
    modified = int(os.stat(folder / file.path).st_mtime * 1000)
    return AddAction(file.path, file.bytes, {}, modified, True, json.dumps(stats))
