"""Parts of a dataset that are judged one after the other, so that memory does not grow with it.

A slice is a range of households with all their descendants: keys are ordered by household, so a range of a table's
primary key is a slice of it. The first and last slice are open, so every row with a key is in exactly one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generation.spec import keys
from generation.spec.table import Table
from generation.verify.dataset import StoredTable
from generation.verify.schema import duckdb_type, stored_column

_ASSIGNMENT = keys.PERSON * keys.CAMPAIGN
_EXPOSURE = _ASSIGNMENT * keys.EXPOSURE
_RESPONSE = _EXPOSURE * keys.RESPONSE

KEYS_PER_HOUSEHOLD: dict[str, int] = {
    "households": 1,
    "individuals": keys.PERSON,
    "devices": keys.DEVICE,
    "identity_mappings": keys.PERSON * keys.MAPPING,
    "content_engagements": keys.PERSON * keys.EVENT,
    "viewership_patterns": keys.PERSON,
    "audience_attributes": keys.PERSON,
    "campaign_assignments": _ASSIGNMENT,
    "campaign_exposures": _EXPOSURE,
    "campaign_effects": _ASSIGNMENT,
    "canonical_ids": keys.PERSON * keys.MAPPING,
    "graph_events": keys.PERSON * keys.GRAPH_EVENT,
    "conversions": _ASSIGNMENT * keys.CONVERSION,
    "response_events": _RESPONSE,
    "outcome_metrics": _RESPONSE * keys.OUTCOME,
}


@dataclass(frozen=True)
class Slice:
    """Households from `start` to before `end`; None where it is open."""

    start: int | None = None
    end: int | None = None

    def condition(self, table: Table) -> str:
        """SQL that holds for the slice's rows of a table; whole-axis tables are in every slice."""
        if table.axis != "households":
            return "TRUE"
        width, key = KEYS_PER_HOUSEHOLD[table.name], table.primary_key
        lower = [] if self.start is None else [f"{key} >= {self.start * width}"]
        upper = [] if self.end is None else [f"{key} < {self.end * width}"]
        return " AND ".join(lower + upper) or "TRUE"


def slices(first: int, last: int, households: int) -> Iterator[Slice]:
    """Slices of `households` households that together hold `first` to `last` and all keys outside."""
    cuts = list(range(first + households, last + 1, households))
    yield from (Slice(start, end) for start, end in zip([None, *cuts], [*cuts, None], strict=True))


def in_step(households: int, unit: int) -> int:
    """Households of a slice, at most `households`: whole units, or an even part of one.

    The rows of a unit lie in any order, so a slice that has a part of a unit reads the files of all of it.
    """
    return households // unit * unit if unit <= households else -(-unit // -(-unit // households))


def stored_view(stored: StoredTable) -> str:
    """A view `stored_<table>` of all rows."""
    columns = ", ".join(stored_column(column) for column in stored.table.columns)
    return f"CREATE TEMP VIEW stored_{stored.table.name} AS SELECT {columns} FROM {rows_of(stored)}"


def rows_of(stored: StoredTable) -> str:
    """The table's files as DuckDB reads them; without files, an empty relation of the same columns."""
    if stored.files:
        files = ", ".join("'" + file.replace("'", "''") + "'" for file in stored.files)
        return f"read_parquet([{files}], union_by_name = true)"
    nulls = ", ".join(f'CAST(NULL AS {duckdb_type(column.type)}) AS "{column.name}"' for column in stored.table.columns)
    return f"(SELECT {nulls} WHERE FALSE)"


def part_view(table: Table, condition: str) -> str:
    """The view `<table>` that rules read, restricted to a part of the rows."""
    return f"CREATE OR REPLACE TEMP VIEW {table.name} AS SELECT * FROM stored_{table.name} WHERE {condition}"
