"""The diagram of the catalogue: well-formed, complete, and no line over any table."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from generation.spec.catalog import TABLES
from generation.spec.er_diagram import BOX, Layout, er_svg, foreign_keys_as_text
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT

SVG = "{http://www.w3.org/2000/svg}"


def table(name: str, *parents: str) -> Table:
    keys = tuple(ForeignKey(f"{parent}_id", parent, f"{parent}_id") for parent in parents)
    columns = (Column(f"{name}_key", BIGINT, "Key."), *(Column(key.column, BIGINT, "Parent.") for key in keys))
    return Table(name, f"Made up <{name}>.", columns, f"{name}_key", keys)


CATALOGUES = {
    "ours": TABLES,
    "one table": (table("alone"),),
    "a table that refers to itself": (table("person", "person"), table("pet", "person")),
    "children far below": (table("a"), table("b", "a"), table("c", "b"), table("d", "c", "b", "a"), table("e", "a")),
}


@pytest.fixture(params=CATALOGUES.values(), ids=CATALOGUES.keys())
def tables(request: pytest.FixtureRequest) -> tuple[Table, ...]:
    found: tuple[Table, ...] = request.param
    return found


def drawing(tables: tuple[Table, ...]) -> ET.Element:
    return ET.fromstring(er_svg(tables).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def of_class(drawn: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in drawn.iter() if name in element.get("class", "").split()]


def test_every_table_and_every_foreign_key_is_drawn(tables: tuple[Table, ...]) -> None:
    drawn = drawing(tables)
    assert sorted(text.text or "" for text in of_class(drawn, "er-name")) == sorted(table.name for table in tables)
    assert (
        len(of_class(drawn, "er-link")) == sum(len(t.foreign_keys) for t in tables) == len(foreign_keys_as_text(tables))
    )


def test_boxes_lie_apart_and_inside_the_picture(tables: tuple[Table, ...]) -> None:
    layout = Layout(tables)
    boxes = list(layout.boxes.values())
    assert all(box.x > 0 and box.x + BOX < layout.width and box.y + box.height < layout.height for box in boxes)
    for n, one in enumerate(boxes):
        for other in boxes[n + 1 :]:
            beside = one.x + BOX <= other.x or other.x + BOX <= one.x
            assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_no_line_runs_over_a_table(tables: tuple[Table, ...]) -> None:
    layout = Layout(tables)
    for link in layout.links:
        for (x0, y0), (x1, y1) in pairwise(layout.line(*link).corners):
            for box in layout.boxes.values():
                across = min(x0, x1) < box.x + BOX and max(x0, x1) > box.x
                down = min(y0, y1) < box.y + box.height and max(y0, y1) > box.y
                assert not (across and down), (link[0].name, link[1].column, box.table.name)


def test_lines_of_different_parents_never_lie_on_each_other(tables: tuple[Table, ...]) -> None:
    layout = Layout(tables)
    upright: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for link in layout.links:
        for (x0, y0), (x1, y1) in pairwise(layout.line(*link).corners):
            if x0 == x1:
                upright.setdefault((x0, link[1].table), []).append((min(y0, y1), max(y0, y1)))
    for (x, parent), pieces in upright.items():
        for (other_x, other), others in upright.items():
            if parent < other and abs(x - other_x) < 5:
                assert all(b <= c or d <= a for a, b in pieces for c, d in others), (parent, other)


def test_a_child_stands_below_its_parents() -> None:
    layer = Layout(TABLES).layer
    assert all(layer[table.name] > layer[key.table] for table in TABLES for key in table.foreign_keys)


def test_a_key_that_may_be_null_has_a_ring_and_says_so() -> None:
    optional = [key for table in TABLES for key in table.foreign_keys if table.column(key.column).nullable]
    assert len(of_class(drawing(TABLES), "er-ring")) == len(optional) > 0
    assert sum("or is null" in text for text in foreign_keys_as_text(TABLES)) == len(optional)


def test_nothing_is_styled_in_place(tables: tuple[Table, ...]) -> None:
    assert not any("style" in element.attrib or element.tag == f"{SVG}style" for element in drawing(tables).iter())


def test_it_is_named_and_described_and_comments_are_escaped() -> None:
    drawn = drawing((table("alone"),))
    ids = {element.get("id") for element in drawn.iter()}
    assert set(drawn.attrib["aria-labelledby"].split()) <= ids
    assert "Made up <alone>." in [title.text for title in drawn.iter(f"{SVG}title")]


def test_the_same_catalogue_gives_the_same_picture() -> None:
    assert er_svg(TABLES) == er_svg(tuple(dataclasses.replace(table) for table in TABLES))
