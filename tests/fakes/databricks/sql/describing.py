"""DESCRIBE TABLE, HISTORY and DETAIL, and SHOW TBLPROPERTIES."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tests.fakes.databricks import delta
from tests.fakes.databricks.securables import Securable
from tests.fakes.databricks.sql.reading import Reader
from tests.fakes.databricks.sql.sessions import Session, rowset, texts
from tests.fakes.databricks.sql.types import sql_name

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

STAMP = pa.timestamp("us", "UTC")
TEXT_MAP = pa.map_(pa.string(), pa.string())
HISTORY = {
    "version": pa.int64(),
    "timestamp": STAMP,
    **texts("userId", "userName", "operation"),
    "operationParameters": TEXT_MAP,
    **texts("job", "notebook", "clusterId"),
    "readVersion": pa.int64(),
    "isolationLevel": pa.string(),
    "isBlindAppend": pa.bool_(),
    "operationMetrics": TEXT_MAP,
    **texts("userMetadata", "engineInfo"),
}
DETAIL = {
    **texts("format", "id", "name", "description", "location"),
    "createdAt": STAMP,
    "lastModified": STAMP,
    "partitionColumns": pa.list_(pa.string()),
    "clusteringColumns": pa.list_(pa.string()),
    "numFiles": pa.int64(),
    "sizeInBytes": pa.int64(),
    "properties": TEXT_MAP,
    "minReaderVersion": pa.int32(),
    "minWriterVersion": pa.int32(),
}


def history(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """DESCRIBE HISTORY name [LIMIT n], the latest version first."""
    table = _readable(workspace, session, reader)
    limit = reader.number() if reader.take("LIMIT") else None
    reader.end()
    commits = delta.history(_folder(table))[:limit]
    return rowset(HISTORY, [_commit(commit, table.owner) for commit in commits])


def _commit(commit: dict[str, Any], owner: str) -> tuple[Any, ...]:
    read = commit.get("readVersion")
    return (
        commit["version"],
        _moment(commit["timestamp"]),
        "1",
        owner,
        commit["operation"],
        _texts(commit.get("operationParameters")),
        None,
        None,
        None,
        read if read is not None else (commit["version"] - 1 if commit["version"] else None),
        commit.get("isolationLevel", "WriteSerializable"),
        bool(commit.get("isBlindAppend", False)),
        _texts(commit.get("operationMetrics")),
        commit.get("userMetadata"),
        commit.get("engineInfo"),
    )


def _texts(values: dict[str, Any] | None) -> dict[str, str]:
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in (values or {}).items()}


def _moment(milliseconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.timezone.utc)


def detail(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """DESCRIBE DETAIL name."""
    table = _readable(workspace, session, reader)
    reader.end()
    opened = delta.opened(_folder(table))
    files, size = delta.size(_folder(table))
    commits = delta.history(_folder(table))
    protocol = opened.protocol() if opened else None
    row = (
        "delta",
        table.id,
        table.full_name,
        table.comment,
        _folder(table).as_uri(),
        _moment(table.created_at),
        _moment(commits[0]["timestamp"] if commits else table.created_at),
        [],
        table.clustering,
        files,
        size,
        dict(opened.metadata().configuration) if opened else {},
        protocol.min_reader_version if protocol else None,
        protocol.min_writer_version if protocol else None,
    )
    return rowset(DETAIL, [row])


def describe(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """DESCRIBE [TABLE] [EXTENDED] name."""
    reader.take("TABLE")
    extended = reader.take("EXTENDED")
    table = _readable(workspace, session, reader)
    reader.end()
    found = [
        (f["name"], sql_name(f["type"]), f["metadata"].get("comment"))
        for f in delta.schema_of(_folder(table))["fields"]
    ]
    more = [("", "", ""), ("# Detailed Table Information", "", ""), *_details(table)] if extended else []
    return rowset(texts("col_name", "data_type", "comment"), found + more)


def _details(table: Securable) -> list[tuple[str, str, str]]:
    catalog, schema, name = table.parts
    pairs = {
        "Catalog": catalog,
        "Database": schema,
        "Table": name,
        "Owner": table.owner,
        "Comment": table.comment or "",
        "Type": "MANAGED",
        "Location": _folder(table).as_uri(),
        "Provider": "delta",
        "Table Properties": json.dumps(table.properties),
    }
    keys = [(c["name"], f"{c['kind']} ({', '.join(f'`{n}`' for n in c['columns'])})", "") for c in table.constraints]
    return [(key, text, "") for key, text in pairs.items()] + ([("# Constraints", "", ""), *keys] if keys else [])


def properties(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """SHOW TBLPROPERTIES name [(key)]."""
    table = _readable(workspace, session, reader)
    wanted = reader.listed() if reader.sees("(") else None
    reader.end()
    opened = delta.opened(_folder(table))
    held = {**table.properties, **(opened.metadata().configuration if opened else {})}
    return rowset(texts("key", "value"), [(k, v) for k, v in sorted(held.items()) if wanted is None or k in wanted])


def _readable(workspace: Workspace, session: Session, reader: Reader) -> Securable:
    table = workspace.securables.get("TABLE", session.table(reader.name()))
    workspace.privileges.require(session.principal, "SELECT", table)
    return table


def _folder(table: Securable):
    assert table.location is not None
    return table.location
