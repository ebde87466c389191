"""What all charts share: the frame with its title, scales, ticks, and how numbers are written."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 12, 34
"""The plot's margins, in units of the view box; 360 units are readable on the narrowest phone."""

THOUSANDS = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))

LETTER, KEY, LEGEND_LINE = 5.6, 11.0, 13
"""About the width of a letter, of a legend's square with its gap, and the height of a legend's line."""

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Chart(Protocol):
    """A chart: `title` says what it shows, `svg` draws it, `head` and `rows` are the same numbers as a table."""

    @property
    def title(self) -> str:
        """What the chart shows."""

    def svg(self) -> str:
        """The drawing, as text for a page."""

    def head(self) -> list[str]:
        """The headings of the table."""

    def rows(self) -> list[list[str]]:
        """The rows of the table, each named by its first cell."""


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` on a line from `start` to `end`; logarithmic ones need positive values."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value, kept on the line."""
        low, high, at = (
            (math.log(self.low), math.log(self.high), math.log(max(value, self.low)))
            if self.log
            else (self.low, self.high, value)
        )
        share = (at - low) / (high - low) if high > low else 0.0
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round values on the line, about four of them."""
        if self.log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            powers = [10.0**power for power in range(first, last + 1, 1 + max(0, last - first) // 6)]
            return powers if len(powers) > 1 else sorted({self.low, self.high})
        step = round_step((self.high - self.low) / 4)
        first = math.ceil(self.low / step - 1e-9)
        return [step * n for n in range(first, math.floor(self.high / step + 1e-9) + 1)]


def round_step(rough: float) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below a value."""
    if rough <= 0 or not math.isfinite(rough):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))


def top_of(values: Sequence[float]) -> float:
    """The end of an axis from 0 that holds all values."""
    largest = max((value for value in values if math.isfinite(value)), default=0.0)
    if largest <= 0:
        return 1.0
    step = round_step(largest / 4)
    return step * math.ceil(largest / step - 1e-9)


def said(value: float, unit: str = "") -> str:
    """A number as people read it: thousands grouped, about four digits; shares (unit %) in per cent."""
    if not math.isfinite(value):
        return "–"
    if unit == "%":
        return f"{100 * value:,.0f}%" if abs(value) >= 1 else f"{100 * value:.3g}%"
    text = f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.4g}"
    return f"{text} {unit}".rstrip()


def briefly(value: float, unit: str = "") -> str:
    """A number for an axis: at most seven letters, and without its unit, which the chart names once."""
    percent = "%" if unit == "%" else ""
    number = 100 * value if percent else value
    if 0 < abs(number) < 1e-4:
        return f"{number:.0e}{percent}"
    if abs(number) < 10_000 or not math.isfinite(value):
        return said(value, percent)
    return next(f"{number / size:.3g}{name}{percent}" for size, name in THOUSANDS if abs(number) >= size)


def place(value: float) -> str:
    """A coordinate, short."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def safe(content: str) -> str:
    """Words as markup: escaped, and without the control characters that no markup may hold."""
    return escape(UNPRINTABLE.sub("\ufffd", content))


def fitting(content: str, room: float) -> str:
    """Words cut to a width, which marks say in full."""
    most = max(1, int(room / LETTER))
    return content if len(content) <= most else content[: most - 1].rstrip() + "…"


def text(x: float, y: float, content: str, kind: str = "label", anchor: str = "middle") -> str:
    """A word in the drawing; `anchor` is a class, for styles stay out of the drawing."""
    return f'<text class="{kind} {anchor}" x="{place(x)}" y="{place(y)}">{safe(content)}</text>'


def beside(x: float, y: float, content: str) -> str:
    """A word below or above a place, moved as far as it needs to stay in the drawing."""
    half = LETTER * len(content) / 2
    return text(min(max(x, half), WIDTH - half), y, content)


def mark(shape: str, words: str) -> str:
    """A shape that says what it stands for when pointed at."""
    return f"<g><title>{safe(words)}</title>{shape}</g>"


def frame(title: str, summary: str, body: str, height: int = HEIGHT) -> str:
    """The whole drawing; its ids follow from its content, so that two charts of a page do not share any."""
    name = hashlib.sha256(f"{title}{summary}{body}".encode()).hexdigest()[:10]
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="c{name}-t c{name}-d">'
        f'<title id="c{name}-t">{safe(title)}</title><desc id="c{name}-d">{safe(summary)}</desc>{body}</svg>'
    )


def y_axis(scale: Scale, unit: str) -> str:
    """Lines across the plot with their values."""
    parts = []
    for tick in scale.ticks():
        y = scale(tick)
        parts.append(f'<path class="grid" d="M{LEFT} {place(y)}H{WIDTH - RIGHT}"/>')
        parts.append(text(LEFT - 4, y + 3.5, briefly(tick, unit), anchor="end"))
    return "".join(parts)


def base_line(y: float) -> str:
    """The line that bars stand on."""
    return f'<path class="axis" d="M{LEFT} {place(y)}H{WIDTH - RIGHT}"/>'


def frame_with_legend(title: str, summary: str, names: Sequence[str], body: str, height: int = HEIGHT) -> str:
    """The drawing below a legend, which takes as many lines as its names need; none for one series."""
    if len(names) < 2:
        return frame(title, summary, body, height)
    lines = _legend_lines(names)
    lower = LEGEND_LINE * (len(lines) - 1)
    parts = [_key(number, name, x, LEGEND_LINE * row) for row, line in enumerate(lines) for number, name, x in line]
    moved = f'<g transform="translate(0 {lower})">{body}</g>' if lower else body
    return frame(title, summary, "".join(parts) + moved, height + lower)


def _legend_lines(names: Sequence[str]) -> list[list[tuple[int, str, float]]]:
    """By line: number, name and place of each series."""
    lines: list[list[tuple[int, str, float]]] = [[]]
    x = float(LEFT)
    for number, name in enumerate(names, 1):
        shown = fitting(name, WIDTH - RIGHT - LEFT - KEY)
        width = KEY + LETTER * len(shown)
        if lines[-1] and x + width > WIDTH - RIGHT:
            lines.append([])
            x = float(LEFT)
        lines[-1].append((number, name, x))
        x += width + 10
    return lines


def _key(number: int, name: str, x: float, y: float) -> str:
    """A series' colour and name."""
    square = f'<rect class="series-{number}" x="{place(x)}" y="{place(y + 1)}" width="8" height="8" rx="1.5"/>'
    words = text(x + KEY, y + 8.5, fitting(name, WIDTH - RIGHT - LEFT - KEY), anchor="start")
    return mark(square + words, name)
