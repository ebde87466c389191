"""The rows of a table, a page at a time: in any order, or those with one value; keys lead on to the rows they stand for."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, request, url_for
from markupsafe import Markup

from generation.spec.catalog import EVERY, TABLE_BY_NAME
from generation.spec.table import Column, Table
from generation.spec.types import Array, ColumnType, Map, Scalar, Struct
from webapp.errors import Refused
from webapp.filters import percent
from webapp.htmx import page
from webapp.reading import NoSuchValue, Order, Snapshot, TooSlow, Wanted, value_of
from webapp.reading import page as rows_of
from webapp.results.blueprint import Dataset, blueprint, dataset_of
from webapp.results.dictionary import meaning
from webapp.results.snippets import snippets

PAGE = 50
SORTED_PAGES = 200
"""How far one may page in another order than the key's; who wants more downloads the table."""
NAMES = ", ".join(TABLE_BY_NAME)
LONGEST_VALUE = 200


@dataclass(frozen=True)
class Asked:
    """What an address asks for."""

    table: Table
    sort: Column
    descending: bool = False
    page: int = 1
    where: Column | None = None
    value: str = ""

    def query(self) -> dict[str, Any]:
        """The address's parameters; what goes without saying is left out."""
        given = {
            "where": self.where.name if self.where else "",
            "value": self.value if self.where else "",
            "sort": self.sort.name if self.sort.name != self.table.primary_key else "",
            "order": "down" if self.descending else "",
            "page": self.page if self.page > 1 else "",
        }
        return {name: value for name, value in given.items() if value != ""}

    @property
    def is_by_key(self) -> bool:
        """Whether any page is as near as the first."""
        return self.where is None and self.sort.name == self.table.primary_key


def asked(snapshot: Snapshot) -> Asked:
    """What the address means; anything it cannot mean is left out."""
    scalars = {column.name: column for column in snapshot.columns if isinstance(column.type, Scalar)}
    given, number = request.args, request.args.get("page", "1")
    value = given.get("value", "").strip().replace("\x00", "")[:LONGEST_VALUE]
    return Asked(
        snapshot.table,
        scalars.get(given.get("sort", ""), scalars[snapshot.table.primary_key]),
        given.get("order") == "down",
        max(1, int(number)) if number.isdecimal() and len(number) < 10 else 1,
        scalars.get(given.get("where", "")) if value else None,
        value,
    )


@blueprint.get(f"/jobs/<uuid:job_id>/tables/<any({NAMES}):name>")
def rows(job_id: uuid.UUID, name: str) -> Response:
    """The page; the address says which and in which order."""
    dataset = dataset_of(job_id)
    snapshot = dataset.snapshot(name)
    wanted = asked(snapshot)
    wanted = replace(wanted, page=min(wanted.page, _last_page(snapshot, wanted)))
    found, problem = _found(snapshot, wanted)
    entry = dataset.manifest["tables"][name]
    return page(
        "results/rows.html",
        job=dataset.job,
        table=snapshot.table,
        entry=entry,
        columns=[_heading(dataset, wanted, column) for column in snapshot.columns],
        rows=[_row(dataset, snapshot, row) for row in found[:PAGE]],
        paging=_paging(dataset, snapshot, wanted, len(found)),
        wanted=wanted,
        problem=problem,
        choices=[(column.name, column.name) for column in snapshot.columns if isinstance(column.type, Scalar)],
        children=_children(dataset, wanted) if len(found) == 1 else [],
        described=_described(snapshot, found),
        snippets=snippets(str(dataset.root / entry["location"]), name, entry["version"]),
        names=dataset.names,
        notice_text=dataset.manifest["notice"],
    )


