"""The kinds of charts: bars, lines, a pyramid, ranks, stacks, a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generation.spec.charts.canvas import (
    BOTTOM,
    HEIGHT,
    LEFT,
    LETTER,
    RIGHT,
    TOP,
    WIDTH,
    Scale,
    base_line,
    beside,
    briefly,
    fitting,
    frame,
    frame_with_legend,
    mark,
    place,
    said,
    text,
    top_of,
    y_axis,
)

MOST_LABELS = 12


@dataclass(frozen=True)
class Series:
    """A named row of values, one a label."""

    name: str
    values: tuple[float, ...]


def _thinned(count: int) -> int:
    """Every how many labels one is written, so that they do not run into each other."""
    return max(1, -(-count // MOST_LABELS))


@dataclass(frozen=True)
class Bars:
    """Bars side by side for each label; `target` values, where there are any, are lines across the bars."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    over: str = ""
    """What the labels are: "people in the household"."""
    target: tuple[float, ...] = ()
    target_name: str = "Published"

    def svg(self) -> str:
        """Bars from the base line up."""
        bottom = HEIGHT - BOTTOM
        values = [value for one in self.series for value in one.values] + list(self.target)
        y = Scale(0, top_of(values), bottom, TOP + 4)
        slot = (WIDTH - LEFT - RIGHT) / max(1, len(self.labels))
        width = slot * 0.74 / max(1, len(self.series))
        parts = [y_axis(y, self.unit)]
        every = _thinned(len(self.labels))
        room = max(slot * every - 3, 3 * LETTER)
        for n, label in enumerate(self.labels):
            x = LEFT + n * slot + slot * 0.13
            parts += [self._bar(k, n, x + k * width, width, y) for k in range(len(self.series))]
            if self.target:
                at = place(y(self.target[n]))
                line = f'<path class="target" d="M{place(x - 2)} {at}h{place(slot * 0.74 + 4)}"/>'
                parts.append(mark(line, f"{label}: {self.target_name.lower()} {said(self.target[n], self.unit)}"))
            if n % every == 0:
                parts.append(beside(x + slot * 0.37, bottom + 12, fitting(label, room)))
        parts += [base_line(bottom), text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, self.over)]
        return frame_with_legend(self.title, self._summary(), [one.name for one in self.series], "".join(parts))

    def _bar(self, k: int, n: int, x: float, width: float, y: Scale) -> str:
        value, top = self.series[k].values[n], y(self.series[k].values[n])
        shape = (
            f'<rect class="series-{k + 1}" x="{place(x)}" y="{place(top)}" width="{place(width * 0.94)}" '
            f'height="{place(max(0.0, y.start - top))}" rx="1"/>'
        )
        name = f"{self.series[k].name}, " if len(self.series) > 1 else ""
        return mark(shape, f"{name}{self.labels[n]}: {said(value, self.unit)}")

    def _summary(self) -> str:
        first = self.series[0]
        most = max(range(len(self.labels)), key=lambda n: first.values[n])
        return f"Bars over {self.over or 'labels'}; the highest is {self.labels[most]} with {said(first.values[most], self.unit)}."

    def head(self) -> list[str]:
        """The labels' name, each series, the target."""
        return [
            self.over.capitalize() or "Label",
            *(one.name for one in self.series),
            *([self.target_name] if self.target else []),
        ]

    def rows(self) -> list[list[str]]:
        """A row a label."""
        columns = [one.values for one in self.series] + ([self.target] if self.target else [])
        return [[label, *(said(column[n], self.unit) for column in columns)] for n, label in enumerate(self.labels)]


