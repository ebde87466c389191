from __future__ import annotations

import re

import pytest

from generation.spec.catalog import TABLES
from generation.spec.config import Config
from generation.spec.docs import config_reference, data_dictionary, er_diagram
from generation.spec.segments import SEGMENTS
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, STRING, Array, Field, Struct
from generation.spec.values import Section

TREE = Table(
    name="trees",
    comment="Trees; one row a tree.",
    columns=(
        Column("tree_id", BIGINT, "Key."),
        Column("parent_id", BIGINT, "Its <seed> tree.", nullable=True),
        Column("kind", STRING, "Kind: a|b.", values=("oak", "elm")),
        Column("place", Struct((Field("row", Array(STRING), "Row in the wood."),)), "Where."),
    ),
    primary_key="tree_id",
    foreign_keys=(ForeignKey("parent_id", "trees", "tree_id"),),
    home="truth",
    growth="recomputed",
)


def rows(page: str) -> dict[str, list[str]]:
    """The cells of every grid row that starts with code, by that code."""
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in page.splitlines() if line.startswith("| `")]
    return {cells[0].strip().strip("`"): [cell.strip() for cell in cells[1:]] for cells in lines}


def leaf_paths(section: type[Section], path: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in section.model_fields.items():
        kind = field.annotation
        nested = isinstance(kind, type) and issubclass(kind, Section)
        found |= leaf_paths(kind, f"{path}{name}.") if nested else {path + name}
    return found


def test_a_column_shows_type_null_key_and_meaning() -> None:
    shown = rows(data_dictionary([TREE]))
    assert shown["tree_id"] == ["`BIGINT`", "no", "PK", "Key."]
    assert shown["parent_id"] == ["`BIGINT`", "yes", "FK [trees](#trees).`tree_id`", "Its &lt;seed> tree."]


def test_a_pipe_in_a_comment_does_not_start_another_column() -> None:
    assert rows(data_dictionary([TREE]))["kind"][-1] == r"Kind: a\|b."


def test_a_struct_shows_its_fields() -> None:
    assert rows(data_dictionary([TREE]))["place.row"] == ["`ARRAY<STRING>`", "Row in the wood."]


def test_a_table_shows_home_growth_and_closed_sets() -> None:
    page = data_dictionary([TREE])
    assert "Home: truth" in page
    assert "Growth: recomputed" in page
    assert "Values of `kind`: `oak`, `elm`" in page


def test_the_dictionary_has_every_column_of_the_catalogue() -> None:
    shown = rows(data_dictionary(TABLES))
    assert {column.name for table in TABLES for column in table.columns} <= set(shown)


def test_segments_stand_in_priority_with_their_default_thresholds() -> None:
    page = data_dictionary(TABLES)
    listed = re.findall(r"^\| \d+ \| `(\w+)` \|", page, flags=re.MULTILINE)
    assert listed == [segment.name for segment in SEGMENTS]
    assert "viewership frequency >= `heavy_frequency` (20)" in page


def test_an_optional_foreign_key_is_drawn_as_zero_or_one() -> None:
    assert "    trees |o--o{ trees : parent_id\n" in er_diagram([TREE])


def test_the_diagram_marks_keys_and_uses_one_word_types() -> None:
    assert "        BIGINT tree_id PK\n        BIGINT parent_id FK\n        STRING kind\n        STRUCT place\n" in (
        er_diagram([TREE])
    )


def test_the_diagram_draws_no_link_to_a_table_it_leaves_out() -> None:
    individuals = next(table for table in TABLES if table.name == "individuals")
    assert "households" not in er_diagram([individuals])


def test_every_line_of_the_diagram_is_mermaid() -> None:
    line = re.compile(
        r"erDiagram|    (\w+ (\|o|\|\|)--(o\{|o\|) \w+ : \w+|\w+ \{|\})|        [A-Z]+ \w+( (PK|FK|PK, FK))?"
    )
    strange = [text for text in er_diagram(TABLES).splitlines() if not line.fullmatch(text)]
    assert strange == []


def test_the_reference_has_every_field_of_the_configuration_once() -> None:
    fields = re.compile(r"^\| `([\w.]+)` \|.*\| (?:yes|no|) \|", flags=re.MULTILINE)
    listed = fields.findall(config_reference())
    assert sorted(listed) == sorted(leaf_paths(Config))


@pytest.mark.parametrize(
    ("path", "cells"),
    [
        ("households.count", ["`10000`", "≥ 1, ≤ 1,000,000,000", "households", "yes"]),
        ("engagement.audiences.affinity", ["`0.4`", "≥ 0, ≤ 1", "share", "yes"]),
        ("households.type_shares", ["listed below", "≥ 0, ≤ 1", "share", "yes"]),
        ("output.as_of", ["`2026-01-01`", "≥ 2000-01-01, ≤ 2100-01-01", "", "yes"]),
        ("output.mode", ['`"create"`', "one of `create`, `regenerate`, `append`", "", "no"]),
        ("output.path", ["empty", "", "", "no"]),
    ],
)
def test_a_setting_shows_default_bounds_unit_and_effect(path: str, cells: list[str]) -> None:
    assert rows(config_reference())[path][:4] == cells


def test_the_values_of_a_default_mapping_are_listed() -> None:
    assert rows(config_reference())["married_couple"] == ["`0.21239`"]