def _last_page(snapshot: Snapshot, wanted: Asked) -> int:
    """The last page there may be; how many rows have a value is not known before."""
    last = max(1, -(-snapshot.rows // PAGE))
    return last if wanted.is_by_key else min(last, SORTED_PAGES)


def _found(snapshot: Snapshot, wanted: Asked) -> tuple[list[tuple[Any, ...]], str]:
    """The rows, and where there is a further page one more; or why there are none. Raises `Refused` if it takes too long."""
    order = Order(wanted.sort, wanted.descending)
    try:
        value = value_of(wanted.where, wanted.value) if wanted.where else None
        return rows_of(snapshot, Wanted(order, PAGE + 1, PAGE * (wanted.page - 1), wanted.where, value)), ""
    except NoSuchValue as error:
        return [], str(error)
    except TooSlow:
        what = f"looking through {snapshot.rows:,} rows of {snapshot.table.name} takes too long for a page"
        remedy = f"order them by {snapshot.table.primary_key}, or download the table"
        raise Refused(422, "too_slow", f"{what}; {remedy}") from None


# What is shown


def _address(dataset: Dataset, wanted: Asked) -> str:
    return url_for("results.rows", job_id=dataset.job.id, name=wanted.table.name, **wanted.query())


def _heading(dataset: Dataset, wanted: Asked, column: Column) -> dict[str, str]:
    heading = {"label": column.name, "type": "data"}
    if isinstance(column.type, Scalar):
        is_sorted = column == wanted.sort
        down = is_sorted and not wanted.descending
        heading["sort_url"] = _address(dataset, replace(wanted, sort=column, descending=down, page=1))
        heading["sorted"] = ("descending" if wanted.descending else "ascending") if is_sorted else ""
    return heading


def _row(dataset: Dataset, snapshot: Snapshot, row: tuple[Any, ...]) -> list[Any]:
    return [_cell(dataset, snapshot.table, column, value) for column, value in zip(snapshot.columns, row, strict=True)]


def _cell(dataset: Dataset, table: Table, column: Column, value: Any) -> Any:
    """A value as text; a key is a link to the row it stands for."""
    if value is None:
        return None
    if not isinstance(column.type, Scalar):
        return Markup('<span title="{}">{}</span>').format(value, compact(column.type, json.loads(value)))
    keys = {key.column: (key.table, key.key) for key in table.foreign_keys if key.table in dataset.names}
    goal = keys.get(column.name) or ((table.name, column.name) if column.name == table.primary_key else None)
    text = shown(value)
    if goal is None:
        return text
    return Markup('<a href="{}">{}</a>').format(_lookup(dataset, *goal, text), text)


def _lookup(dataset: Dataset, table: str, column: str, value: str) -> str:
    return url_for("results.rows", job_id=dataset.job.id, name=table, where=column, value=value)


def shown(value: Any) -> str:
    """A value as it is written in a table."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def compact(kind: ColumnType, value: Any) -> str:
    """A nested value in a line: the parts of a struct, the pairs of a map, the elements of a list."""
    if value is None:
        return "–"
    if isinstance(kind, Struct):
        return " · ".join(compact(part.type, value.get(part.name)) for part in kind.fields)
    if isinstance(kind, Map):
        return " · ".join(f"{name} {compact(kind.value, one)}" for name, one in value.items()) or "–"
    if isinstance(kind, Array):
        return ", ".join(compact(kind.element, one) for one in value) or "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _children(dataset: Dataset, wanted: Asked) -> list[dict[str, str]]:
    """Where rows may be that refer to the one that is shown."""
    table = wanted.table
    if wanted.where is None or wanted.where.name != table.primary_key:
        return []
    links = [(one, key) for one in EVERY if one.name in dataset.names for key in one.foreign_keys]
    return [
        {"name": one.name, "column": key.column, "url": _lookup(dataset, one.name, key.column, wanted.value)}
        for one, key in links
        if key.table == table.name
    ]


def _described(snapshot: Snapshot, found: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """What each column means, with an example from the page and how often it is null."""
    try:
        nulls = snapshot.null_shares()
    except TooSlow:
        nulls = {}
    described = []
    for number, column in enumerate(snapshot.columns):
        example = next((shown(row[number]) for row in found if row[number] is not None), "")
        is_told = not column.values and isinstance(column.type, Scalar)
        null = percent(nulls[column.name]) if column.name in nulls else ""
        described.append({**meaning(snapshot.table, column), "example": example if is_told else "", "null": null})
    return described


def _paging(dataset: Dataset, snapshot: Snapshot, wanted: Asked, found: int) -> dict[str, Any]:
    last = _last_page(snapshot, wanted)
    is_last = found <= PAGE or wanted.page >= last
    first, shown_rows = PAGE * (wanted.page - 1) + 1, min(found, PAGE)
    numbers = [] if wanted.where is not None else _numbers(wanted.page, last)

    def to(number: int) -> str:
        return _address(dataset, replace(wanted, page=number))

    return {
        "summary": _summary(snapshot, wanted, first, shown_rows, is_last),
        "previous_url": to(wanted.page - 1) if wanted.page > 1 else "",
        "next_url": "" if is_last else to(wanted.page + 1),
        "pages": [(f"{n:,}", to(n), n == wanted.page) if n else ("", "", False) for n in numbers],
        "is_cut": is_last and found > PAGE,
        "most": PAGE * SORTED_PAGES,
    }


def _summary(snapshot: Snapshot, wanted: Asked, first: int, rows: int, is_last: bool) -> str:
    if not rows:
        return "No rows"
    span = f"Rows {first:,}–{first + rows - 1:,}"
    if wanted.where is None:
        return f"{span} of {snapshot.rows:,}"
    return f"{span} of {first + rows - 1:,}" if is_last and rows < PAGE else span


def _numbers(page_number: int, last: int) -> list[int]:
    """The pages that are one click away; 0 is a gap."""
    if last == 1:
        return []
    near = sorted({1, last, *range(max(1, page_number - 1), min(last, page_number + 1) + 1)})
    found: list[int] = []
    for number in near:
        found += [0] if found and number - found[-1] > 1 else []
        found.append(number)
    return found
