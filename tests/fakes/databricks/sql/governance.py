"""GRANT, REVOKE, SHOW GRANTS and owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tests.fakes.databricks.securables import PARTS, Kind, Securable
from tests.fakes.databricks.sql.failures import failure, not_applicable
from tests.fakes.databricks.sql.reading import Reader
from tests.fakes.databricks.sql.sessions import NOTHING, Session, rowset, texts

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

KINDS: dict[str, Kind] = {
    "CATALOG": "CATALOG",
    "SCHEMA": "SCHEMA",
    "DATABASE": "SCHEMA",
    "TABLE": "TABLE",
    "VOLUME": "VOLUME",
    "METASTORE": "METASTORE",
}


def grant(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """GRANT privileges ON object TO principal."""
    return _change(workspace, session, reader, "TO")


def revoke(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """REVOKE privileges ON object FROM principal."""
    return _change(workspace, session, reader, "FROM")


def _change(workspace: Workspace, session: Session, reader: Reader, direction: str) -> pa.Table:
    privileges = [_privilege(reader)]
    while reader.take(","):
        privileges.append(_privilege(reader))
    reader.need("ON")
    on = securable(workspace, session, reader)
    reader.need(direction)
    principal = reader.word()
    reader.end()
    workspace.privileges.require_managing(session.principal, on)
    if not workspace.directory.knows(principal):
        raise failure("PRINCIPAL_DOES_NOT_EXIST", f"Could not find principal with name {principal}.", "42704")
    act = workspace.privileges.grant if direction == "TO" else workspace.privileges.revoke
    try:
        act(privileges, on.kind, on.full_name, principal)
    except ValueError as error:
        raise not_applicable(str(error)) from error
    return NOTHING


def _privilege(reader: Reader) -> str:
    words = [reader.word()]
    while not (reader.sees(",") or reader.sees("ON")):
        words.append(reader.word())
    return " ".join(words)


def securable(workspace: Workspace, session: Session, reader: Reader) -> Securable:
    """The object named next: [CATALOG | SCHEMA | TABLE | VOLUME] name; a table when no kind is given."""
    kind: Kind = "TABLE"
    for word, named in KINDS.items():
        if reader.take(word):
            kind = named
            break
    if kind == "METASTORE":
        return workspace.securables.get("METASTORE", "")
    return workspace.securables.get(kind, full_name(session, kind, reader.name()))


def alter(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """ALTER CATALOG | SCHEMA | VOLUME name: owner, tags, properties."""
    on = securable(workspace, session, reader)
    workspace.privileges.require_managing(session.principal, on)
    if reader.take("SET", "TAGS"):
        on.tags.update(reader.pairs())
    elif reader.take("UNSET", "TAGS"):
        for key in reader.listed():
            on.tags.pop(key, None)
    elif reader.take("SET", "DBPROPERTIES"):
        on.properties.update(reader.pairs())
    else:
        reader.take("SET")
        reader.need("OWNER", "TO")
        on.owner = reader.word()
    reader.end()
    return NOTHING


def full_name(session: Session, kind: Kind, parts: list[str]) -> str:
    """The full name of an object of that kind."""
    if PARTS[kind] == 3:
        return session.table(parts)
    return session.schema_of(parts) if kind == "SCHEMA" else ".".join(parts)


def show_grants(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    """SHOW GRANTS [principal] ON object: what is granted on it and what it inherits.

    Who neither manages the object nor is an administrator sees its own grants and those of its groups.
    """
    asked = None if reader.sees("ON") else reader.word()
    reader.need("ON")
    on = securable(workspace, session, reader)
    reader.end()
    seen = visible_to(workspace, session, on)
    found = [
        (g.principal, g.privilege, g.on.kind, g.on.full_name)
        for g in workspace.privileges.grants_on(on)
        if asked in (None, g.principal) and (seen is None or g.principal in seen)
    ]
    return rowset(texts("Principal", "ActionType", "ObjectType", "ObjectKey"), found)


def visible_to(workspace: Workspace, session: Session, on: Securable) -> set[str] | None:
    """Whose grants a session's principal may see on an object; None means everybody's."""
    if session.principal.admin or workspace.privileges.manages(session.principal, on):
        return None
    if not workspace.privileges.sees(session.principal, on):
        workspace.privileges.require(session.principal, "USE CATALOG", workspace.securables.lineage(on)[1])
    return workspace.directory.identities(session.principal.name)
