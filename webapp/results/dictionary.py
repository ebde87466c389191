"""The data dictionary and the diagram, from the catalogue."""

from __future__ import annotations

from typing import Any

from flask import Response
from markupsafe import Markup

from generation.spec.catalog import TABLES
from generation.spec.er_diagram import er_svg, foreign_keys_as_text
from generation.spec.segments import SEGMENTS
from generation.spec.table import Column, Table
from generation.spec.types import Struct
from webapp.htmx import page
from webapp.results.blueprint import blueprint

COLUMNS = [
    {"label": "Column", "type": "row"},
    {"label": "Type", "type": "code"},
    {"label": "Key", "type": "text"},
    {"label": "Null", "type": "text"},
    {"label": "Meaning", "type": "text"},
]


@blueprint.get("/dictionary")
def dictionary() -> Response:
    """Every table and column of a dataset."""
    svg = Markup(er_svg(TABLES))  # made by us, with every text escaped
    tables = [{"table": table, "rows": described(table)} for table in TABLES]
    links = foreign_keys_as_text(TABLES)
    return page("results/dictionary.html", tables=tables, columns=COLUMNS, svg=svg, links=links, segments=SEGMENTS)


def described(table: Table) -> list[list[Any]]:
    """A row a column: name, type, keys, null, meaning with the closed set of values."""
    return [row for column in table.columns for row in _rows(table, column)]


def _rows(table: Table, column: Column) -> list[list[Any]]:
    keys = ["primary"] if column.name == table.primary_key else []
    keys += [f"{key.table}.{key.key}" for key in table.foreign_keys if key.column == column.name]
    shape = "STRUCT" if isinstance(column.type, Struct) else column.type.ddl
    null = "yes" if column.nullable else "no"
    meaning = column.comment + (f" One of: {', '.join(column.values)}." if column.values else "")
    rows: list[list[Any]] = [[column.name, shape, ", ".join(keys), null, meaning]]
    if isinstance(column.type, Struct):
        rows += [[f"{column.name}.{part.name}", part.type.ddl, "", "", part.comment] for part in column.type.fields]
    return rows
