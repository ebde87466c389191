"""The data dictionary and the diagram, from the catalogue."""

from __future__ import annotations

from typing import Any

from flask import Response
from markupsafe import Markup

from generation.spec.catalog import EVERY
from generation.spec.config import Audiences
from generation.spec.docs import GROWTHS, HOMES
from generation.spec.er_diagram import er_svg, foreign_keys_as_text
from generation.spec.segments import SEGMENTS
from generation.spec.table import Column, Table
from generation.spec.types import Struct
from webapp.htmx import page
from webapp.results.blueprint import blueprint


@blueprint.get("/dictionary")
def dictionary() -> Response:
    """Every table and column of a dataset."""
    svg = Markup(er_svg(EVERY))  # made by us, with every text escaped
    tables = [{"table": table, **_about(table), "columns": described(table)} for table in EVERY]
    links = foreign_keys_as_text(EVERY)
    return page("results/dictionary.html", tables=tables, svg=svg, links=links, segments=_segments())


def described(table: Table) -> list[dict[str, Any]]:
    """What each column means."""
    return [meaning(table, column) for column in table.columns]


def meaning(table: Table, column: Column) -> dict[str, Any]:
    """A column's type, keys, values and parts in words."""
    return {
        "name": column.name,
        "type": "STRUCT" if isinstance(column.type, Struct) else column.type.ddl,
        "is_primary": column.name == table.primary_key,
        "refers": [key.table for key in table.foreign_keys if key.column == column.name],
        "nullable": column.nullable,
        "comment": column.comment,
        "options": column.values,
        "parts": column.type.fields if isinstance(column.type, Struct) else (),
    }


def _about(table: Table) -> dict[str, Any]:
    children = [one.name for one in EVERY for key in one.foreign_keys if key.table == table.name]
    return {
        "home": HOMES[table.home].partition(": "),
        "growth": GROWTHS[table.growth].partition(": ")[2],
        "children": list(dict.fromkeys(children)),
    }


def _segments() -> list[list[Any]]:
    """The segments' rules, with the thresholds that a configuration has by default."""
    thresholds = {name: f"{field.default:g}" for name, field in Audiences.model_fields.items()}
    return [
        [n, segment.name, segment.basis, segment.rule.format(**thresholds)] for n, segment in enumerate(SEGMENTS, 1)
    ]
