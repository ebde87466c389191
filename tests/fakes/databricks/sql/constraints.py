"""Primary and foreign keys: not enforced, but checked for sense when they are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.databricks import delta
from tests.fakes.databricks.securables import Securable
from tests.fakes.databricks.sql.failures import failure, quoted
from tests.fakes.databricks.sql.reading import Reader
from tests.fakes.databricks.sql.sessions import Session
from tests.fakes.databricks.sql.types import Definition, constraint

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

Constraint = dict[str, Any]


def checked(workspace: Workspace, session: Session, table: Securable, definition: Definition) -> list[Constraint]:
    """The constraints of CREATE TABLE, named, and sound one after the other."""
    found: list[Constraint] = []
    for wanted in definition.constraints:
        found.append(_sound(workspace, session, table, wanted, (definition.fields, found)))
    return found


def add(workspace: Workspace, session: Session, table: Securable, reader: Reader) -> None:
    """ADD CONSTRAINT name PRIMARY KEY | FOREIGN KEY ...; CHECK is refused, as no one needs it here."""
    name = reader.word().lower()
    wanted = {**constraint(reader), "name": name}
    assert table.location is not None
    fields = delta.schema_of(table.location)["fields"]
    table.constraints.append(_sound(workspace, session, table, wanted, (fields, table.constraints)))


def drop_named(workspace: Workspace, session: Session, table: Securable, reader: Reader) -> None:
    """DROP CONSTRAINT [IF EXISTS] name [RESTRICT | CASCADE]."""
    tolerant = reader.take("IF", "EXISTS")
    name = reader.word().lower()
    found = [c for c in table.constraints if c["name"] == name]
    if not found and not tolerant:
        raise failure("CONSTRAINT_DOES_NOT_EXIST", f"Cannot drop nonexistent constraint {name}.", "42704")
    _drop(workspace, table, found, reader)


def drop_primary(workspace: Workspace, session: Session, table: Securable, reader: Reader) -> None:
    """DROP PRIMARY KEY [IF EXISTS] [RESTRICT | CASCADE]."""
    reader.take("IF", "EXISTS")
    _drop(workspace, table, [c for c in table.constraints if c["kind"] == "PRIMARY KEY"], reader)


def _drop(workspace: Workspace, table: Securable, found: list[Constraint], reader: Reader) -> None:
    cascade = reader.take("CASCADE")
    reader.take("RESTRICT")
    if any(c["kind"] == "PRIMARY KEY" for c in found):
        _release(workspace, table, cascade)
    table.constraints = [c for c in table.constraints if c not in found]


def _release(workspace: Workspace, table: Securable, cascade: bool) -> None:
    for other in workspace.tables():
        held = [c for c in other.constraints if c.get("parent") == table.full_name]
        if held and not cascade:
            raise failure(
                "CANNOT_DROP_CONSTRAINT",
                f"The primary key of {table.full_name} is referenced by {held[0]['name']}.",
                "2BP01",
            )
        other.constraints = [c for c in other.constraints if c not in held]


def _sound(
    workspace: Workspace,
    session: Session,
    table: Securable,
    wanted: Constraint,
    among: tuple[list[dict[str, Any]], list[Constraint]],
) -> Constraint:
    fields, others = among
    columns = {f["name"].lower(): f for f in fields}
    for name in wanted["columns"]:
        if name.lower() not in columns:
            raise failure("UNRESOLVED_COLUMN", f"A column with name `{name}` cannot be resolved.", "42703")
    named = (
        wanted["name"] or f"{table.name}_{'pk' if wanted['kind'] == 'PRIMARY KEY' else wanted['columns'][0] + '_fk'}"
    )
    if any(other["name"] == named for other in others):
        raise failure("CONSTRAINT_ALREADY_EXISTS", f"Constraint '{named}' already exists.", "42710")
    if wanted["kind"] == "PRIMARY KEY":
        _sound_primary(table, wanted, columns, others)
        return {**wanted, "name": named}
    parent = session.table(wanted["parent"])
    return {**wanted, "name": named, **_sound_foreign(workspace, table, wanted, (parent, others))}


def _sound_primary(table: Securable, wanted: Constraint, columns: dict[str, Any], others: list[Constraint]) -> None:
    if any(other["kind"] == "PRIMARY KEY" for other in others):
        raise failure("MULTIPLE_PRIMARY_KEYS", f"Table {quoted(table.full_name)} already has a primary key.", "42P16")
    nullable = [name for name in wanted["columns"] if columns[name.lower()]["nullable"]]
    if nullable:
        says = f"Cannot create the primary key because its child column(s) `{nullable[0]}` is nullable."
        raise failure("PRIMARY_KEY_COLUMN_NULLABLE", f"{says} Please change the column nullability and retry.", "42831")


def _sound_foreign(
    workspace: Workspace, table: Securable, wanted: Constraint, about: tuple[str, list[Constraint]]
) -> Constraint:
    parent_name, own = about
    known = own if parent_name == table.full_name else workspace.securables.get("TABLE", parent_name).constraints
    primary = next((c for c in known if c["kind"] == "PRIMARY KEY"), None)
    columns = wanted["parent_columns"] or (primary["columns"] if primary else [])
    if primary is None or [c.lower() for c in primary["columns"]] != [c.lower() for c in columns]:
        says = f"Table {quoted(parent_name)} has no primary key on ({', '.join(columns)})."
        raise failure("FOREIGN_KEY_WITHOUT_PRIMARY_KEY", says, "42830")
    return {"parent": parent_name, "parent_columns": columns}
