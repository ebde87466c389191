"""Catalogs, schemas and volumes: CREATE, DROP, SHOW, DESCRIBE."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pyarrow as pa

from tests.fakes.databricks import delta
from tests.fakes.databricks.securables import Missing
from tests.fakes.databricks.sql.failures import failure
from tests.fakes.databricks.sql.reading import Reader
from tests.fakes.databricks.sql.sessions import NOTHING, Session, rowset, texts

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace


def create_catalog(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """CREATE CATALOG [IF NOT EXISTS] name [COMMENT text]."""
    tolerant = reader.take("IF", "NOT", "EXISTS")
    name = reader.word().lower()
    comment = reader.string() if reader.take("COMMENT") else None
    reader.end()
    workspace.privileges.require(session.principal, "CREATE CATALOG", workspace.securables.get("METASTORE", ""))
    if not (tolerant and workspace.securables.find("CATALOG", name)):
        workspace.securables.create("CATALOG", name, session.principal.name, comment)
    return NOTHING


def create_schema(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """CREATE SCHEMA [IF NOT EXISTS]: the right to create is asked for first, even if the schema is there."""
    tolerant = reader.take("IF", "NOT", "EXISTS")
    name = session.schema_of(reader.name())
    comment, properties = None, {}
    while not reader.done():
        if reader.take("COMMENT"):
            comment = reader.string()
        elif reader.take("WITH", "DBPROPERTIES"):
            properties = reader.pairs()
        else:
            raise reader.error()
    catalog = workspace.securables.get("CATALOG", name.split(".")[0])
    workspace.privileges.require(session.principal, "CREATE SCHEMA", catalog)
    if not (tolerant and workspace.securables.find("SCHEMA", name)):
        workspace.securables.create("SCHEMA", name, session.principal.name, comment).properties.update(properties)
    return NOTHING


def create_volume(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """CREATE VOLUME [IF NOT EXISTS] name [COMMENT text]."""
    tolerant = reader.take("IF", "NOT", "EXISTS")
    name = session.table(reader.name())
    comment = reader.string() if reader.take("COMMENT") else None
    reader.end()
    schema = workspace.securables.get("SCHEMA", name.rpartition(".")[0])
    workspace.privileges.require(session.principal, "CREATE VOLUME", schema)
    if not (tolerant and workspace.securables.find("VOLUME", name)):
        workspace.securables.create("VOLUME", name, session.principal.name, comment)
    return NOTHING


def drop_schema(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """DROP SCHEMA [IF EXISTS] name [CASCADE | RESTRICT]."""
    tolerant = reader.take("IF", "EXISTS")
    name = session.schema_of(reader.name())
    cascade = reader.take("CASCADE")
    reader.take("RESTRICT")
    reader.end()
    if tolerant and workspace.securables.find("SCHEMA", name) is None:
        return NOTHING
    schema = workspace.securables.get("SCHEMA", name)
    workspace.privileges.require_managing(session.principal, schema)
    tables = workspace.securables.below("TABLE", name)
    if tables and not cascade:
        raise failure("SCHEMA_NOT_EMPTY", f"Cannot drop a schema `{name}` because it contains objects.", "2BP01")
    for table in tables:
        if table.location is not None:
            delta.remove(table.location)
    workspace.securables.drop("SCHEMA", name)
    return NOTHING


def show_catalogs(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """SHOW CATALOGS [LIKE pattern]."""
    fits = _pattern(reader)
    shown = [c.name for c in workspace.securables.below("CATALOG") if workspace.privileges.sees(session.principal, c)]
    return rowset(texts("catalog"), [(name,) for name in shown if fits(name)])


def show_schemas(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """SHOW SCHEMAS [IN catalog] [LIKE pattern]."""
    catalog = reader.word().lower() if reader.take("IN") or reader.take("FROM") else session.catalog
    fits = _pattern(reader)
    workspace.privileges.require(session.principal, "USE CATALOG", workspace.securables.get("CATALOG", catalog))
    shown = [
        s.name for s in workspace.securables.below("SCHEMA", catalog) if workspace.privileges.sees(session.principal, s)
    ]
    return rowset(texts("databaseName"), [(name,) for name in shown if fits(name)])


def show_tables(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """SHOW TABLES [IN schema] [LIKE pattern]."""
    named = reader.take("IN") or reader.take("FROM")
    schema = session.schema_of(reader.name()) if named else f"{session.catalog}.{session.schema}"
    fits = _pattern(reader)
    workspace.privileges.require(session.principal, "USE SCHEMA", workspace.securables.get("SCHEMA", schema))
    found = [
        (t.parts[1], t.name, False)
        for t in workspace.securables.below("TABLE", schema)
        if workspace.privileges.sees(session.principal, t) and fits(t.name)
    ]
    return rowset({**texts("database", "tableName"), "isTemporary": pa.bool_()}, found)


def describe_schema(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """DESCRIBE SCHEMA [EXTENDED] name."""
    reader.take("EXTENDED")
    schema = workspace.securables.get("SCHEMA", session.schema_of(reader.name()))
    reader.end()
    workspace.privileges.require(session.principal, "USE SCHEMA", schema)
    found = [
        ("Catalog Name", schema.parts[0]),
        ("Namespace Name", schema.name),
        ("Comment", schema.comment or ""),
        ("Owner", schema.owner),
    ]
    return rowset(texts("database_description_item", "database_description_value"), found)


def use(workspace: Workspace, session: Session, reader: Reader) -> None:
    """USE CATALOG name, USE SCHEMA name, USE [catalog.]schema: the defaults of short names."""
    if reader.take("CATALOG"):
        session.catalog = workspace.securables.get("CATALOG", reader.word()).name
        session.schema = "default"
        return
    if not reader.take("SCHEMA"):
        reader.take("DATABASE")
    parts = reader.name()
    if len(parts) == 1 and workspace.securables.find("SCHEMA", session.schema_of(parts)) is None:
        raise Missing("SCHEMA", session.schema_of(parts))
    session.catalog, session.schema = workspace.securables.get("SCHEMA", session.schema_of(parts)).parts


def _pattern(reader: Reader):
    """LIKE 'a*|b': `*` stands for anything, `|` for or; SQL's % is understood as well."""
    if not reader.take("LIKE"):
        reader.end()
        return lambda name: True
    wanted = reader.string().lower().replace("%", "*").split("|")
    reader.end()
    return lambda name: any(fnmatchcase(name, one) for one in wanted)
