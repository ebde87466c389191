"""Charts as inline SVG: a value in, text out. Looks come from classes (chart.css), so a strict content policy and both colour
schemes hold; every chart also says itself as a table.
"""

from generation.spec.charts.canvas import Chart
from generation.spec.charts.intervals import Intervals
from generation.spec.charts.kinds import Bars, HeatMap, Lines, Pyramid, Ranks, Series, Stacks

__all__ = ["Bars", "Chart", "HeatMap", "Intervals", "Lines", "Pyramid", "Ranks", "Series", "Stacks"]
