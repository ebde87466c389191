"""The entity-relationship diagram as inline SVG: parents above their children, key columns only, no line over any table.

Positions follow from the catalogue alone. Everything is styled by classes, so a strict content policy and both colour schemes
hold; `foreign_keys_as_text` says the same in words.

Between the layers of tables run channels. Each parent has one line: down into the channel below it, along a track of its
own to the children there, and to those further down by a lane at the nearer side of the picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import count

from generation.spec.table import ForeignKey, Table

BOX, GAP, LINE, HEAD, MARGIN = 226, 26, 18, 27, 6
TRACK, PORT, STEM, BEND = 9, 22, 17, 5
"""Pixels between lines side by side, between the ends of lines at a table, of the piece before a table, and of a bend."""
COLOURS = 6

Point = tuple[int, int]
Link = tuple[Table, ForeignKey]


@dataclass(frozen=True)
class Box:
    """A table's place; lines to it end at its top."""

    table: Table
    x: int
    y: int

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return _height(self.table)

    def port(self, key: ForeignKey) -> Point:
        """Where the line of a foreign key ends: the keys' lines come in their order, about the middle."""
        keys = self.table.foreign_keys
        return self.x + BOX // 2 - PORT * (len(keys) - 1) // 2 + PORT * keys.index(key), self.y


@dataclass(frozen=True)
class Line:
    """The line of a foreign key: its corners from the parent's bottom to the child's top. A parent's lines have a colour."""

    table: Table
    key: ForeignKey
    corners: tuple[Point, ...]
    colour: int


def er_svg(tables: Sequence[Table], unit: str = "er") -> str:
    """The drawing; `unit` keeps its ids apart from others of the page."""
    layout = Layout(tuple(tables))
    lines = "".join(_line(layout.line(table, key)) for table, key in layout.links)
    boxes = "".join(_box(box) for box in layout.boxes.values())
    title = f'<title id="{unit}-title">Entity-relationship diagram</title>'
    desc = f'<desc id="{unit}-desc">{escape("; ".join(foreign_keys_as_text(tables)))}.</desc>'
    size = f'viewBox="0 0 {layout.width} {layout.height}" width="{layout.width}" height="{layout.height}"'
    return f'<svg class="er" {size} role="img" aria-labelledby="{unit}-title {unit}-desc">{title}{desc}{lines}{boxes}</svg>'


def foreign_keys_as_text(tables: Sequence[Table]) -> list[str]:
    """Each foreign key as a sentence."""
    return [_sentence(table, key) for table, key in _links(tables)]


def _sentence(table: Table, key: ForeignKey) -> str:
    optional = ", or is null" if table.column(key.column).nullable else ""
    return f"{table.name}.{key.column} refers to {key.table}.{key.key}{optional}"


def _links(tables: Sequence[Table]) -> list[Link]:
    names = {table.name for table in tables}
    return [(table, key) for table in tables for key in table.foreign_keys if key.table in names]


def _keys(table: Table) -> tuple[str, ...]:
    return tuple(dict.fromkeys((table.primary_key, *(key.column for key in table.foreign_keys))))


def _height(table: Table) -> int:
    return HEAD + LINE * (len(_keys(table)) + 1) + 6


# Places


