"""One frozen `Table` per output table: schema, keys, comments and unit axis, from which all else derives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from generation.spec.types import ColumnType, Struct

UnitAxis = Literal["households", "whole", "summary", "blinded"]
"""How a table is cut into units of work: by ranges of household ids, or not at all. `summary` ones are made of all
households at once, when the tables they tell of are there; `blinded` ones too, ordered by a key that says nothing, so
that no file follows a range of households.
"""

Home = Literal["core", "supporting", "truth"]
"""Where a table belongs: in every dataset, switched by its section, or in the answer key."""

Growth = Literal["stable", "recomputed"]
"""`stable`: the rows of the first N households stay when more are added. `recomputed`: a summary of all."""


@dataclass(frozen=True)
class Column:
    """A column: its type, what it means, whether it may be null, and the closed set of its values if it has one."""

    name: str
    type: ColumnType
    comment: str
    nullable: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForeignKey:
    """`column` holds a key of `table`.`key` (or null, where the column is nullable)."""

    column: str
    table: str
    key: str


@dataclass(frozen=True)
class Table:
    """An output table."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    primary_key: str
    foreign_keys: tuple[ForeignKey, ...] = ()
    axis: UnitAxis = "households"
    home: Home = "core"
    growth: Growth = "stable"
    section: str = ""
    """Dotted name of the section whose `enabled` switches the table on; empty: in every dataset."""

    def __post_init__(self) -> None:
        """Refuse a table whose keys name columns it does not have."""
        names = [column.name for column in self.columns]
        missing = {self.primary_key, *(key.column for key in self.foreign_keys)} - set(names)
        if missing or len(set(names)) != len(names):
            raise ValueError(f"table {self.name}: keys without a column {sorted(missing)} or repeated columns")

    @property
    def gathers(self) -> bool:
        """Whether it is made of all households at once, after their tables."""
        return self.axis not in ("households", "whole")

    def column(self, name: str) -> Column:
        """The column of that name; `KeyError` names the table when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    def delta_schema(self) -> dict[str, object]:
        """The table's schema as the Delta protocol writes it, comments included."""
        return {
            "type": "struct",
            "fields": [
                {
                    "name": column.name,
                    "type": column.type.delta_json(),
                    "nullable": column.nullable,
                    "metadata": {"comment": column.comment},
                }
                for column in self.columns
            ],
        }

    def nested(self) -> list[tuple[str, Struct]]:
        """The struct columns, by name."""
        return [(column.name, column.type) for column in self.columns if isinstance(column.type, Struct)]
