"""The diagram of the catalogue: well-formed, complete, and nothing over anything else."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from generation.spec.catalog import TABLES
from generation.spec.er_diagram import BOX, _placed, er_svg, foreign_keys_as_text

SVG = "{http://www.w3.org/2000/svg}"


def drawing() -> ET.Element:
    return ET.fromstring(er_svg(TABLES).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def test_every_table_and_every_foreign_key_is_drawn() -> None:
    names = [text.text for text in drawing().iter(f"{SVG}text") if text.get("class") == "er-name"]
    links = [path for path in drawing().iter(f"{SVG}path") if path.get("class") == "er-link"]
    assert sorted(names) == sorted(table.name for table in TABLES)
    assert len(links) == sum(len(table.foreign_keys) for table in TABLES) == len(foreign_keys_as_text(TABLES))


def test_boxes_lie_apart_and_inside_the_picture() -> None:
    boxes = _placed(TABLES)
    _, _, width, height = (float(part) for part in drawing().attrib["viewBox"].split())
    assert all(box.x + BOX <= width and box.y + box.height <= height for box in boxes)
    pairs = [(a, b) for a in boxes for b in boxes if a is not b and a.x == b.x]
    assert all(a.y + a.height <= b.y or b.y + b.height <= a.y for a, b in pairs)


def test_a_child_stands_right_of_its_parents() -> None:
    place = {box.table.name: box for box in _placed(TABLES)}
    assert all(place[table.name].x > place[key.table].x for table in TABLES for key in table.foreign_keys)


def test_nothing_is_styled_in_place() -> None:
    assert not any("style" in element.attrib for element in drawing().iter())


def test_the_same_catalogue_gives_the_same_picture() -> None:
    assert er_svg(TABLES) == er_svg(TABLES)