def layers(tables: Sequence[Table]) -> list[list[Table]]:
    """Tables by the longest way from one without parents; those without children fill up what is emptiest below."""
    depth: dict[str, int] = {}
    for table in tables:  # parents come before children
        depth[table.name] = max((1 + depth.get(key.table, -1) for key in table.foreign_keys), default=0)
    parents = {key.table for table, key in _links(tables) if key.table != table.name}
    rows: list[list[Table]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for table in sorted(tables, key=lambda one: one.name not in parents):
        is_leaf, low = table.name not in parents and depth[table.name] > 0, depth[table.name]
        min(rows[low:] if is_leaf else rows[low : low + 1], key=len).append(table)
    return rows


@dataclass(frozen=True)
class Layout:
    """Where everything goes, from which tables there are. Channel n lies above layer n, and one below the last layer."""

    tables: tuple[Table, ...]

    @cached_property
    def rows(self) -> list[list[Table]]:
        """The layers from top to bottom."""
        return layers(self.tables)

    @cached_property
    def layer(self) -> dict[str, int]:
        """The layer of each table."""
        return {table.name: number for number, row in enumerate(self.rows) for table in row}

    @cached_property
    def links(self) -> list[Link]:
        """Foreign keys, those of the uppermost parents first."""
        return sorted(_links(self.tables), key=lambda link: self.layer[link[1].table])

    @cached_property
    def parents(self) -> list[str]:
        """Tables that others refer to."""
        return list(dict.fromkeys(key.table for _, key in self.links))

    @cached_property
    def tracks(self) -> list[list[str]]:
        """The parents whose lines run along each channel, from top to bottom."""
        used: list[list[str]] = [[] for _ in range(len(self.rows) + 1)]
        for table, key in self.links:
            for channel in (self.layer[key.table] + 1, self.layer[table.name]):
                if key.table not in used[channel]:
                    used[channel].append(key.table)
        return used

    @cached_property
    def lanes(self) -> dict[str, int]:
        """The lane of each parent with children further down: -1, -2, ... at the left side, 1, 2, ... at the right."""
        found: dict[str, int] = {}
        for table, key in self.links:
            if self.layer[table.name] != self.layer[key.table] + 1 and key.table not in found:
                row = self.rows[self.layer[key.table]]
                is_left = 2 * [one.name for one in row].index(key.table) < len(row) - 1
                same = sum((lane < 0) == is_left for lane in found.values())
                found[key.table] = -1 - same if is_left else 1 + same
        return found

    @cached_property
    def left(self) -> int:
        """Where the first box may begin."""
        return MARGIN + TRACK * (1 - min(self.lanes.values(), default=0))

    @cached_property
    def width(self) -> int:
        """Pixels from left to right."""
        widest = max(len(row) for row in self.rows)
        return self.left + widest * (BOX + GAP) - GAP + TRACK * (1 + max(0, *self.lanes.values(), 0)) + MARGIN

    def lane_x(self, parent: str) -> int:
        """Where a parent's lane runs."""
        lane = self.lanes[parent]
        return MARGIN - TRACK * lane if lane < 0 else self.width - MARGIN - TRACK * lane

    @cached_property
    def tops(self) -> list[int]:
        """Where each channel begins."""
        found = [MARGIN]
        for number, row in enumerate(self.rows):
            found.append(found[-1] + self.room(number) + max(_height(table) for table in row))
        return found

    def room(self, channel: int) -> int:
        """Pixels that a channel takes."""
        return 2 * STEM + TRACK * (len(self.tracks[channel]) - 1) if self.tracks[channel] else 0

    def track_y(self, channel: int, parent: str) -> int:
        """Where a parent's line runs along a channel."""
        return self.tops[channel] + STEM + TRACK * self.tracks[channel].index(parent)

    @cached_property
    def boxes(self) -> dict[str, Box]:
        """Every table's place, each layer in the middle."""
        found = {}
        inner = max(len(row) for row in self.rows) * (BOX + GAP)
        for number, row in enumerate(self.rows):
            first = self.left + (inner - len(row) * (BOX + GAP)) // 2
            for place, table in enumerate(row):
                found[table.name] = Box(table, first + place * (BOX + GAP), self.tops[number] + self.room(number))
        return found

    def start(self, parent: str) -> Point:
        """Where a parent's line leaves it: not straight above the end of another line, so that they stay apart."""
        box = self.boxes[parent]
        below = self.layer[parent] + 1
        ends = {
            self.boxes[table.name].port(key)[0]
            for table, key in self.links
            if self.layer[table.name] == below and key.table != parent
        }
        middle = box.x + BOX // 2
        x = next(middle + step for step in _outward(PORT) if all(abs(middle + step - end) > 6 for end in ends))
        return x, box.y + box.height

    def line(self, table: Table, key: ForeignKey) -> Line:
        """The way of a foreign key."""
        parent, above, below = key.table, self.layer[key.table] + 1, self.layer[table.name]
        (x, y), end = self.start(parent), self.boxes[table.name].port(key)
        first, last = self.track_y(above, parent), self.track_y(below, parent)
        aside = [] if above == below else [(self.lane_x(parent), first), (self.lane_x(parent), last)]
        corners = [(x, y), (x, first), *aside, (end[0], last), end]
        return Line(table, key, tuple(corners), self.parents.index(parent) % COLOURS + 1)

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.tops[-1] + self.room(len(self.rows)) + MARGIN


def _outward(step: int) -> Iterator[int]:
    """0, then steps to both sides."""
    yield 0
    for n in count(1):
        yield from (n * step // 2, -n * step // 2)


# Drawing


def _box(box: Box) -> str:
    foreign = [(key.column, key.table) for key in box.table.foreign_keys]
    keys, rows = _keys(box.table), []
    for number, name in enumerate(keys):
        y = box.y + HEAD + LINE * number + 14
        marks = ["PK"] * (name == box.table.primary_key) + [f"→ {parent}" for key, parent in foreign if key == name]
        rows.append(f'<text class="er-mark" x="{box.x + BOX - 10}" y="{y}">{escape(" ".join(marks))}</text>')
        rows.append(f'<text class="er-key" x="{box.x + 10}" y="{y}">{escape(name)}</text>')
    others = len(box.table.columns) - len(keys)
    rest = f"{others} more column{'' if others == 1 else 's'}"
    rows.append(f'<text class="er-rest" x="{box.x + 10}" y="{box.y + box.height - 9}">{rest}</text>')
    frame = f'<rect class="er-box" x="{box.x}" y="{box.y}" width="{BOX}" height="{box.height}" rx="6"/>'
    head = f'<path class="er-head" d="M{box.x} {box.y + HEAD - 4}v-17q0 -6 6 -6h{BOX - 12}q6 0 6 6v17z"/>'
    name = f'<text class="er-name" x="{box.x + 10}" y="{box.y + 16}">{escape(box.table.name)}</text>'
    return f"<g><title>{escape(box.table.comment)}</title>{frame}{head}{name}{''.join(rows)}</g>"


def _line(line: Line) -> str:
    (x0, y0), (x, y) = line.corners[0], line.corners[-1]
    is_one = line.key.column == line.table.primary_key
    fork = "" if is_one else f"M{x} {y - 8}l-5 8M{x} {y - 8}l5 8"
    path = f'<path class="er-link line-{line.colour}" d="{_bent(line.corners)}{fork}M{x0 - 5} {y0 + 5}h10"/>'
    ring = f'<circle class="er-ring line-{line.colour}" cx="{x}" cy="{y - 11}" r="3"/>'
    optional = ring if line.table.column(line.key.column).nullable else ""
    return f"<g><title>{escape(_sentence(line.table, line.key))}</title>{path}{optional}</g>"


def _bent(corners: Sequence[Point]) -> str:
    """The path along the corners, each of them rounded."""
    points = [point for n, point in enumerate(corners) if n == 0 or point != corners[n - 1]]
    parts = [f"M{points[0][0]} {points[0][1]}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        into, out = _towards(here, before), _towards(here, after)
        parts.append(f"L{into[0]} {into[1]}Q{here[0]} {here[1]} {out[0]} {out[1]}")
    return "".join(parts) + f"L{points[-1][0]} {points[-1][1]}"


def _towards(here: Point, there: Point) -> Point:
    """A bend's length from here, or half the way where that is shorter."""
    across, down = there[0] - here[0], there[1] - here[1]
    step = min(BEND, (abs(across) + abs(down)) // 2)
    return here[0] + step * _sign(across), here[1] + step * _sign(down)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
