"""The one place where statements are judged and carried out, whether they come from the warehouse or from a job.

What the embedded engine has (queries, INSERT, MERGE, views) is passed on to it once the privileges are there; the rest of
Unity Catalog's SQL is done here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from tests.fakes.databricks import delta
from tests.fakes.databricks.privileges import Denied
from tests.fakes.databricks.records import RecordedStatement
from tests.fakes.databricks.securables import Existing, Missing
from tests.fakes.databricks.sql import describing, failures, governance, information_schema, namespaces, tables
from tests.fakes.databricks.sql.failures import SqlError, failure
from tests.fakes.databricks.sql.reading import Parameter, Reader, bound, literal, qualified_names
from tests.fakes.databricks.sql.sessions import Session, rowset

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

Statement = Callable[["Workspace", Session, Reader], pa.Table]


def _replace_table(workspace: Workspace, session: Session, reader: Reader) -> pa.Table:
    return tables.create(workspace, session, reader, replace=True)


STATEMENTS: list[tuple[tuple[str, ...], Statement]] = [
    (("GRANT",), governance.grant),
    (("REVOKE",), governance.revoke),
    (("SHOW", "GRANTS"), governance.show_grants),
    (("SHOW", "CATALOGS"), namespaces.show_catalogs),
    (("SHOW", "SCHEMAS"), namespaces.show_schemas),
    (("SHOW", "DATABASES"), namespaces.show_schemas),
    (("SHOW", "TABLES"), namespaces.show_tables),
    (("SHOW", "TBLPROPERTIES"), describing.properties),
    (("CREATE", "CATALOG"), namespaces.create_catalog),
    (("CREATE", "SCHEMA"), namespaces.create_schema),
    (("CREATE", "DATABASE"), namespaces.create_schema),
    (("CREATE", "VOLUME"), namespaces.create_volume),
    (("CREATE", "OR", "REPLACE", "TABLE"), _replace_table),
    (("CREATE", "TABLE"), tables.create),
    (("DROP", "SCHEMA"), namespaces.drop_schema),
    (("DROP", "TABLE"), tables.drop),
    (("ALTER", "TABLE"), tables.alter),
    (("ALTER",), governance.alter),
    (("COMMENT", "ON"), tables.comment_on),
    (("DESCRIBE", "HISTORY"), describing.history),
    (("DESCRIBE", "DETAIL"), describing.detail),
    (("DESCRIBE", "SCHEMA"), namespaces.describe_schema),
    (("DESCRIBE",), describing.describe),
    (("DESC", "HISTORY"), describing.history),
    (("DESC", "DETAIL"), describing.detail),
    (("OPTIMIZE",), tables.maintain),
    (("ANALYZE",), tables.maintain),
    (("VACUUM",), tables.maintain),
]
AFFECTING = {
    "INSERT": ("num_affected_rows", "num_inserted_rows"),
    "UPDATE": ("num_affected_rows",),
    "DELETE": ("num_affected_rows",),
    "MERGE": ("num_affected_rows",),
}
WRITING = ("INTO", "OVERWRITE", "UPDATE")
COUNT = re.compile(
    r"^SELECT\s+count\s*\(\s*(?:\*|1)\s*\)(?:\s+(?:AS\s+)?`?(?P<alias>\w+)`?)?\s+FROM\s+(?P<name>[\w.`]+?)"
    r"(?:\s+VERSION\s+AS\s+OF\s+(?P<version>\d+)|@v(?P<at>\d+))?$",
    re.I,
)


@dataclass(frozen=True)
class Engine:
    """Statements for a workspace."""

    workspace: Workspace

    def execute(self, session: Session, text: str, parameters: Sequence[Parameter] = ()) -> pa.Table:
        """The result of a statement. Raises `SqlError`, also for what the embedded engine says."""
        statement = text
        with self._recorded(session, lambda: statement):
            statement = bound(text, parameters)
            answer = self._quick(session, statement)
            answer = self._judged(session, statement) if answer is None else answer
            return answer if isinstance(answer, pa.Table) else _as_dml(statement, session.spark().sql(answer))

    def judged(self, session: Session, text: str) -> pa.Table | str:
        """The result of a statement done here, or the text to pass on to the embedded engine."""
        with self._recorded(session, lambda: text):
            return self._judged(session, bound(text, ()))

    def note(self, session: Session, text: str, names: Sequence[tuple[str, str]]) -> None:
        """Records what is done through the DataFrame API, and judges it: (privilege, table) for each table touched."""
        with self._recorded(session, lambda: text):
            for privilege, name in names:
                self._require(session, privilege, name)

    def allow_reading(self, session: Session, names: Sequence[str]) -> None:
        """Raises, and records that, unless the session's principal may read these tables."""
        try:
            for name in names:
                self._require(session, "SELECT", name)
        except (Denied, Missing):
            self.note(session, f"<reads {', '.join(names)}>", [("SELECT", name) for name in names])

    def _judged(self, session: Session, text: str) -> pa.Table | str:
        reader = Reader(text)
        for words, act in STATEMENTS:
            if reader.take(*words):
                return act(self.workspace, session, reader)
        if reader.take("USE"):
            namespaces.use(self.workspace, session, reader)
            return text
        if information_schema.asked(text):
            return information_schema.select(self.workspace, session, text)
        self._check(session, text)
        return self._personal(session, text)

    def _check(self, session: Session, text: str) -> None:
        """Raises unless all tables a query or command names may be read or written."""
        deleting = Reader(text).take("DELETE", "FROM")
        for before, name in qualified_names(text):
            writes = (
                before in WRITING or (before == "TABLE" and "INSERT" in text.upper()) or (deleting and before == "FROM")
            )
            deleting = deleting and not writes
            self._require(session, "MODIFY" if writes else "SELECT", name)

    def _require(self, session: Session, privilege: str, name: str) -> None:
        if self.workspace.securables.find("CATALOG", name.split(".")[0]) is not None:
            table = self.workspace.securables.get("TABLE", name)
            self.workspace.privileges.require(session.principal, privilege, table)

    def _personal(self, session: Session, text: str) -> str:
        """The statement with the functions that only the platform can answer."""
        identities = self.workspace.directory.identities(session.principal.name)
        text = re.sub(r"\b(current_user|session_user)\s*\(\s*\)", literal(session.principal.name), text, flags=re.I)
        text = re.sub(r"\bcurrent_catalog\s*\(\s*\)", literal(session.catalog), text, flags=re.I)
        member = re.compile(r"\b(?:is_account_group_member|is_member)\s*\(\s*'([^']*)'\s*\)", re.I)
        return member.sub(lambda m: str(m[1] in identities).lower(), text)

    def _quick(self, session: Session, text: str) -> pa.Table | None:
        """What the warehouse answers without its engine: counts from the log, queries of no rows or of no table."""
        if information_schema.asked(text) or not Reader(text).sees("SELECT"):
            return None
        count = COUNT.match(text.strip().rstrip(";").strip())
        if count:
            return self._count(session, count)
        names = [name for _, name in qualified_names(text)]
        empty = re.search(r"\bLIMIT\s+0\s*;?\s*$", text, re.I) is not None
        if not empty and not (Reader(text).sees("SELECT") and re.search(r"\bFROM\b", text, re.I) is None):
            return None
        self._check(session, text)
        return _by_duckdb(self._personal(session, text), {name: self._emptied(name) for name in names})

    def _count(self, session: Session, match: re.Match[str]) -> pa.Table | None:
        name = session.table(Reader(match["name"]).name())
        self._require(session, "SELECT", name)
        table = self.workspace.securables.find("TABLE", name)
        if table is None or table.location is None:
            return None
        version = match["version"] or match["at"]
        try:
            rows = delta.rows(table.location, None if version is None else int(version))
        except ValueError as error:
            raise failure("DELTA_VERSION_NOT_FOUND", f"Cannot time travel Delta table to {error}.", "22003") from error
        return rowset({match["alias"] or "count(1)": pa.int64()}, [(rows,)])

    def _emptied(self, name: str) -> pa.Table:
        table = self.workspace.securables.find("TABLE", name)
        opened = delta.opened(table.location) if table and table.location else None
        return pa.schema(opened.schema().to_arrow()).empty_table() if opened else rowset({})

    @contextmanager
    def _recorded(self, session: Session, text: Callable[[], str]) -> Iterator[None]:
        said: str | None = None
        try:
            yield
        except Exception as error:
            translated = as_sql(error)
            said = translated.message
            raise translated from error
        finally:
            note = RecordedStatement(" ".join(text().split()), session.principal.name, session.via, said)
            self.workspace.record.statement(note)


