"""Columns and types of CREATE TABLE as the Delta protocol writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.databricks.sql.reading import Reader

SCALARS = {
    "BIGINT": "long", "LONG": "long", "INT": "integer", "INTEGER": "integer", "SMALLINT": "short", "TINYINT": "byte",
    "DOUBLE": "double", "FLOAT": "float", "REAL": "float", "STRING": "string", "BOOLEAN": "boolean", "BINARY": "binary",
    "DATE": "date", "TIMESTAMP": "timestamp", "TIMESTAMP_NTZ": "timestamp_ntz",
}  # fmt: skip
SQL_NAMES = {
    "long": "bigint",
    "integer": "int",
    "short": "smallint",
    "byte": "tinyint",
    **{name: name for name in ("double", "float", "string", "boolean", "binary", "date", "timestamp", "timestamp_ntz")},
}


@dataclass(frozen=True)
class Definition:
    """What stands in the parentheses of CREATE TABLE."""

    fields: list[dict[str, Any]] = field(default_factory=list)
    constraints: list[dict[str, Any]] = field(default_factory=list)

    @property
    def schema(self) -> dict[str, Any]:
        """The Delta schema."""
        return {"type": "struct", "fields": self.fields}


def definition(reader: Reader) -> Definition:
    """Reads the columns and constraints of CREATE TABLE."""
    reader.need("(")
    found = Definition()
    while True:
        if any(reader.sees(word) for word in ("CONSTRAINT", "PRIMARY", "FOREIGN")):
            found.constraints.append(constraint(reader))
        else:
            _column(reader, found)
        if not reader.take(","):
            break
    reader.need(")")
    return found


def _column(reader: Reader, into: Definition) -> None:
    made = column(reader)
    into.fields.append(made)
    if any(reader.sees(word) for word in ("CONSTRAINT", "PRIMARY")):
        name = reader.word() and reader.word() if reader.sees("CONSTRAINT") else f"{made['name']}_pk"
        reader.need("PRIMARY", "KEY")
        _options(reader)
        into.constraints.append({"kind": "PRIMARY KEY", "name": name.lower(), "columns": [made["name"]]})


def column(reader: Reader) -> dict[str, Any]:
    """A column with type, NOT NULL and comment."""
    name = reader.word()
    reader.take(":")
    made: dict[str, Any] = {"name": name, "type": type_of(reader), "nullable": True, "metadata": {}}
    while True:
        if reader.take("NOT", "NULL"):
            made["nullable"] = False
        elif reader.take("COMMENT"):
            made["metadata"] = {"comment": reader.string()}
        else:
            return made


def type_of(reader: Reader) -> Any:
    """A type in Delta's spelling."""
    word = reader.word().upper()
    if word in SCALARS:
        return SCALARS[word]
    if word in ("DECIMAL", "NUMERIC", "DEC"):
        return f"decimal({_digits(reader)})"
    if word in ("VARCHAR", "CHAR"):
        reader.skip_parentheses()
        return "string"
    return _nested(reader, word)


def _digits(reader: Reader) -> str:
    if not reader.take("("):
        return "10,0"
    precision, scale = reader.number(), 0
    if reader.take(","):
        scale = reader.number()
    reader.need(")")
    return f"{precision},{scale}"


def _nested(reader: Reader, word: str) -> Any:
    reader.need("<")
    if word == "ARRAY":
        made: Any = {"type": "array", "elementType": type_of(reader), "containsNull": True}
    elif word == "MAP":
        key = type_of(reader)
        reader.need(",")
        made = {"type": "map", "keyType": key, "valueType": type_of(reader), "valueContainsNull": True}
    elif word == "STRUCT":
        made = {"type": "struct", "fields": [column(reader)]}
        while reader.take(","):
            made["fields"].append(column(reader))
    else:
        raise reader.error()
    reader.need(">")
    return made


def constraint(reader: Reader) -> dict[str, Any]:
    """A primary or foreign key, named or not; a name that is not given is None."""
    name = reader.word().lower() if reader.take("CONSTRAINT") else None
    if reader.take("PRIMARY", "KEY"):
        made: dict[str, Any] = {"kind": "PRIMARY KEY", "name": name, "columns": reader.names()}
    else:
        reader.need("FOREIGN", "KEY")
        made = {"kind": "FOREIGN KEY", "name": name, "columns": reader.names()}
        reader.need("REFERENCES")
        made["parent"] = reader.name()
        made["parent_columns"] = reader.names() if reader.sees("(") else None
    made["rely"] = _options(reader)
    return made


def _options(reader: Reader) -> bool:
    rely = False
    while True:
        if reader.take("RELY"):
            rely = True
        elif not any(reader.take(*words) for words in OPTIONS):
            return rely


OPTIONS = (
    ("NORELY",), ("NOT", "ENFORCED"), ("NOT", "DEFERRABLE"), ("INITIALLY", "DEFERRED"), ("MATCH", "FULL"),
    ("ON", "UPDATE", "NO", "ACTION"), ("ON", "DELETE", "NO", "ACTION"), ("TIMESERIES",),
)  # fmt: skip


def sql_name(type_: Any) -> str:
    """A Delta type as Spark SQL names it."""
    if isinstance(type_, str):
        return SQL_NAMES.get(type_, type_)
    if type_["type"] == "array":
        return f"array<{sql_name(type_['elementType'])}>"
    if type_["type"] == "map":
        return f"map<{sql_name(type_['keyType'])},{sql_name(type_['valueType'])}>"
    return "struct<" + ",".join(f"{f['name']}:{sql_name(f['type'])}" for f in type_["fields"]) + ">"
