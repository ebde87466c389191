"""A figure's numbers as a chart."""

from __future__ import annotations

from generation.spec.certificate.document import Figure, Line
from generation.spec.charts import Bars, Chart, HeatMap, Intervals, Lines, Pyramid, Ranks, Series


def chart(figure: Figure) -> Chart:
    """The chart of a figure."""
    labels, series = tuple(figure.labels), tuple(_series(line) for line in figure.series)
    title, over, unit = figure.title, figure.over, figure.unit
    if figure.kind == "bars":
        return Bars(title, labels, series, unit, over, tuple(figure.target), "Target")
    if figure.kind == "lines":
        return Lines(title, tuple(figure.x), series, over, unit, log_x=figure.log, log_y=figure.log)
    if figure.kind == "pyramid":
        return Pyramid(title, labels, series[0], series[1], over, unit)
    if figure.kind == "ranks":
        return Ranks(title, labels, series[0], over, unit)
    if figure.kind == "heat":
        return HeatMap(title, labels, series, over, unit)
    value, low, high = (one.values for one in series)
    return Intervals(title, labels, value, low, high, over, unit)


def _series(line: Line) -> Series:
    return Series(line.name, tuple(line.values))
