"""The Delta tables behind the catalog's names: made and altered by delta-rs, written by the embedded engine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from deltalake import DeltaTable, Schema
from deltalake.exceptions import TableNotFoundError


def create(
    path: Path, schema: dict[str, Any], comment: str | None, properties: dict[str, str], *, replace: bool
) -> None:
    """An empty table; replacing one adds a version and keeps the earlier ones readable."""
    path.mkdir(parents=True, exist_ok=True)
    DeltaTable.create(
        path,
        schema=Schema.from_json(json.dumps(schema)),
        mode="overwrite" if replace else "error",
        name=path.name,
        description=comment,
        configuration=properties,
        raise_if_key_not_exists=False,
    )


def opened(path: Path, version: int | None = None) -> DeltaTable | None:
    """The table at its latest or a given version; None where there is none. ValueError for a version it never had."""
    try:
        table = DeltaTable(path)
    except TableNotFoundError:
        return None
    if version is not None:
        if not 0 <= version <= table.version():
            raise ValueError(f"version {version}, and the latest is {table.version()}")
        table.load_as_version(version)
    return table


def remove(path: Path) -> None:
    """Afterwards neither data nor log are there."""
    shutil.rmtree(path, ignore_errors=True)


def schema_of(path: Path) -> dict[str, Any]:
    """The latest schema as the Delta protocol writes it."""
    table = opened(path)
    return json.loads(table.schema().to_json()) if table else {"type": "struct", "fields": []}


def rows(path: Path, version: int | None = None) -> int:
    """The number of rows, from the statistics in the log."""
    table = opened(path, version)
    return 0 if table is None else int(table.count())


def history(path: Path) -> list[dict[str, Any]]:
    """The commits, the latest first."""
    table = opened(path)
    return [] if table is None else list(table.history())


def add_columns(path: Path, fields: list[dict[str, Any]]) -> None:
    """Afterwards the table has these columns as well; rows that are there have nulls in them."""
    DeltaTable(path).alter.add_columns(list(Schema.from_json(json.dumps({"type": "struct", "fields": fields})).fields))


def set_properties(path: Path, properties: dict[str, str]) -> None:
    """Afterwards the table has these properties."""
    DeltaTable(path).alter.set_table_properties(properties, raise_if_not_exists=False)


def set_comment(path: Path, comment: str) -> None:
    """Afterwards the table has this comment."""
    DeltaTable(path).alter.set_table_description(comment)


def set_column_comment(path: Path, name: str, comment: str) -> None:
    """Afterwards the column has this comment."""
    DeltaTable(path).alter.set_column_metadata(name, {"comment": comment})


def size(path: Path) -> tuple[int, int]:
    """Number and bytes of the files of the latest version."""
    table = opened(path)
    if table is None:
        return 0, 0
    import pyarrow as pa

    actions = pa.table(table.get_add_actions(flatten=True))
    return actions.num_rows, sum(actions.column("size_bytes").to_pylist())
