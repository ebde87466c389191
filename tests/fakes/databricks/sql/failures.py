"""SQL errors with the texts and SQLSTATEs the platform uses; clients match on class and state, not on prose."""

from __future__ import annotations

from tests.fakes.databricks.privileges import Denied
from tests.fakes.databricks.securables import Existing, Missing

NOT_FOUND = {"CATALOG": "NO_SUCH_CATALOG_EXCEPTION", "SCHEMA": "SCHEMA_NOT_FOUND", "TABLE": "TABLE_OR_VIEW_NOT_FOUND"}
NOT_FOUND_STATE = {"TABLE": "42P01"}
EXISTS = {"SCHEMA": ("SCHEMA_ALREADY_EXISTS", "42P06"), "TABLE": ("TABLE_OR_VIEW_ALREADY_EXISTS", "42P07")}
BY_PLAIN_MESSAGE = ("CREATE TABLE", "CREATE SCHEMA", "CREATE CATALOG", "CREATE VOLUME")
"""Denials of these come without an error class and without a SQLSTATE."""


class SqlError(Exception):
    """A statement that failed; `state` is the SQLSTATE and `condition` the error class, where there is one."""

    def __init__(self, message: str, state: str | None = None, condition: str | None = None) -> None:
        super().__init__(message)
        self.message, self.state, self.condition = message, state, condition


def failure(condition: str, message: str, state: str) -> SqlError:
    """An error of a class."""
    return SqlError(f"[{condition}] {message} SQLSTATE: {state}", state, condition)


def quoted(full_name: str) -> str:
    """A name as error messages show it."""
    return ".".join(f"`{part}`" for part in full_name.split("."))


def denied(error: Denied, *, creating: bool = False) -> SqlError:
    """A missing privilege. What creates objects says so in one plain line, all else by class."""
    if creating or error.privilege in BY_PLAIN_MESSAGE:
        return SqlError(f"PERMISSION_DENIED: {error}.")
    return failure("INSUFFICIENT_PERMISSIONS", f"Insufficient privileges:\n{error}.", "42501")


def missing(error: Missing) -> SqlError:
    """An object that is not there."""
    name = quoted(error.full_name)
    condition, state = NOT_FOUND.get(error.kind, "RESOURCE_DOES_NOT_EXIST"), NOT_FOUND_STATE.get(error.kind, "42704")
    if error.kind == "CATALOG":
        text = f"Catalog '{error.full_name}' was not found. Please verify the catalog name and then retry the query."
    elif error.kind == "TABLE":
        text = (
            f"The table or view {name} cannot be found. Verify the spelling and correctness of the schema and catalog."
        )
    else:
        text = f"The {error.kind.lower()} {name} cannot be found. Verify the spelling and correctness of the name and catalog."
    return failure(condition, text, state)


def existing(error: Existing) -> SqlError:
    """An object that is there already."""
    condition, state = EXISTS.get(error.kind, (f"{error.kind}_ALREADY_EXISTS", "42710"))
    noun = "table or view" if error.kind == "TABLE" else error.kind.lower()
    return failure(condition, f"Cannot create {noun} {quoted(error.full_name)} because it already exists.", state)


def syntax(near: str) -> SqlError:
    """A statement that cannot be read."""
    return failure("PARSE_SYNTAX_ERROR", f"Syntax error at or near '{near}'.", "42601")


def not_applicable(message: str) -> SqlError:
    """A privilege that the kind of object does not know."""
    return failure("INVALID_PARAMETER_VALUE", message, "22023")
