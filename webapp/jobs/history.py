"""The history: all jobs a user may see."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, get_args

from flask import Response, request, url_for
from markupsafe import Markup

from webapp.auth import current_user
from webapp.filters import duration, moment, number
from webapp.htmx import page
from webapp.jobs.blueprint import blueprint, hands
from webapp.jobs.wording import state_badge
from webapp.lifecycle import State
from webapp.store.history import PAGE, Entry, Found, Sort, Wanted

MOST_TEXT, MOST_PAGES = 100, 1_000_000
HEADINGS: tuple[tuple[str, str, Sort | None], ...] = (
    ("Name", "row", "name"),
    ("State", "text", "state"),
    ("Households", "number", "households"),
    ("Rows", "number", "rows"),
    ("Took", "text", "duration"),
    ("Started", "date", "created"),
)

STATES = [("", "Any"), *((state.value, state.value.capitalize()) for state in State)]


@blueprint.get("/jobs")
def history() -> Response:
    """A page of jobs; the address says which."""
    wanted = _wanted()
    found = hands().store.history.find(current_user().id, wanted)
    context: dict[str, Any] = {"wanted": wanted, "found": found, "state_options": STATES, "columns": _columns(wanted)}
    return page(
        "jobs/history.html", **context, rows=[_row(entry) for entry in found.entries], paging=_paging(wanted, found)
    )


def _wanted() -> Wanted:
    """What the address asks for; anything it cannot mean is left out."""
    given = request.args
    sort: Any = given.get("sort") if given.get("sort") in get_args(Sort) else "created"
    whose: Any = given.get("whose") if given.get("whose") in ("mine", "shared") else ""
    number = given.get("page", "1")
    return Wanted(
        text=given.get("q", "").strip().replace("\x00", "")[:MOST_TEXT],
        state=given.get("state", "") if given.get("state") in set(State) else "",
        whose=whose,
        sort=sort,
        descending=given.get("order", "down" if sort != "name" else "up") != "up",
        page=min(max(int(number), 1), MOST_PAGES) if number.isdecimal() and len(number) < 8 else 1,
    )


def address(wanted: Wanted) -> str:
    """The address of a list; what it takes for granted is left out."""
    usual = asdict(Wanted(sort=wanted.sort))
    values = {name: value for name, value in asdict(wanted).items() if value != usual[name]}
    query = {{"text": "q"}.get(name, name): value for name, value in values.items() if name != "descending"}
    query |= {"sort": wanted.sort} if wanted.sort != "created" else {}
    query |= {"order": "up"} if not wanted.descending else {"order": "down"} if wanted.sort == "name" else {}
    return url_for("jobs.history", **query)


def _columns(wanted: Wanted) -> list[dict[str, str]]:
    columns = [{"label": "Compare", "type": "text"}]
    for label, kind, sort in HEADINGS:
        column = {"label": label, "type": kind}
        if sort is not None:
            is_sorted = wanted.sort == sort
            down = not wanted.descending if is_sorted else sort != "name"
            column["sort_url"] = address(replace(wanted, sort=sort, descending=down, page=1))
            column["sorted"] = ("descending" if wanted.descending else "ascending") if is_sorted else ""
        columns.append(column)
    return columns


TICK = Markup(
    '<label class="tick"><input type="checkbox" name="job" value="{}"><span class="visually-hidden">Compare {}</span></label>'
)


def _row(entry: Entry) -> list[Any]:
    link = Markup('<a href="{}">{}</a>').format(url_for("jobs.one", job_id=entry.id), entry.name)
    link += Markup(' <span class="muted small">shared</span>') if entry.shared else Markup("")
    figures = [number(entry.households), number(entry.rows), duration(entry.seconds), moment(entry.created_at)]
    return [TICK.format(entry.id, entry.name), link, state_badge(entry.state), *figures]


def _paging(wanted: Wanted, found: Found) -> dict[str, Any]:
    last = max(1, -(-found.total // PAGE))
    first_row = PAGE * (wanted.page - 1) + 1
    shown = (
        f"{first_row:,}–{first_row + len(found.entries) - 1:,} of {found.total:,}"
        if found.entries
        else f"0 of {found.total:,}"
    )
    to = {number: address(replace(wanted, page=number)) for number in (wanted.page - 1, wanted.page + 1)}
    return {
        "summary": shown,
        "previous_url": to[wanted.page - 1] if wanted.page > 1 else "",
        "next_url": to[wanted.page + 1] if wanted.page < last else "",
    }
