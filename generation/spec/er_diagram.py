"""The entity-relationship diagram as inline SVG: tables by how far they are from those without parents, keys only.

Positions follow from the catalogue alone. Everything is styled by classes, so a strict content policy and both colour schemes
hold; `foreign_keys_as_text` says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from generation.spec.table import ForeignKey, Table

BOX, GAP_X, GAP_Y, LINE, HEAD, MARGIN = 218, 74, 26, 19, 28, 12


@dataclass(frozen=True)
class Box:
    """A table's place; `keys` are its key columns from top to bottom."""

    table: Table
    x: int
    y: int
    keys: tuple[str, ...]

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return HEAD + LINE * (len(self.keys) + 1) + 8

    def row(self, column: str) -> int:
        """The middle of a key column's line."""
        return self.y + HEAD + LINE * self.keys.index(column) + LINE // 2 + 3


def er_svg(tables: Sequence[Table], unit: str = "er") -> str:
    """The diagram; `unit` keeps its ids apart from others of the page."""
    boxes = {box.table.name: box for box in _placed(tables)}
    width = max(box.x + BOX for box in boxes.values()) + MARGIN
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    links = [(table, key) for table in tables for key in table.foreign_keys if key.table in boxes]
    lines = "".join(_link(boxes, table, key, number) for number, (table, key) in enumerate(links))
    drawn = "".join(_box(box) for box in boxes.values())
    title = f'<title id="{unit}-title">Entity-relationship diagram</title>'
    desc = f'<desc id="{unit}-desc">{escape("; ".join(foreign_keys_as_text(tables)))}</desc>'
    return (
        f'<svg class="er" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{unit}-title {unit}-desc">'
        f"{title}{desc}{lines}{drawn}</svg>"
    )


def foreign_keys_as_text(tables: Sequence[Table]) -> list[str]:
    """Each foreign key as a sentence."""
    names = {table.name for table in tables}
    return [
        f"{table.name}.{key.column} refers to {key.table}.{key.key}"
        for table in tables
        for key in table.foreign_keys
        if key.table in names
    ]


def _placed(tables: Sequence[Table]) -> list[Box]:
    depths = _depths(tables)
    columns: dict[int, list[Table]] = {}
    for table in tables:
        columns.setdefault(depths[table.name], []).append(table)
    boxes = []
    for depth, members in sorted(columns.items()):
        y = MARGIN
        for table in members:
            box = Box(table, MARGIN + depth * (BOX + GAP_X), y, _keys(table))
            boxes.append(box)
            y += box.height + GAP_Y
    return boxes


def _keys(table: Table) -> tuple[str, ...]:
    return tuple(dict.fromkeys((table.primary_key, *(key.column for key in table.foreign_keys))))


def _depths(tables: Sequence[Table]) -> dict[str, int]:
    """The longest way to a table without parents; tables come after their parents in the catalogue."""
    known = {table.name: table for table in tables}

    def depth(name: str, seen: frozenset[str]) -> int:
        parents = {key.table for key in known[name].foreign_keys} & set(known) - seen - {name}
        return max((1 + depth(parent, seen | {name}) for parent in parents), default=0)

    return {table.name: depth(table.name, frozenset()) for table in tables}


def _box(box: Box) -> str:
    foreign = {key.column for key in box.table.foreign_keys}
    rows = []
    for name in box.keys:
        mark = "PK" if name == box.table.primary_key else "FK"
        mark = "PK FK" if mark == "PK" and name in foreign else mark
        y = box.row(name) + 4
        rows.append(f'<text class="er-mark" x="{box.x + BOX - 10}" y="{y}">{mark}</text>')
        rows.append(f'<text class="er-key" x="{box.x + 10}" y="{y}">{escape(name)}</text>')
    others = len(box.table.columns) - len(box.keys)
    rest = f"{others} more column{'' if others == 1 else 's'}"
    rows.append(f'<text class="er-rest" x="{box.x + 10}" y="{box.y + box.height - 10}">{rest}</text>')
    frame = f'<rect class="er-box" x="{box.x}" y="{box.y}" width="{BOX}" height="{box.height}" rx="7"/>'
    head = f'<text class="er-name" x="{box.x + 10}" y="{box.y + 19}">{escape(box.table.name)}</text>'
    rule = f'<path class="er-rule" d="M{box.x} {box.y + HEAD}h{BOX}"/>'
    return f"<g><title>{escape(box.table.comment)}</title>{frame}{head}{rule}{''.join(rows)}</g>"


def _link(boxes: dict[str, Box], table: Table, key: ForeignKey, number: int) -> str:
    """From the child's key, left around, to the right edge of the parent."""
    child, parent = boxes[table.name], boxes[key.table]
    x0, y0 = child.x, child.row(key.column)
    lane = x0 - 12 - (number * 7) % (GAP_X - 24)
    x1, y1 = parent.x + BOX, parent.row(key.key) if key.key in parent.keys else parent.y + 14
    if parent.x >= child.x:
        x1 = parent.x
    path = f"M{x0} {y0}H{lane}V{y1}H{x1}"
    said = escape(f"{table.name}.{key.column} refers to {key.table}.{key.key}")
    ends = f'<circle class="er-end" cx="{x1}" cy="{y1}" r="3"/>'
    return f'<g><title>{said}</title><path class="er-link" d="{path}"/>{ends}</g>'
