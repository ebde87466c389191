"""information_schema: the views that say who may do what and what there is; only rows the reader may see."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from tests.fakes.databricks import delta
from tests.fakes.databricks.securables import Kind, Securable
from tests.fakes.databricks.sql.failures import failure
from tests.fakes.databricks.sql.governance import visible_to
from tests.fakes.databricks.sql.sessions import Session, rowset, texts
from tests.fakes.databricks.sql.types import sql_name

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

VIEW = re.compile(r"(?:`?(?P<catalog>\w+)`?\s*\.\s*)?`?information_schema`?\s*\.\s*`?(?P<view>\w+)`?", re.I)
KIND_OF: dict[str, Kind] = {
    "catalog_privileges": "CATALOG",
    "schema_privileges": "SCHEMA",
    "table_privileges": "TABLE",
    "volume_privileges": "VOLUME",
}
PRIVILEGE_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "CATALOG": ("catalog_name",),
    "SCHEMA": ("catalog_name", "schema_name"),
    "TABLE": ("table_catalog", "table_schema", "table_name"),
    "VOLUME": ("volume_catalog", "volume_schema", "volume_name"),
}


def asked(text: str) -> bool:
    """Whether a query reads information_schema."""
    return VIEW.search(text) is not None


def select(workspace: Workspace, session: Session, text: str) -> pa.Table:
    """The result of a query over information_schema views."""
    connection = duckdb.connect()
    views: dict[str, pa.Table] = {}

    def replaced(match: re.Match[str]) -> str:
        catalog = (match["catalog"] or session.catalog).lower()
        name = f"{catalog}_{match['view'].lower()}"
        views[name] = _view(workspace, session, catalog, match["view"].lower())
        return name

    query = VIEW.sub(replaced, text).replace("`", '"')
    for name, rows in views.items():
        connection.register(name, rows)
    try:
        return connection.sql(query).to_arrow_table()
    except duckdb.Error as error:
        raise failure("PARSE_SYNTAX_ERROR", str(error).splitlines()[0], "42601") from error


def _view(workspace: Workspace, session: Session, catalog: str, view: str) -> pa.Table:
    catalogs = workspace.securables.below("CATALOG")
    if catalog != "system":
        found = workspace.securables.get("CATALOG", catalog)
        workspace.privileges.require(session.principal, "USE CATALOG", found)
        catalogs = [found]
    seen = [c for c in catalogs if workspace.privileges.sees(session.principal, c)]
    if view in KIND_OF:
        return _privileges(workspace, session, seen, KIND_OF[view])
    if view in LISTED:
        return LISTED[view](workspace, session, seen)
    raise failure("TABLE_OR_VIEW_NOT_FOUND", f"`{catalog}`.`information_schema`.`{view}` cannot be found.", "42P01")


def _objects(workspace: Workspace, session: Session, catalogs: Sequence[Securable], kind: Kind) -> list[Securable]:
    if kind == "CATALOG":
        return list(catalogs)
    schemas = [s for c in catalogs for s in workspace.securables.below("SCHEMA", c.full_name)]
    found = schemas if kind == "SCHEMA" else [o for s in schemas for o in workspace.securables.below(kind, s.full_name)]
    return [o for o in found if workspace.privileges.sees(session.principal, o)]


def _privileges(workspace: Workspace, session: Session, catalogs: Sequence[Securable], kind: Kind) -> pa.Table:
    rows: list[tuple[Any, ...]] = []
    for on in _objects(workspace, session, catalogs, kind):
        shown = visible_to(workspace, session, on)
        for grant in workspace.privileges.grants_on(on):
            if shown is None or grant.principal in shown:
                inherited = "NONE" if grant.on is on else grant.on.kind
                spelt = grant.privilege.replace(" ", "_")
                rows.append((on.owner, grant.principal, *on.parts, spelt, "NO", inherited))
    names = ("grantor", "grantee", *PRIVILEGE_COLUMNS[kind], "privilege_type", "is_grantable", "inherited_from")
    return rowset(texts(*names), rows)


def _schemata(workspace: Workspace, session: Session, catalogs: Sequence[Securable]) -> pa.Table:
    rows = [(*s.parts, s.owner, s.comment) for s in _objects(workspace, session, catalogs, "SCHEMA")]
    return rowset(texts("catalog_name", "schema_name", "schema_owner", "comment"), rows)


def _tables(workspace: Workspace, session: Session, catalogs: Sequence[Securable]) -> pa.Table:
    rows = [(*t.parts, "MANAGED", t.owner, t.comment, "DELTA") for t in _objects(workspace, session, catalogs, "TABLE")]
    names = (
        "table_catalog", "table_schema", "table_name", "table_type", "table_owner", "comment", "data_source_format",
    )  # fmt: skip
    return rowset(texts(*names), rows)


def _columns(workspace: Workspace, session: Session, catalogs: Sequence[Securable]) -> pa.Table:
    rows = [
        (
            *table.parts,
            f["name"],
            place,
            "YES" if f["nullable"] else "NO",
            sql_name(f["type"]),
            f["metadata"].get("comment"),
        )
        for table in _objects(workspace, session, catalogs, "TABLE")
        if table.location is not None
        for place, f in enumerate(delta.schema_of(table.location)["fields"])
    ]
    columns = {
        **texts("table_catalog", "table_schema", "table_name", "column_name"),
        "ordinal_position": pa.int32(),
        **texts("is_nullable", "full_data_type", "comment"),
    }
    return rowset(columns, rows)


def _constraints(workspace: Workspace, session: Session, catalogs: Sequence[Securable]) -> pa.Table:
    rows = [
        (*table.parts[:2], constraint["name"], *table.parts, constraint["kind"], "NO")
        for table in _objects(workspace, session, catalogs, "TABLE")
        for constraint in table.constraints
    ]
    names = (
        "constraint_catalog", "constraint_schema", "constraint_name", "table_catalog", "table_schema", "table_name",
        "constraint_type", "enforced",
    )  # fmt: skip
    return rowset(texts(*names), rows)


LISTED: dict[str, Callable[[Workspace, Session, Sequence[Securable]], pa.Table]] = {
    "schemata": _schemata,
    "tables": _tables,
    "columns": _columns,
    "table_constraints": _constraints,
}
