"""`idgraph graph`: nodes and relationships that fit each other and the tables."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from generation.property_graph import FILES, PROFILE_FILES, write_property_graph
from tests.command_line.terminal import BAD_INPUT, Terminal


@pytest.fixture(scope="module")
def graph(measured_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of 300 households with profiles and edges."""
    folder = tmp_path_factory.mktemp("graph") / "new"
    write_property_graph(measured_dataset, folder)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ids(graph: Path, space: str) -> Counter[str]:
    """Keys of a kind of node, with how often each is there."""
    found: Counter[str] = Counter()
    for path in graph.glob("nodes_*.csv"):
        table = rows(path)
        keys = [name for name in table[0] if name.endswith(f":ID({space})")]
        found.update(row[key] for row in table for key in keys)
    return found


@pytest.mark.parametrize("space", ["Household", "Person", "Device", "Identifier", "Profile"])
def test_no_node_is_there_twice(graph: Path, space: str) -> None:
    assert set(ids(graph, space).values()) == {1}


@pytest.mark.parametrize("name", [name for name in FILES | PROFILE_FILES if name.startswith("relationships")])
def test_relationships_lead_from_node_to_node(graph: Path, name: str) -> None:
    table = rows(graph / name)
    ends = [column for column in table[0] if column.startswith((":START_ID", ":END_ID"))]
    assert len(ends) == 2 and table
    for end in ends:
        nodes = ids(graph, end[end.index("(") + 1 : -1])
        assert [row[end] for row in table if row[end] not in nodes] == []


def test_the_graph_has_what_the_tables_have(graph: Path, measured_dataset: Path) -> None:
    tables = json.loads((measured_dataset / "manifest.json").read_text(encoding="utf-8"))["tables"]
    for name, table in (
        ("nodes_people", "individuals"), ("nodes_devices", "devices"), ("relationships_has_identifier", "identity_mappings"),
        ("nodes_profiles", "canonical_ids"), ("relationships_seen_with", "identity_edges"),
    ):  # fmt: skip
        assert len(rows(graph / f"{name}.csv")) == tables[table]["rows"]


def test_an_identifier_of_a_family_is_one_node_with_several_people(graph: Path) -> None:
    people = Counter(row[":END_ID(Identifier)"] for row in rows(graph / "relationships_has_identifier.csv"))
    assert max(people.values()) > 1 and len(people) == len(rows(graph / "nodes_identifiers.csv"))


def test_the_same_dataset_gives_the_same_files(
    graph: Path, measured_dataset: Path, tmp_path: Path, terminal: Terminal
) -> None:
    assert terminal("graph", "--dataset", str(measured_dataset), "--output", str(tmp_path)).code == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in graph.iterdir()
    }


def test_a_dataset_without_profiles_gives_a_graph_without_them(good_dataset: Path, tmp_path: Path) -> None:
    write_property_graph(good_dataset, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)


def test_a_folder_that_cannot_be_written_is_refused(good_dataset: Path, terminal: Terminal) -> None:
    said = terminal("graph", "--dataset", str(good_dataset), "--output", "/proc/graph")
    assert said.code == BAD_INPUT and "--output /proc/graph" in said.line and "give a folder" in said.line
