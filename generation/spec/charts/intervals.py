"""Estimates with their intervals, one below the other."""

from __future__ import annotations

from dataclasses import dataclass

from generation.spec.charts.canvas import (
    LETTER,
    RIGHT,
    TOP,
    WIDTH,
    Scale,
    briefly,
    fitting,
    frame,
    mark,
    place,
    round_step,
    said,
    text,
)

NAMES, STEP = 122.0, 16.0


@dataclass(frozen=True)
class Intervals:
    """A dot a label with a line from low to high; a line stands at zero."""

    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    over: str
    unit: str = "%"

    def svg(self) -> str:
        """A line a label."""
        across, bottom = self._scale(), TOP + STEP * len(self.labels)
        parts = []
        for tick in across.ticks():
            kind = "axis" if tick == 0 else "grid"
            parts.append(f'<path class="{kind}" d="M{place(across(tick))} {TOP}V{place(bottom)}"/>')
            parts.append(text(across(tick), bottom + 12, briefly(tick, self.unit)))
        parts += [self._row(n, across) for n in range(len(self.labels))]
        above = sum(low > 0 for low in self.low)
        summary = f"{above} of {len(self.labels)} intervals lie above zero."
        return frame(self.title, summary, "".join(parts), int(bottom + 20))

    def _scale(self) -> Scale:
        low, high = min(0.0, *self.low), max(0.0, *self.high)
        step = round_step((high - low) / 4)
        return Scale(step * (low // step), -step * (-high // step), NAMES, WIDTH - RIGHT - 8)

    def _row(self, n: int, across: Scale) -> str:
        y = TOP + STEP * (n + 0.5)
        name = text(NAMES - 6, y + 3.5, fitting(self.labels[n], NAMES - 6 - LETTER), anchor="end")
        line = f'<path class="line line-1" d="M{place(across(self.low[n]))} {place(y)}H{place(across(self.high[n]))}"/>'
        dot = f'<circle class="series-1" cx="{place(across(self.values[n]))}" cy="{place(y)}" r="3.5"/>'
        return mark(name + line + dot, f"{self.labels[n]}: {', '.join(self._said(n))}")

    def _said(self, n: int) -> list[str]:
        low, high = said(self.low[n], self.unit), said(self.high[n], self.unit)
        return [said(self.values[n], self.unit), f"{low} to {high}"]

    def head(self) -> list[str]:
        """The labels' name, the estimate and its interval."""
        return [self.over.capitalize(), "Estimate", "Interval"]

    def rows(self) -> list[list[str]]:
        """A row a label."""
        return [[label, *self._said(n)] for n, label in enumerate(self.labels)]
