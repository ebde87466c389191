"""Charts, whatever the numbers: well-formed, inside their frame, styled by classes, and equal to their tables."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.spec.charts import Bars, Chart, HeatMap, Lines, Pyramid, Ranks, Series
from generation.spec.charts.canvas import WIDTH, round_step, said, top_of

numbers = st.floats(0, 1e9, allow_nan=False) | st.just(0.0) | st.floats(0, 1)
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    count = draw(st.integers(1, 30))
    labels = tuple(draw(st.lists(words, min_size=count, max_size=count)))
    rows = tuple(
        Series(draw(words), tuple(draw(st.lists(numbers, min_size=count, max_size=count))))
        for _ in range(draw(st.integers(1, 3)))
    )
    unit = draw(st.sampled_from(["", "%", "people"]))
    kind = draw(st.sampled_from(["bars", "lines", "pyramid", "ranks", "heat"]))
    title = draw(words)
    if kind == "lines":
        x = tuple(float(n + 1) for n in range(count))
        return Lines(title, x, rows, "over", unit, log_x=draw(st.booleans()), log_y=draw(st.booleans()))
    if kind == "pyramid":
        return Pyramid(title, labels, rows[0], rows[-1], "age", unit)
    if kind == "ranks":
        return Ranks(title, labels, rows[0], "names", unit)
    if kind == "heat":
        return HeatMap(title, labels, rows, "hour", unit)
    return Bars(title, labels, rows, unit, "over", rows[0].values if draw(st.booleans()) else ())


def drawing(chart: Chart) -> ET.Element:
    return ET.fromstring(chart.svg().replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@settings(max_examples=150, deadline=None)
@given(charts())
def test_every_chart_is_well_formed_and_stays_inside_its_frame(chart: Chart) -> None:
    _, _, width, height = (float(part) for part in drawing(chart).attrib["viewBox"].split())
    assert width == WIDTH
    for element in drawing(chart).iter():
        if element.tag.endswith("rect"):
            x, y, w, h = (float(element.attrib[name]) for name in ("x", "y", "width", "height"))
            assert x >= -0.1 and x + w <= width + 0.1 and y >= -0.1 and y + h <= height + 0.1 and w >= 0 and h >= 0
        if element.tag.endswith("path"):
            assert all(
                -0.1 <= float(n) <= max(width, height) + 0.1 for n in re.findall(r"-?\d+\.?\d*", element.attrib["d"])
            )


@settings(max_examples=100, deadline=None)
@given(charts())
def test_no_chart_styles_in_place_or_writes_a_number_that_is_none(chart: Chart) -> None:
    text = chart.svg()
    assert "style=" not in text and "<style" not in text and "<script" not in text
    assert not re.search(r'="[^"]*\b(nan|inf)\b[^"]*"', text)


@settings(max_examples=100, deadline=None)
@given(charts())
def test_the_table_has_a_cell_for_every_heading(chart: Chart) -> None:
    assert all(len(row) == len(chart.head()) for row in chart.rows())


def test_the_title_and_a_summary_are_read_out() -> None:
    chart = Bars("Sizes", ("1", "2"), (Series("Households", (0.3, 0.7)),), "%", "people")
    root = drawing(chart)
    ids = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert [ids[name] for name in root.attrib["aria-labelledby"].split()] == [
        "Sizes",
        "Bars over people; the highest is 2 with 70%.",
    ]


def test_two_charts_share_no_id() -> None:
    one = Bars("Sizes", ("1",), (Series("a", (0.3,)),))
    other = Bars("Sizes", ("1",), (Series("a", (0.4,)),))
    assert not set(re.findall(r'id="([^"]*)"', one.svg())) & set(re.findall(r'id="([^"]*)"', other.svg()))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1_234_567, "", "1,234,567"),
        (0.0725, "%", "7.25%"),
        (3.5, "people", "3.5 people"),
        (math.inf, "", "–"),
        (0, "%", "0%"),
    ],
)
def test_numbers_are_written_as_people_read_them(value: float, unit: str, text: str) -> None:
    assert said(value, unit) == text


@given(st.floats(1e-9, 1e12))
def test_an_axis_is_round_and_holds_its_values(value: float) -> None:
    assert value <= top_of([value]) * (1 + 1e-9) and top_of([value]) <= 2 * value * (1 + 1e-9)
    mantissa = round_step(value) / 10 ** math.floor(math.log10(round_step(value)) + 1e-9)
    assert min(abs(mantissa - step) for step in (1, 2, 2.5, 5, 10)) < 1e-6