def _as_dml(text: str, rows: pa.Table) -> pa.Table:
    """A command's row count under the names the platform gives it."""
    words = text.split(maxsplit=1)
    if not words or words[0].upper() not in AFFECTING or rows.num_columns != 1 or rows.num_rows != 1:
        return rows
    return pa.table({name: rows.column(0).cast(pa.int64()) for name in AFFECTING[words[0].upper()]})


def as_sql(error: Exception) -> SqlError:
    """Any failure as the platform's SQL says it."""
    if isinstance(error, SqlError):
        return error
    if isinstance(error, Denied):
        return failures.denied(error)
    if isinstance(error, Missing):
        return failures.missing(error)
    if isinstance(error, Existing):
        return failures.existing(error)
    return failure("INTERNAL_ERROR", f"{type(error).__name__}: {error}", "XX000")


def _by_duckdb(text: str, empty: dict[str, pa.Table]) -> pa.Table:
    connection = duckdb.connect()
    query = text
    for number, (name, rows) in enumerate(empty.items()):
        connection.register(f"empty_{number}", rows)
        written = r"\s*\.\s*".join(f"`?{re.escape(part)}`?" for part in name.split("."))
        query = re.sub(rf"{written}(?:\s+VERSION\s+AS\s+OF\s+\d+)?", f"empty_{number}", query, flags=re.I)
    try:
        return connection.sql(query.replace("`", '"')).to_arrow_table()
    except duckdb.Error as error:
        raise failure("PARSE_SYNTAX_ERROR", str(error).splitlines()[0], "42601") from error
