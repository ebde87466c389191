"""The rows of a table, a page at a time."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request, url_for

from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.table import Table
from generation.spec.types import Scalar
from webapp.errors import Refused
from webapp.htmx import page
from webapp.reading import TooSlow
from webapp.results.blueprint import blueprint, dataset_of
from webapp.results.dictionary import described
from webapp.results.snippets import snippets

PAGE, MOST_PAGES = 50, 2_000
"""Rows of a page, and how far one may page; who wants more downloads the table."""


NAMES = ", ".join(TABLE_BY_NAME)


@blueprint.get(f"/jobs/<uuid:job_id>/tables/<any({NAMES}):name>")
def rows(job_id: uuid.UUID, name: str) -> Response:
    """The page; the address says which and in which order."""
    dataset = dataset_of(job_id)
    table, snapshot = dataset.table(name), dataset.snapshot(name)
    entry = dataset.manifest["tables"][name]
    sort, descending, number = _asked(table)
    last = max(1, min(MOST_PAGES, -(-entry["rows"] // PAGE)))
    number = min(number, last)
    try:
        found = snapshot.page(sort, descending, PAGE, PAGE * (number - 1))
    except TooSlow:
        what = f"sorting {entry['rows']:,} rows by {sort} takes too long for a page"
        message = f"{what}; sort by {table.primary_key}, or download the table"
        raise Refused(422, "too_slow", message) from None

    def address(**more: Any) -> str:
        asked = {"sort": sort, "order": "down" if descending else "up", "page": number, **more}
        return url_for("results.rows", job_id=dataset.job.id, name=name, **asked)

    return page(
        "results/rows.html",
        job=dataset.job,
        table=table,
        entry=entry,
        columns=[_column(table, column.name, sort, descending, address) for column in table.columns],
        rows=[[_cell(value) for value in row] for row in found],
        paging=_paging(number, last, len(found), entry["rows"], address),
        described=described(table),
        snippets=snippets(str(dataset.root / entry["location"]), name, entry["version"]),
        names=list(dataset.manifest["tables"]),
    )


def _asked(table: Table) -> tuple[str, bool, int]:
    names = [column.name for column in table.columns if isinstance(column.type, Scalar)]
    sort = request.args.get("sort", "")
    number = request.args.get("page", "1")
    page_number = int(number) if number.isdecimal() and len(number) < 8 else 1
    return sort if sort in names else table.primary_key, request.args.get("order") == "down", max(1, page_number)


def _column(table: Table, name: str, sort: str, descending: bool, address: Any) -> dict[str, str]:
    column = {"label": name, "type": "data"}
    if isinstance(table.column(name).type, Scalar):
        is_sorted = name == sort
        column["sort_url"] = address(sort=name, order="up" if not is_sorted or descending else "down", page=1)
        column["sorted"] = ("descending" if descending else "ascending") if is_sorted else ""
    return column


def _cell(value: Any) -> Any:
    return value if value is None else str(value)


def _paging(number: int, last: int, shown: int, total: int, address: Any) -> dict[str, str]:
    first = PAGE * (number - 1) + 1
    return {
        "summary": f"{first:,}–{first + shown - 1:,} of {total:,}" if shown else f"0 of {total:,}",
        "previous_url": address(page=number - 1) if number > 1 else "",
        "next_url": address(page=number + 1) if number < last else "",
    }
