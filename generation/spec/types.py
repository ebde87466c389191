"""The column types a table may have: a small algebra that renders to Spark DDL and to Delta's schema JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scalar:
    """A type without parts; `ddl` is Spark SQL's name for it and `delta` the Delta protocol's."""

    ddl: str
    delta: str

    def delta_json(self) -> object:
        """The Delta protocol's spelling of this type."""
        return self.delta


@dataclass(frozen=True)
class Array:
    """An ordered list; the schema allows null elements as engines do, the generator makes none."""

    element: ColumnType

    @property
    def ddl(self) -> str:
        """Spark SQL's spelling of this type."""
        return f"ARRAY<{self.element.ddl}>"

    def delta_json(self) -> object:
        """The Delta protocol's spelling of this type."""
        return {"type": "array", "elementType": self.element.delta_json(), "containsNull": True}


@dataclass(frozen=True)
class Map:
    """A mapping; the schema allows null values as engines do, the generator makes none."""

    key: ColumnType
    value: ColumnType

    @property
    def ddl(self) -> str:
        """Spark SQL's spelling of this type."""
        return f"MAP<{self.key.ddl}, {self.value.ddl}>"

    def delta_json(self) -> object:
        """The Delta protocol's spelling of this type."""
        return {
            "type": "map",
            "keyType": self.key.delta_json(),
            "valueType": self.value.delta_json(),
            "valueContainsNull": True,
        }


@dataclass(frozen=True)
class Field:
    """One named part of a `Struct`, with its own comment."""

    name: str
    type: ColumnType
    comment: str


@dataclass(frozen=True)
class Struct:
    """A fixed set of named fields, in order."""

    fields: tuple[Field, ...]

    @property
    def ddl(self) -> str:
        """Spark SQL's spelling of this type."""
        return f"STRUCT<{', '.join(f'{field.name}: {field.type.ddl}' for field in self.fields)}>"

    def delta_json(self) -> object:
        """The Delta protocol's spelling of this type."""
        return {
            "type": "struct",
            "fields": [
                {
                    "name": field.name,
                    "type": field.type.delta_json(),
                    "nullable": True,
                    "metadata": {"comment": field.comment},
                }
                for field in self.fields
            ],
        }


ColumnType = Scalar | Array | Map | Struct

BIGINT = Scalar("BIGINT", "long")
INT = Scalar("INT", "integer")
DOUBLE = Scalar("DOUBLE", "double")
STRING = Scalar("STRING", "string")
BOOLEAN = Scalar("BOOLEAN", "boolean")
DATE = Scalar("DATE", "date")
TIMESTAMP = Scalar("TIMESTAMP", "timestamp")
MONEY = Scalar("DECIMAL(12,2)", "decimal(12,2)")