@dataclass(frozen=True)
class Lines:
    """Lines over a number; on logarithmic axes values that are not positive are left out."""

    title: str
    x: tuple[float, ...]
    series: tuple[Series, ...]
    over: str
    unit: str = ""
    x_unit: str = ""
    log_x: bool = False
    log_y: bool = False

    def svg(self) -> str:
        """Lines without marks; a point of each line says its value when pointed at."""
        points = [self._points(one) for one in self.series]
        xs = [x for line in points for x, _ in line] or [1.0, 10.0]
        ys = [value for line in points for _, value in line] or [1.0, 10.0]
        bottom = HEIGHT - BOTTOM
        across = Scale(min(xs), max(xs), LEFT, WIDTH - RIGHT, self.log_x)
        up = Scale(min(ys), max(ys), bottom, TOP + 4, True) if self.log_y else Scale(0, top_of(ys), bottom, TOP + 4)
        parts = [y_axis(up, self.unit)]
        for tick in across.ticks():
            parts.append(beside(across(tick), bottom + 12, briefly(tick, self.x_unit)))
        for number, line in enumerate(points, 1):
            parts.append(self._line(number, line, across, up))
        parts += [base_line(bottom), text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, self.over)]
        return frame_with_legend(self.title, self._summary(), [one.name for one in self.series], "".join(parts))

    def _points(self, one: Series) -> list[tuple[float, float]]:
        pairs = zip(self.x, one.values, strict=True)
        return [(x, y) for x, y in pairs if (x > 0 or not self.log_x) and (y > 0 or not self.log_y)]

    def _line(self, number: int, line: Sequence[tuple[float, float]], across: Scale, up: Scale) -> str:
        if not line:
            return ""
        path = "L".join(f"{place(across(x))} {place(up(y))}" for x, y in line)
        name = self.series[number - 1].name
        every = max(1, len(line) // 12)
        dots = [
            mark(
                f'<circle class="dot" cx="{place(across(x))}" cy="{place(up(y))}" r="5"/>',
                f"{name} at {said(x, self.x_unit)}: {said(y, self.unit)}",
            )
            for x, y in line[::every]
        ]
        return f'<path class="line line-{number}" d="M{path}"/>' + "".join(dots)

    def _summary(self) -> str:
        first = self.series[0]
        return f"{first.name} goes from {said(first.values[0], self.unit)} to {said(first.values[-1], self.unit)} over {self.over}."

    def head(self) -> list[str]:
        """What is across, and each line."""
        return [self.over.capitalize(), *(one.name for one in self.series)]

    def rows(self) -> list[list[str]]:
        """At most 30 points."""
        every = max(1, -(-len(self.x) // 30))
        picked = range(0, len(self.x), every)
        return [
            [said(self.x[n], self.x_unit), *(said(one.values[n], self.unit) for one in self.series)] for n in picked
        ]


@dataclass(frozen=True)
class Pyramid:
    """Two sides over the same labels, from the bottom up: an age pyramid."""

    title: str
    labels: tuple[str, ...]
    left: Series
    right: Series
    over: str
    unit: str = "%"

    def svg(self) -> str:
        """Bars to both sides of the labels."""
        step, middle, half = 10.5, WIDTH / 2, 22.0
        height = int(TOP + 14 + step * len(self.labels) + 18)
        largest = top_of([*self.left.values, *self.right.values])
        reach = WIDTH / 2 - half - 34
        parts = [
            text(middle - half, TOP - 1, fitting(self.left.name, middle - half), anchor="end"),
            text(middle + half, TOP - 1, fitting(self.right.name, middle - half), anchor="start"),
        ]
        for n, label in enumerate(self.labels):
            y = height - 18 - (n + 1) * step
            parts.append(text(middle, y + 7.5, fitting(label, 2 * half - 4)))
            for series, number in ((self.left, 1), (self.right, 2)):
                width = reach * series.values[n] / largest
                x = middle - half - width if number == 1 else middle + half
                bar = (
                    f'<rect class="series-{number}" x="{place(x)}" y="{place(y)}" width="{place(width)}" '
                    f'height="{step - 1.5}" rx="1"/>'
                )
                parts.append(mark(bar, f"{series.name}, {label}: {said(series.values[n], self.unit)}"))
        parts.append(text(middle, height - 4, self.over))
        return frame(
            self.title,
            f"{self.left.name} to the left, {self.right.name} to the right, by {self.over}.",
            "".join(parts),
            height,
        )

    def head(self) -> list[str]:
        """The labels' name and both sides."""
        return [self.over.capitalize(), self.left.name, self.right.name]

    def rows(self) -> list[list[str]]:
        """A row a label, from the bottom up."""
        both = zip(self.labels, self.left.values, self.right.values, strict=True)
        return [[label, said(a, self.unit), said(b, self.unit)] for label, a, b in both]


@dataclass(frozen=True)
class Ranks:
    """Bars to the right of their labels, one below the other: for names that are words."""

    title: str
    labels: tuple[str, ...]
    series: Series
    over: str
    unit: str = "%"

    def svg(self) -> str:
        """A line a label, with its value."""
        step, left, right = 15.0, 132.0, 44.0
        height = int(4 + step * len(self.labels) + 4)
        largest = top_of(self.series.values)
        parts = []
        for n, label in enumerate(self.labels):
            y, value = 4 + n * step, self.series.values[n]
            width = max(0.5, (WIDTH - left - right) * value / largest)
            bar = (
                f'<rect class="series-1" x="{place(left)}" y="{place(y)}" width="{place(width)}" '
                f'height="{place(step - 4)}" rx="1"/>'
            )
            parts.append(mark(bar, f"{label}: {said(value, self.unit)}"))
            parts.append(text(left - 6, y + 9, fitting(label, left - 6), anchor="end"))
            parts.append(text(left + width + 4, y + 9, briefly(value, self.unit), anchor="start"))
        most = max(range(len(self.labels)), key=lambda n: self.series.values[n])
        summary = f"The most is {self.labels[most]} with {said(self.series.values[most], self.unit)}."
        return frame(self.title, summary, "".join(parts), height)

    def head(self) -> list[str]:
        """The labels' name and the series."""
        return [self.over.capitalize(), self.series.name]

    def rows(self) -> list[list[str]]:
        """A row a label."""
        return [[label, said(value, self.unit)] for label, value in zip(self.labels, self.series.values, strict=True)]


@dataclass(frozen=True)
class Stacks:
    """A bar a label, of which every series is a part; whatever their sum, the parts of a bar fill it."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    over: str

    def svg(self) -> str:
        """A line a label; parts from left to right in the order of the legend."""
        step, left = 20.0, 92.0
        height = int(TOP + 4 + step * len(self.labels) + 18)
        parts = []
        for n, label in enumerate(self.labels):
            y, x = TOP + 4 + n * step, left
            parts.append(text(left - 6, y + 11, fitting(label, left - 6), anchor="end"))
            for number, share in enumerate(self._shares(n), 1):
                width = share * (WIDTH - left - RIGHT)
                bar = (
                    f'<rect class="series-{number}" x="{place(x)}" y="{place(y)}" '
                    f'width="{place(max(0.0, width - 1))}" height="{place(step - 5)}"/>'
                )
                parts.append(mark(bar, f"{label}, {self.series[number - 1].name}: {said(share, '%')}"))
                x += width
        for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
            parts.append(text(left + share * (WIDTH - left - RIGHT), height - 6, said(share, "%"), anchor=anchor))
        names = [one.name for one in self.series]
        summary = f"What each of {len(self.labels)} bars is made of: {', '.join(names)}."
        return frame_with_legend(self.title, summary, names, "".join(parts), height)

    def _shares(self, n: int) -> list[float]:
        total = sum(one.values[n] for one in self.series)
        return [one.values[n] / total if total > 0 else 0.0 for one in self.series]

    def head(self) -> list[str]:
        """The labels' name and the parts."""
        return [self.over.capitalize(), *(one.name for one in self.series)]

    def rows(self) -> list[list[str]]:
        """A row a label."""
        return [[label, *(said(share, "%") for share in self._shares(n))] for n, label in enumerate(self.labels)]


@dataclass(frozen=True)
class HeatMap:
    """A grid of shares: the darker, the more."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[Series, ...]
    over: str
    unit: str = "%"

    def svg(self) -> str:
        """Cells in nine steps of one colour."""
        cell, line_height = (WIDTH - LEFT - RIGHT) / len(self.columns), 17.0
        height = int(TOP + line_height * len(self.lines) + 32)
        largest = max((value for one in self.lines for value in one.values), default=0.0) or 1.0
        parts = []
        for row, one in enumerate(self.lines):
            y = TOP + row * line_height
            parts.append(text(LEFT - 5, y + 12, fitting(one.name, LEFT - 5), anchor="end"))
            for n, value in enumerate(one.values):
                level = min(8, int(9 * value / largest)) if value > 0 else 0
                shape = (
                    f'<rect class="heat heat-{level}" x="{place(LEFT + n * cell)}" y="{place(y)}" '
                    f'width="{place(cell - 1)}" height="{place(line_height - 1)}" rx="1.5"/>'
                )
                parts.append(mark(shape, f"{one.name} {self.columns[n]}: {said(value, self.unit)}"))
        every = _thinned(len(self.columns))
        for n, label in enumerate(self.columns):
            if n % every == 0:
                parts.append(
                    beside(LEFT + (n + 0.5) * cell, height - 19, fitting(label, max(cell * every - 3, 3 * LETTER)))
                )
        parts.append(text((LEFT + WIDTH - RIGHT) / 2, height - 5, self.over))
        most = max(((value, one.name, self.columns[n]) for one in self.lines for n, value in enumerate(one.values)))
        return frame(
            self.title, f"The most is {said(most[0], self.unit)}, {most[1]} {most[2]}.", "".join(parts), height
        )

    def head(self) -> list[str]:
        """The columns."""
        return ["", *self.columns]

    def rows(self) -> list[list[str]]:
        """The lines."""
        return [[one.name, *(said(value, self.unit) for value in one.values)] for one in self.lines]
