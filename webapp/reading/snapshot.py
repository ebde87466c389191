"""A table at one Delta version: its files, which keys each of them holds, and the columns it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from generation.spec.table import Column, Table
from generation.spec.types import Scalar
from webapp.reading.database import connected


class Gone(Exception):
    """The table, or this version of it, is not there."""


@dataclass(frozen=True)
class File:
    """A Parquet file; `low` and `high` are its smallest and largest key, where the version's log tells them."""

    path: str
    rows: int
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Snapshot:
    """A table's files at one version. `columns` are those of the catalogue that this version has."""

    table: Table
    columns: tuple[Column, ...]
    files: tuple[File, ...]

    @classmethod
    def of(cls, folder: Path, table: Table, version: int) -> Snapshot:
        """The version of the table in a folder; raises `Gone`."""
        try:
            delta = DeltaTable(str(folder), version=version)
            names = {field.name for field in delta.schema().fields}
            files = list(_files(delta, folder, table.primary_key))
        except (DeltaError, OSError) as error:
            raise Gone(f"table {table.name}") from error
        columns = tuple(column for column in table.columns if column.name in names)
        return cls(table, columns, tuple(sorted(files, key=lambda file: file.path)))

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    @property
    def source(self) -> str:
        """SQL for all rows."""
        return self.of_files(self.files)

    def of_files(self, files: Sequence[File]) -> str:
        """SQL for the rows of some files."""
        if not files:
            nulls = ", ".join(f'NULL::{_empty(column)} AS "{column.name}"' for column in self.columns)
            return f"(SELECT {nulls} WHERE FALSE)"
        return f"read_parquet([{', '.join(quoted(file.path) for file in files)}])"

    def groups(self) -> list[tuple[File, ...]]:
        """Files in the order of their keys; those whose ranges of keys overlap are together."""
        if any(file.low is None or file.high is None for file in self.files):
            return [self.files]
        groups: list[list[File]] = []
        top = 0
        for file in sorted(self.files, key=lambda one: (one.low, one.high)):
            assert file.low is not None and file.high is not None
            if not groups or file.low > top:
                groups.append([])
                top = file.high
            groups[-1].append(file)
            top = max(top, file.high)
        return [tuple(group) for group in groups]

    def holding(self, key: int) -> tuple[File, ...]:
        """Files that may have a key."""
        return tuple(
            file for file in self.files if file.low is None or file.high is None or file.low <= key <= file.high
        )

    def null_shares(self) -> dict[str, float]:
        """Share of nulls of every column that may be null, from the files' own counts; columns without counts are left out."""
        names = [column.name for column in self.columns if column.nullable and isinstance(column.type, Scalar)]
        if not names or not self.files:
            return {}
        listed = ", ".join(quoted(file.path) for file in self.files)
        sql = (
            "SELECT path_in_schema, SUM(stats_null_count), SUM(num_values), COUNT(*) = COUNT(stats_null_count) "
            f"FROM parquet_metadata([{listed}]) GROUP BY 1"
        )
        with connected() as connection:
            counted = connection.execute(sql).fetchall()
        return {name: nulls / of for name, nulls, of, is_whole in counted if name in names and is_whole and of}


def _files(delta: DeltaTable, folder: Path, key: str) -> Iterator[File]:
    """The version's files, none of them outside of the folder."""
    actions: Any = delta.get_add_actions(flatten=True)
    names = set(actions.column_names)
    wanted = ("path", "num_records", f"min.{key}", f"max.{key}")
    columns = [actions.column(name).to_pylist() if name in names else [None] * actions.num_rows for name in wanted]
    root = folder.resolve()
    for path, rows, low, high in zip(*columns, strict=True):
        file = (root / unquote(path)).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            raise Gone(f"a file of {folder.name}")
        yield File(str(file), rows or 0, low, high)


def _empty(column: Column) -> str:
    return "VARCHAR" if not isinstance(column.type, Scalar) or column.type.ddl == "STRING" else column.type.ddl


def quoted(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"
