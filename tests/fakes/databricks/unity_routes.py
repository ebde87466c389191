"""Unity Catalog over REST: objects, direct grants, effective permissions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.fakes.databricks import delta
from tests.fakes.databricks.principals import ENGINE
from tests.fakes.databricks.privileges import Grant
from tests.fakes.databricks.securables import Existing, Kind, Securable
from tests.fakes.databricks.sql.types import sql_name
from tests.fakes.databricks.wire import ApiError, Call, Reply, Route, page, reply

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

COLLECTION: dict[Kind, str] = {"CATALOG": "catalogs", "SCHEMA": "schemas", "TABLE": "tables", "VOLUME": "volumes"}
SMALLEST_PAGE = 150
READ: dict[Kind, str] = {"CATALOG": "USE CATALOG", "SCHEMA": "USE SCHEMA", "TABLE": "SELECT", "VOLUME": "READ VOLUME"}


def view(workspace: Workspace, on: Securable, caller: str) -> dict[str, Any]:
    """An object as the API shows it. The engine is told to read and write tables by path."""
    shown: dict[str, Any] = {
        "name": on.name,
        "full_name": on.full_name,
        "owner": on.owner,
        "metastore_id": workspace.securables.get("METASTORE", "").id,
        "created_at": on.created_at,
        "created_by": on.owner,
        "updated_at": on.created_at,
        "updated_by": on.owner,
        "securable_type": on.kind,
        **({"comment": on.comment} if on.comment else {}),
        **({"properties": on.properties} if on.properties else {}),
    }
    if on.kind == "CATALOG":
        return {**shown, "catalog_type": "MANAGED_CATALOG", "isolation_mode": "OPEN"}
    if on.kind == "SCHEMA":
        return {**shown, "catalog_name": on.parts[0], "schema_id": on.id, "catalog_type": "MANAGED_CATALOG"}
    shown |= {"catalog_name": on.parts[0], "schema_name": on.parts[1]}
    assert on.location is not None
    if on.kind == "VOLUME":
        return {**shown, "volume_id": on.id, "volume_type": "MANAGED", "storage_location": on.location.as_uri()}
    external = caller == ENGINE
    return {
        **shown,
        "table_id": on.id,
        "table_type": "EXTERNAL" if external else "MANAGED",
        "data_source_format": "DELTA",
        "storage_location": on.location.as_uri(),
        "columns": [] if external else _columns(on),
        **({"table_constraints": [_constraint(c) for c in on.constraints]} if on.constraints else {}),
    }


def _columns(on: Securable) -> list[dict[str, Any]]:
    assert on.location is not None
    return [
        {
            "name": f["name"],
            "type_text": sql_name(f["type"]),
            "type_name": sql_name(f["type"]).split("<")[0].split("(")[0].upper().replace("BIGINT", "LONG"),
            "type_json": json.dumps(f),
            "position": place,
            "nullable": f["nullable"],
            **({"comment": f["metadata"]["comment"]} if "comment" in f["metadata"] else {}),
        }
        for place, f in enumerate(delta.schema_of(on.location)["fields"])
    ]


def _constraint(constraint: dict[str, Any]) -> dict[str, Any]:
    named = {"name": constraint["name"], "child_columns": constraint["columns"]}
    if constraint["kind"] == "PRIMARY KEY":
        return {"primary_key_constraint": named}
    parent = {"parent_table": constraint["parent"], "parent_columns": constraint["parent_columns"]}
    return {"foreign_key_constraint": {**named, **parent}}


def _get(kind: Kind):
    def get(workspace: Workspace, call: Call) -> Reply:
        on = workspace.securables.get(kind, call.parts[0])
        if not workspace.privileges.sees(call.principal, on):
            workspace.privileges.require(call.principal, READ[kind], on)
        return reply(view(workspace, on, call.principal.name))

    return get


def _list(kind: Kind):
    def list_(workspace: Workspace, call: Call) -> Reply:
        parent = _parent(workspace, kind, call)
        seen = [s for s in workspace.securables.below(kind, parent) if workspace.privileges.sees(call.principal, s)]
        rows, token = page(seen, call)
        body = {COLLECTION[kind]: [view(workspace, s, call.principal.name) for s in rows]}
        return reply({**body, **({"next_page_token": token} if token else {})})

    return list_


def _parent(workspace: Workspace, kind: Kind, call: Call) -> str:
    if kind == "CATALOG":
        return ""
    catalog = workspace.securables.get("CATALOG", call.wanted("catalog_name"))
    if kind == "SCHEMA":
        workspace.privileges.require(call.principal, "USE CATALOG", catalog)
        return catalog.full_name
    schema = workspace.securables.get("SCHEMA", f"{catalog.full_name}.{call.wanted('schema_name')}")
    workspace.privileges.require(call.principal, "USE SCHEMA", schema)
    return schema.full_name


def _create(kind: Kind):
    def create(workspace: Workspace, call: Call) -> Reply:
        body = call.body
        parents = [body[key] for key in ("catalog_name", "schema_name") if key in body]
        above: Kind = "METASTORE" if not parents else "CATALOG" if len(parents) == 1 else "SCHEMA"
        parent = workspace.securables.get(above, ".".join(parents))
        workspace.privileges.require(call.principal, f"CREATE {kind}", parent)
        try:
            name = ".".join([*parents, body["name"]])
            made = workspace.securables.create(kind, name, call.principal.name, body.get("comment"))
        except Existing as error:
            raise ApiError(409, error.code, str(error)) from error
        return reply(view(workspace, made, call.principal.name))

    return create


def _change(kind: Kind):
    def change(workspace: Workspace, call: Call) -> Reply:
        on = workspace.securables.get(kind, call.parts[0])
        workspace.privileges.require_managing(call.principal, on)
        on.owner = call.body.get("owner", on.owner)
        on.comment = call.body.get("comment", on.comment)
        on.properties.update(call.body.get("properties", {}))
        return reply(view(workspace, on, call.principal.name))

    return change


def _delete(kind: Kind):
    def delete(workspace: Workspace, call: Call) -> Reply:
        on = workspace.securables.get(kind, call.parts[0])
        workspace.privileges.require_managing(call.principal, on)
        workspace.securables.drop(kind, on.full_name)
        if on.location is not None:
            delta.remove(on.location)
        return reply()

    return delete


def table_exists(workspace: Workspace, call: Call) -> Reply:
    """Whether a table is there; who lacks USE CATALOG or USE SCHEMA is not told."""
    schema = workspace.securables.get("SCHEMA", call.parts[0].rpartition(".")[0])
    workspace.privileges.require(call.principal, "USE SCHEMA", schema)
    return reply({"table_exists": workspace.securables.find("TABLE", call.parts[0]) is not None})


def permissions(workspace: Workspace, call: Call) -> Reply:
    """Grants on the object itself."""
    on = _securable(workspace, call)
    return _assignments(workspace, call, on, [g for g in workspace.privileges.grants_on(on) if g.on is on], bare=True)


def effective_permissions(workspace: Workspace, call: Call) -> Reply:
    """Grants on the object and those it inherits, with where they come from."""
    on = _securable(workspace, call)
    return _assignments(workspace, call, on, workspace.privileges.grants_on(on), bare=False)


def _securable(workspace: Workspace, call: Call) -> Securable:
    kind = call.parts[0].upper()
    if kind not in ("METASTORE", *COLLECTION):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{call.parts[0]} is not a valid securable type.")
    found: Kind = next(k for k in ("METASTORE", *COLLECTION) if k == kind)
    return workspace.securables.get(found, "" if found == "METASTORE" else call.parts[1])


def _assignments(workspace: Workspace, call: Call, on: Securable, grants: Iterable[Grant], *, bare: bool) -> Reply:
    size = int(call.request.query.get("max_results") or 0)
    if 0 < size < SMALLEST_PAGE:
        says = f"max_results must be 0 or at least {SMALLEST_PAGE}, got {size}"
        raise ApiError(400, "INVALID_PARAMETER_VALUE", says)
    if call.request.query.get("page_token") is None and workspace.faults.empties_page():
        return reply({"next_page_token": "0"})
    by_principal: dict[str, list[Any]] = {}
    for principal, grant in _shown(workspace, call, on, grants):
        by_principal.setdefault(principal, []).append(_privilege(on, grant, bare=bare))
    rows, token = page(
        [{"principal": p, "privileges": found} for p, found in by_principal.items()], call, SMALLEST_PAGE
    )
    return reply({**({"privilege_assignments": rows} if rows else {}), **({"next_page_token": token} if token else {})})


def _privilege(on: Securable, grant: Grant, *, bare: bool) -> Any:
    name = grant.privilege.replace(" ", "_")
    if bare:
        return name
    source = {"inherited_from_type": grant.on.kind, "inherited_from_name": grant.on.full_name}
    return {"privilege": name, **({} if grant.on is on else source)}


def _shown(workspace: Workspace, call: Call, on: Securable, grants: Iterable[Grant]) -> Iterable[tuple[str, Grant]]:
    """What the caller may see of it, for the principal asked for; groups are folded into that one if the workspace does so."""
    asked = call.request.query.get("principal")
    everything = call.principal.admin or workspace.privileges.manages(call.principal, on)
    visible = workspace.directory.identities(call.principal.name)
    folded = workspace.directory.identities(asked) if asked and workspace.folds_groups else {asked}
    for grant in grants:
        if (everything or grant.principal in visible) and (asked is None or grant.principal in folded):
            yield asked or grant.principal, grant


def change_permissions(workspace: Workspace, call: Call) -> Reply:
    """Adds and removes grants; the owner and who holds MANAGE may."""
    on = _securable(workspace, call)
    workspace.privileges.require_managing(call.principal, on)
    for change in call.body.get("changes", []):
        if not workspace.directory.knows(change["principal"]):
            says = f"Could not find principal with name {change['principal']}"
            raise ApiError(404, "PRINCIPAL_DOES_NOT_EXIST", says)
        try:
            workspace.privileges.grant(change.get("add", []), on.kind, on.full_name, change["principal"])
            workspace.privileges.revoke(change.get("remove", []), on.kind, on.full_name, change["principal"])
        except ValueError as error:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", str(error)) from error
    return permissions(workspace, call)


def commits(workspace: Workspace, call: Call) -> Reply:
    """Commits coordinated by the catalog: there are none, the Delta logs speak for themselves."""
    return reply({"commits": [], "latest_table_version": -1})


def _routes() -> Iterable[Route]:
    base = "/api/2.1/unity-catalog"
    scopes: dict[Kind, str] = {kind: f"catalog.{COLLECTION[kind]}" for kind in COLLECTION}
    for kind, collection in COLLECTION.items():
        reading, writing = f"{scopes[kind]}:read", scopes[kind]
        yield Route("GET", f"{base}/{collection}", _list(kind), reading)
        if kind != "TABLE":
            yield Route("POST", f"{base}/{collection}", _create(kind), writing)
        yield Route("GET", f"{base}/{collection}/*", _get(kind), reading)
        yield Route("PATCH", f"{base}/{collection}/*", _change(kind), writing)
        yield Route("DELETE", f"{base}/{collection}/*", _delete(kind), writing)
    yield Route("GET", f"{base}/tables/*/exists", table_exists, "catalog.tables:read")
    yield Route("GET", f"{base}/permissions/*/*", permissions, "catalog.schemas:read")
    yield Route("PATCH", f"{base}/permissions/*/*", change_permissions, "catalog.grants")
    yield Route("GET", f"{base}/effective-permissions/*/*", effective_permissions, "catalog.schemas:read")
    yield Route("GET", f"{base}/delta/preview/commits", commits, "catalog.tables")


ROUTES = list(_routes())
