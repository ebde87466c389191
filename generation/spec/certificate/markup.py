"""Pieces of the report's page: tables, numbers and words as markup, with every value escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generation.spec.charts.canvas import place, safe, said


@dataclass(frozen=True)
class Html:
    """Markup that is ready; any other text is escaped."""

    text: str


Cell = str | int | float | None | Html


@dataclass(frozen=True)
class Column:
    """A heading, and how its cells look: row (names the row), text, number or code."""

    label: str
    kind: str = "text"


def shown(value: Cell, unit: str = "") -> str:
    """A value as it is read."""
    if isinstance(value, Html):
        return value.text
    if value is None:
        return "–"
    return safe(value) if isinstance(value, str) else safe(said(float(value), unit))


def table(name: str, caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> str:
    """A table that scrolls sideways where it has to, and can be reached by keyboard for that."""
    head = "".join(f'<th scope="col" class="{column.kind}">{safe(column.label)}</th>' for column in columns)
    body = "".join(f"<tr>{_cells(columns, row)}</tr>" for row in rows)
    return (
        f'<div class="r-scroll" role="region" aria-labelledby="{name}-caption" tabindex="0"><table class="r-table">'
        f'<caption id="{name}-caption">{safe(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cells(columns: Sequence[Column], row: Sequence[Cell]) -> str:
    return "".join(_cell(column, value) for column, value in zip(columns, row, strict=True))


def _cell(column: Column, value: Cell) -> str:
    if column.kind == "row":
        return f'<th scope="row">{shown(value)}</th>'
    return f'<td class="{column.kind}">{shown(value)}</td>'


def details(summary: str, content: str) -> str:
    """What is folded away on the screen; paper shows it."""
    return f'<details class="r-details"><summary>{safe(summary)}</summary>{content}</details>'


def stats(pairs: Iterable[tuple[str, str]]) -> str:
    """A row of large figures."""
    items = "".join(f"<div><dt>{safe(label)}</dt><dd>{safe(value)}</dd></div>" for label, value in pairs)
    return f'<dl class="r-stats">{items}</dl>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Names with their values."""
    items = "".join(f"<div><dt>{safe(label)}</dt><dd>{safe(value)}</dd></div>" for label, value in pairs)
    return f'<dl class="r-facts">{items}</dl>'


def needle(target: float, actual: float, tolerance: float) -> str:
    """Where a value lies in its tolerance: a band, its middle, a dot. The numbers beside it say the same."""
    width, half = 84.0, 30.0
    off = (actual - target) / tolerance if tolerance > 0 else (actual > target) - (actual < target)
    at = width / 2 + max(-1.25, min(1.25, off)) * half
    kind = "r-dot" if abs(off) <= 1 else "r-dot r-dot-out"
    return (
        f'<svg class="r-needle" viewBox="0 0 {place(width)} 14" aria-hidden="true">'
        f'<rect class="r-band" x="{place(width / 2 - half)}" y="4" width="{place(2 * half)}" height="6" rx="3"/>'
        f'<path class="r-middle" d="M{place(width / 2)} 2v10"/><circle class="{kind}" cx="{place(at)}" cy="7" r="3.6"/></svg>'
    )


def badge(kind: str, word: str) -> Html:
    """A verdict in a word, with a sign that needs no colour."""
    sign = {"good": "✓", "bad": "✗", "plain": "·"}[kind]
    return Html(f'<span class="r-badge r-{kind}"><span aria-hidden="true">{sign}</span> {safe(word)}</span>')
