"""CREATE, ALTER, COMMENT ON and DROP TABLE: done on the Delta log where that has a place for it, else kept here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tests.fakes.databricks import delta
from tests.fakes.databricks.privileges import Denied
from tests.fakes.databricks.securables import Existing, Securable
from tests.fakes.databricks.sql import constraints
from tests.fakes.databricks.sql.failures import denied, failure
from tests.fakes.databricks.sql.reading import Reader
from tests.fakes.databricks.sql.sessions import NOTHING, Session
from tests.fakes.databricks.sql.types import Definition, column, definition

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace


@dataclass
class Creation:
    """What a CREATE TABLE statement asks for."""

    name: str
    replace: bool
    tolerant: bool
    definition: Definition | None = None
    comment: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    clustering: list[str] = field(default_factory=list)
    query: str | None = None


def create(workspace: Workspace, session: Session, reader: Reader, *, replace: bool = False) -> pa.Table:
    """CREATE [OR REPLACE] TABLE [IF NOT EXISTS] ... [AS query]."""
    wanted = _creation(session, reader, replace)
    existing = may_create(workspace, session, wanted.name, replace=replace)
    if existing and not replace:
        if wanted.tolerant:
            return NOTHING
        raise Existing("TABLE", wanted.name)
    table = register(workspace, session, wanted.name)
    try:
        _fill(workspace, session, table, wanted)
    except BaseException:
        if existing is None:
            workspace.securables.drop("TABLE", table.full_name)
            delta.remove(_folder(table))
        raise
    table.comment, table.clustering = wanted.comment, wanted.clustering
    table.properties = dict(wanted.properties)
    return NOTHING


def _fill(workspace: Workspace, session: Session, table: Securable, wanted: Creation) -> None:
    if wanted.query is not None:
        session.spark().write(wanted.query, _folder(table))
        table.constraints = []
        return
    if wanted.definition is None:
        raise failure("DELTA_SCHEMA_NOT_PROVIDED", "Table schema is not provided.", "42908")
    found = constraints.checked(workspace, session, table, wanted.definition)
    replace = wanted.replace and delta.opened(_folder(table)) is not None
    delta.create(_folder(table), wanted.definition.schema, wanted.comment, wanted.properties, replace=replace)
    table.constraints = found


def _creation(session: Session, reader: Reader, replace: bool) -> Creation:
    tolerant = reader.take("IF", "NOT", "EXISTS")
    made = Creation(session.table(reader.name()), replace, tolerant)
    if reader.sees("("):
        made.definition = definition(reader)
    while not reader.done():
        if reader.take("USING"):
            _delta_only(reader.word())
        elif reader.take("COMMENT"):
            made.comment = reader.string()
        elif reader.take("TBLPROPERTIES"):
            made.properties = reader.pairs()
        elif reader.take("CLUSTER", "BY"):
            made.clustering = _clustering(reader)
        elif reader.take("PARTITIONED", "BY"):
            reader.skip_parentheses()
        elif reader.take("AS") or reader.sees("SELECT") or reader.sees("WITH"):
            made.query = reader.rest()
            return made
        else:
            raise reader.error()
    return made


def _delta_only(source: str) -> None:
    if source.lower() != "delta":
        raise failure("DATA_SOURCE_NOT_FOUND", f"Failed to find the data source: {source}.", "42K02")


def _clustering(reader: Reader) -> list[str]:
    if reader.take("AUTO") or reader.take("NONE"):
        return []
    return reader.names()


def may_create(workspace: Workspace, session: Session, name: str, *, replace: bool) -> Securable | None:
    """The table that is there already, if one is. Raises unless it may be made, or replaced by who owns or manages it."""
    schema = workspace.securables.get("SCHEMA", name.rpartition(".")[0])
    table = workspace.securables.find("TABLE", name)
    try:
        needed = "USE SCHEMA" if table and not replace else "CREATE TABLE"
        workspace.privileges.require(session.principal, needed, schema)
        if table is not None and replace:
            workspace.privileges.require_managing(session.principal, table)
    except Denied as error:
        raise denied(error, creating=True) from error
    return table


def register(workspace: Workspace, session: Session, name: str) -> Securable:
    """The table in the catalog, made if it is not there."""
    found = workspace.securables.find("TABLE", name)
    return found or workspace.securables.create("TABLE", name, session.principal.name)


def drop(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """DROP TABLE [IF EXISTS] name; its data and history go with it."""
    tolerant = reader.take("IF", "EXISTS")
    name = session.table(reader.name())
    reader.end()
    if tolerant and workspace.securables.find("TABLE", name) is None:
        return NOTHING
    table = workspace.securables.get("TABLE", name)
    workspace.privileges.require_managing(session.principal, table)
    workspace.securables.drop("TABLE", name)
    delta.remove(_folder(table))
    return NOTHING


def alter(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """ALTER TABLE: constraints, properties, tags, columns, comments, clustering, owner."""
    table = workspace.securables.get("TABLE", session.table(reader.name()))
    for words, privilege, action in ALTERATIONS:
        if reader.take(*words):
            _require(workspace, session, table, privilege)
            action(workspace, session, table, reader)
            reader.end()
            return NOTHING
    raise reader.error()


def _require(workspace: Workspace, session: Session, table: Securable, privilege: str) -> None:
    if privilege == "MANAGE":
        workspace.privileges.require(session.principal, "USE SCHEMA", workspace.securables.lineage(table)[2])
        workspace.privileges.require_managing(session.principal, table)
    else:
        workspace.privileges.require(session.principal, privilege, table)


def _set_properties(workspace: Workspace, session: Session, table: Securable, reader: Reader) -> None:
    properties = reader.pairs()
    delta.set_properties(_folder(table), properties)
    table.properties.update(properties)


def _set_tags(workspace: Workspace, session: Session, table: Securable, reader: Reader) -> None:
    table.tags.update(reader.pairs())


def _unset_tags(workspace: Workspace, session: Session, table: Securable, reader: Reader) -> None:
    for key in reader.listed():
        table.tags.pop(key, None)


def _add_columns(workspace: Workspace, session: Session, table: Securable, reader: Reader) -> None:
    bracketed = reader.take("(")
    fields = [column(reader)]
    while reader.take(","):
        fields.append(column(reader))
    if bracketed:
        reader.need(")")
    there = {f["name"].lower() for f in delta.schema_of(_folder(table))["fields"]}
    for new in fields:
        if new["name"].lower() in there:
            raise failure(
                "FIELD_ALREADY_EXISTS", f"Cannot add column, because `{new['name']}` already exists.", "42710"
            )
        if not new["nullable"]:
            raise failure(
                "DELTA_ADDING_COLUMN_WITH_NOT_NULL", f"NOT NULL is not supported in ADD COLUMN {new['name']}.", "0A000"
            )
    delta.add_columns(_folder(table), fields)


def _alter_column(workspace: Workspace, session: Session, table: Securable, reader: Reader) -> None:
    name = reader.word()
    if reader.take("COMMENT"):
        delta.set_column_comment(_folder(table), name, reader.string())
    elif reader.take("SET", "TAGS"):
        table.column_tags.setdefault(name.lower(), {}).update(reader.pairs())
    else:
        raise reader.error()


def _cluster(workspace: Workspace, session: Session, table: Securable, reader: Reader) -> None:
    table.clustering = _clustering(reader)


def _owner(workspace: Workspace, session: Session, table: Securable, reader: Reader) -> None:
    table.owner = reader.word()


ALTERATIONS = (
    (("ADD", "CONSTRAINT"), "MANAGE", constraints.add),
    (("DROP", "CONSTRAINT"), "MANAGE", constraints.drop_named),
    (("DROP", "PRIMARY", "KEY"), "MANAGE", constraints.drop_primary),
    (("SET", "TBLPROPERTIES"), "MODIFY", _set_properties),
    (("SET", "TAGS"), "APPLY TAG", _set_tags),
    (("UNSET", "TAGS"), "APPLY TAG", _unset_tags),
    (("ADD", "COLUMNS"), "MODIFY", _add_columns),
    (("ADD", "COLUMN"), "MODIFY", _add_columns),
    (("ALTER", "COLUMN"), "MODIFY", _alter_column),
    (("CLUSTER", "BY"), "MANAGE", _cluster),
    (("SET", "OWNER", "TO"), "MANAGE", _owner),
    (("OWNER", "TO"), "MANAGE", _owner),
)


def comment_on(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """COMMENT ON TABLE | COLUMN | SCHEMA | CATALOG name IS text."""
    kind = next((k for k in ("TABLE", "COLUMN", "SCHEMA", "DATABASE", "CATALOG") if reader.take(k)), None)
    parts = reader.name()
    reader.need("IS")
    text = "" if reader.take("NULL") else reader.string()
    reader.end()
    if kind in ("TABLE", "COLUMN"):
        table = workspace.securables.get("TABLE", session.table(parts if kind == "TABLE" else parts[:-1]))
        workspace.privileges.require(session.principal, "MODIFY", table)
        _write_comment(table, None if kind == "TABLE" else parts[-1], text)
        return NOTHING
    named = session.schema_of(parts) if kind in ("SCHEMA", "DATABASE") else ".".join(parts)
    namespace = workspace.securables.get("CATALOG" if kind == "CATALOG" else "SCHEMA", named)
    workspace.privileges.require_managing(session.principal, namespace)
    namespace.comment = text
    return NOTHING


def _write_comment(table: Securable, column_name: str | None, text: str) -> None:
    if column_name is None:
        delta.set_comment(_folder(table), text)
        table.comment = text
    else:
        delta.set_column_comment(_folder(table), column_name, text)


def maintain(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """OPTIMIZE, VACUUM, ANALYZE TABLE: allowed to who may modify the table; nothing is moved."""
    reader.take("TABLE")
    table = workspace.securables.get("TABLE", session.table(reader.name()))
    workspace.privileges.require(session.principal, "MODIFY", table)
    return NOTHING


def _folder(table: Securable) -> Path:
    assert table.location is not None
    return table.location
