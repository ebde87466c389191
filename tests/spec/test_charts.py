"""Charts, whatever the numbers: well-formed, inside their frame, styled by classes, and equal to their tables."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.spec.charts import Bars, Chart, HeatMap, Lines, Pyramid, Ranks, Series, Stacks
from generation.spec.charts.canvas import LETTER, WIDTH, briefly, round_step, said, top_of

numbers = st.floats(0, 1e9, allow_nan=False) | st.just(0.0) | st.floats(0, 1)
words = st.text(min_size=1, max_size=60)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    count = draw(st.integers(1, 30))
    labels = tuple(draw(st.lists(words, min_size=count, max_size=count)))
    rows = tuple(
        Series(draw(words), tuple(draw(st.lists(numbers, min_size=count, max_size=count))))
        for _ in range(draw(st.integers(1, 6)))
    )
    unit = draw(st.sampled_from(["", "%", "people"]))
    kind = draw(st.sampled_from(["bars", "lines", "pyramid", "ranks", "stacks", "heat"]))
    title = draw(words)
    if kind == "lines":
        x = tuple(float(n + 1) for n in range(count))
        return Lines(title, x, rows, "over", unit, log_x=draw(st.booleans()), log_y=draw(st.booleans()))
    if kind == "pyramid":
        return Pyramid(title, labels, rows[0], rows[-1], "age", unit)
    if kind == "ranks":
        return Ranks(title, labels, rows[0], "names", unit)
    if kind == "stacks":
        return Stacks(title, labels, rows, "names")
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


@settings(max_examples=100, deadline=None)
@given(charts())
def test_words_stay_inside_the_frame(chart: Chart) -> None:
    """By the usual width of a letter, on the side their anchor says."""
    width = float(drawing(chart).attrib["viewBox"].split()[2])
    for element in drawing(chart).iter():
        if element.tag.endswith("text") and element.text:
            at, long = float(element.attrib["x"]), LETTER * len(element.text)
            first = at - {"start": 0, "middle": long / 2, "end": long}[element.attrib["class"].split()[-1]]
            assert first >= -1 and first + long <= width + 1, element.text


def test_long_names_of_series_get_lines_of_their_own_and_the_plot_moves_down() -> None:
    def of(*names: str) -> list[float]:
        root = drawing(Bars("Sizes", ("1",), tuple(Series(name, (0.5,)) for name in names)))
        return [
            float(root.attrib["viewBox"].split()[3]),
            *(float(t.attrib["y"]) for t in root.iter() if t.tag.endswith("text") and t.text in names),
        ]

    assert of("one", "other") == [190, 8.5, 8.5]
    assert of("a dataset with a long name", "another with a longer name yet") == [203, 8.5, 21.5]


def test_lines_without_a_positive_value_have_empty_logarithmic_axes() -> None:
    chart = Lines("Ranks", (1.0, 2.0), (Series("share", (0.0, 0.0)),), "rank", log_x=True, log_y=True)
    assert [element.attrib["class"] for element in drawing(chart).iter() if "line" in element.get("class", "")] == []


def test_parts_of_a_stack_fill_it() -> None:
    chart = Stacks("Mix", ("one", "none"), (Series("a", (1, 0)), Series("b", (3, 0))), "names")
    assert chart.rows() == [["one", "25%", "75%"], ["none", "0%", "0%"]]


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
        (20.5, "%", "2,050%"),
    ],
)
def test_numbers_are_written_as_people_read_them(value: float, unit: str, text: str) -> None:
    assert said(value, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(9_999, "rows", "9,999"), (10_000, "rows", "10k"), (2_500_000, "", "2.5m"), (1e9, "", "1bn"), (0.25, "%", "25%")],
)
def test_axes_write_large_numbers_briefly(value: float, unit: str, text: str) -> None:
    assert briefly(value, unit) == text


@given(st.floats(1e-9, 1e12))
def test_an_axis_is_round_and_holds_its_values(value: float) -> None:
    assert value <= top_of([value]) * (1 + 1e-9) and top_of([value]) <= 2 * value * (1 + 1e-9)
    mantissa = round_step(value) / 10 ** math.floor(math.log10(round_step(value)) + 1e-9)
    assert min(abs(mantissa - step) for step in (1, 2, 2.5, 5, 10)) < 1e-6
