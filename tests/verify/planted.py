"""Single faults for a good dataset: each changes one table by one statement and names the rule that must notice."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
from deltalake import DeltaTable, write_deltalake

from generation.spec.catalog import TABLE_BY_NAME, location


@dataclass(frozen=True)
class Fault:
    """`sql` changes at least one row of `table`, after which `rule` is broken."""

    rule: str
    table: str
    sql: str


def changed(rule: str, table: str, assignments: str, where: str = "TRUE") -> Fault:
    """The row with the smallest key among those that match is changed."""
    return Fault(rule, table, f"UPDATE {table} SET {assignments} WHERE {_smallest(table, where)}")


def removed(rule: str, table: str, where: str = "TRUE") -> Fault:
    """The row with the smallest key among those that match is gone."""
    return Fault(rule, table, f"DELETE FROM {table} WHERE {_smallest(table, where)}")


def copied(rule: str, table: str, replacements: str, where: str = "TRUE") -> Fault:
    """The row with the smallest key among those that match is there again, with some columns replaced."""
    chosen = f"SELECT * REPLACE ({replacements}) FROM {table} WHERE {_smallest(table, where)}"
    return Fault(rule, table, f"INSERT INTO {table} {chosen}")


def _smallest(table: str, where: str) -> str:
    key = TABLE_BY_NAME[table].primary_key
    return f"{key} = (SELECT MIN(t.{key}) FROM {table} AS t WHERE {where})"


def struct(table: str, column: str, **parts: str) -> str:
    """An assignment that gives some fields of a struct column new values."""
    fields = dict(TABLE_BY_NAME[table].nested())[column].fields
    members = ", ".join(f"'{field.name}': {parts.get(field.name, f'{column}.{field.name}')}" for field in fields)
    return f"{column} = {{{members}}}"


def plant(fault: Fault, good: Path, target: Path) -> Path:
    """A copy of the good dataset at `target` with the fault in a new version of its table."""
    shutil.copytree(good, target)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name in json.loads((target / "manifest.json").read_text())["tables"]:
        load(connection, target, name, "TABLE" if name == fault.table else "VIEW")
    ((rows,),) = connection.execute(fault.sql).fetchall()
    assert rows > 0, f"the good dataset has no row for the fault of {fault.rule}"
    rewrite(connection, target, fault.table)
    connection.close()
    return target


def load(connection: duckdb.DuckDBPyConnection, root: Path, name: str, kind: str = "TABLE") -> None:
    """The table as it is now, as a table (that can be changed) or a view of the connection."""
    files = DeltaTable(str(root / location(TABLE_BY_NAME[name]))).file_uris()
    connection.execute(f"CREATE {kind} {name} AS SELECT * FROM read_parquet({files!r})")


def rewrite(connection: duckdb.DuckDBPyConnection, root: Path, name: str) -> None:
    """The connection's rows become the table's next version, which the manifest names."""
    folder = str(root / location(TABLE_BY_NAME[name]))
    key = TABLE_BY_NAME[name].primary_key
    rows = connection.sql(f"SELECT * FROM {name} ORDER BY {key}").to_arrow_table()
    write_deltalake(folder, rows, mode="overwrite", schema_mode="overwrite")
    path = root / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["tables"][name] |= {"rows": rows.num_rows, "version": DeltaTable(folder).version()}
    path.write_text(json.dumps(manifest))
