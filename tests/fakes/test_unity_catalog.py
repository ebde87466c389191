from __future__ import annotations

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.fakes import clients
from tests.fakes.databricks import Workspace

ALICE = "alice@example.com"


def held(
    workspace: Workspace, securable: str, name: str, principal: str | None = ALICE
) -> set[tuple[str, str, str | None]]:
    """Principal, privilege and where it comes from, over all pages."""
    client, token, found = clients.person(workspace, ALICE), None, set()
    while True:
        shown = client.grants.get_effective(securable, name, max_results=0, page_token=token, principal=principal)
        for assignment in shown.privilege_assignments or []:
            for p in assignment.privileges or []:
                assert p.privilege and assignment.principal
                found.add((assignment.principal, p.privilege.value, p.inherited_from_name))
        token = shown.next_page_token
        if not token:
            return found


def test_privileges_are_inherited_from_the_catalog(workspace: Workspace) -> None:
    workspace.grant("USE CATALOG, USE SCHEMA, CREATE TABLE", "bryan_li", ALICE)
    assert (ALICE, "CREATE_TABLE", "bryan_li") in held(workspace, "SCHEMA", "bryan_li.demo")


def test_what_is_granted_on_the_schema_itself_is_not_called_inherited(workspace: Workspace) -> None:
    workspace.grant("USE SCHEMA", "bryan_li.demo", ALICE)
    assert held(workspace, "SCHEMA", "bryan_li.demo") == {(ALICE, "USE_SCHEMA", None)}


def test_asked_for_a_user_the_answer_holds_what_its_groups_hold(workspace: Workspace) -> None:
    workspace.directory.join("analysts", "sales")
    workspace.grant("USE SCHEMA", "bryan_li.demo", "sales")
    assert held(workspace, "SCHEMA", "bryan_li.demo") == {(ALICE, "USE_SCHEMA", None)}


def test_a_workspace_that_does_not_fold_groups_shows_them_only_unasked(workspace: Workspace) -> None:
    workspace.folds_groups = False
    workspace.grant("USE SCHEMA", "bryan_li.demo", "analysts")
    assert held(workspace, "SCHEMA", "bryan_li.demo") == set()
    assert held(workspace, "SCHEMA", "bryan_li.demo", None) == {("analysts", "USE_SCHEMA", None)}


def test_others_grants_are_not_shown_to_everybody(workspace: Workspace) -> None:
    workspace.user("bob@example.com")
    workspace.grant("USE SCHEMA", "bryan_li.demo", "bob@example.com")
    assert held(workspace, "SCHEMA", "bryan_li.demo", "bob@example.com") == set()


def test_small_pages_are_refused(workspace: Workspace) -> None:
    with pytest.raises(BadRequest, match="max_results"):
        clients.person(workspace, ALICE).grants.get_effective("SCHEMA", "bryan_li.demo", max_results=10)


def test_an_empty_page_may_have_a_successor(workspace: Workspace) -> None:
    workspace.grant("USE SCHEMA", "bryan_li.demo", ALICE)
    workspace.faults.empty_permission_page()
    first = clients.person(workspace, ALICE).grants.get_effective("SCHEMA", "bryan_li.demo", max_results=0)
    assert first.privilege_assignments in (None, []) and first.next_page_token
    workspace.faults.empty_permission_page()
    assert held(workspace, "SCHEMA", "bryan_li.demo") == {(ALICE, "USE_SCHEMA", None)}


def test_all_privileges_is_reported_as_one(workspace: Workspace) -> None:
    workspace.grant("ALL PRIVILEGES", "bryan_li", ALICE)
    assert held(workspace, "SCHEMA", "bryan_li.demo") == {(ALICE, "ALL_PRIVILEGES", "bryan_li")}


def test_who_may_use_the_catalog_sees_its_schemas_as_far_as_they_are_granted(workspace: Workspace) -> None:
    workspace.schema("bryan_li.hidden")
    workspace.grant("USE CATALOG", "bryan_li", ALICE)
    workspace.grant("USE SCHEMA", "bryan_li.demo", ALICE)
    client = clients.person(workspace, ALICE)
    assert [schema.name for schema in client.schemas.list("bryan_li")] == ["demo"]
    assert [catalog.name for catalog in client.catalogs.list()] == ["bryan_li"]


def test_a_missing_right_and_a_missing_schema_are_told_apart(workspace: Workspace) -> None:
    client = clients.person(workspace, ALICE)
    with pytest.raises(PermissionDenied, match="User does not have USE CATALOG on Catalog 'bryan_li'"):
        client.schemas.get("bryan_li.demo")
    with pytest.raises(NotFound) as caught:
        client.schemas.get("bryan_li.nowhere")
    assert caught.value.error_code == "SCHEMA_DOES_NOT_EXIST"


def test_owners_are_shown_and_can_be_changed_by_them(workspace: Workspace) -> None:
    admin = clients.person(workspace, workspace.admin.name, on_behalf=False)
    admin.schemas.update("bryan_li.demo", owner=ALICE)
    assert admin.schemas.get("bryan_li.demo").owner == ALICE


def test_grants_are_changed_by_who_manages_the_object(workspace: Workspace) -> None:
    admin = clients.person(workspace, workspace.admin.name, on_behalf=False)
    change = PermissionsChange(principal=ALICE, add=[Privilege.CREATE_TABLE])
    admin.grants.update("SCHEMA", "bryan_li.demo", changes=[change])
    shown = admin.grants.get("SCHEMA", "bryan_li.demo")
    assert [a.privileges for a in shown.privilege_assignments or []] == [[Privilege.CREATE_TABLE]]
    with pytest.raises(PermissionDenied, match="MANAGE"):
        clients.person(workspace, ALICE, on_behalf=False).grants.update("SCHEMA", "bryan_li.demo", changes=[change])


def test_an_on_behalf_of_token_cannot_change_grants(workspace: Workspace) -> None:
    workspace.schema("bryan_li.own", owner=ALICE)
    change = PermissionsChange(principal="analysts", add=[Privilege.USE_SCHEMA])
    with pytest.raises(PermissionDenied, match="required scopes"):
        clients.person(workspace, ALICE).grants.update("SCHEMA", "bryan_li.own", changes=[change])


def test_tables_show_their_columns_and_keys(workspace: Workspace) -> None:
    workspace.sql(
        "CREATE TABLE bryan_li.demo.t (id BIGINT NOT NULL COMMENT 'key', CONSTRAINT t_pk PRIMARY KEY (id)) USING DELTA"
    )
    workspace.grant("USE CATALOG, USE SCHEMA, SELECT", "bryan_li", ALICE)
    table = clients.person(workspace, ALICE).tables.get("bryan_li.demo.t")
    assert table.columns and (table.columns[0].name, table.columns[0].comment) == ("id", "key")
    assert table.table_constraints and table.table_constraints[0].primary_key_constraint
    assert clients.person(workspace, ALICE).tables.exists("bryan_li.demo.nope").table_exists is False
