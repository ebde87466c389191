"""Every figure of a report equals an independent query."""

from __future__ import annotations

from typing import Any

import pytest

from generation.spec.identity import changes_rows
from generation.spec.settings import LEAVES, leaf_at
from tests.verify.report.again import FIGURES, IDENTIFIERS, Tables, knobs

UNMEASURED = {"output.seed", "output.as_of"}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_equals_an_independent_query(name: str, document: dict[str, Any], tables: Tables) -> None:
    (figure,) = [one for one in document["figures"] if one["id"] == name]
    expected = FIGURES[name](tables, figure)
    assert len(figure["series"]) == len(expected)
    for line, values in zip(figure["series"], expected, strict=True):
        assert line["values"] == pytest.approx(values, rel=1e-9, abs=1e-12), line["name"]


def test_there_is_no_other_figure(document: dict[str, Any]) -> None:
    assert {figure["id"] for figure in document["figures"]} == set(FIGURES)


def test_every_actual_value_equals_an_independent_query(document: dict[str, Any], tables: Tables) -> None:
    expected, found = knobs(tables), {knob["setting"]: knob["actual"] for knob in document["knobs"]}
    assert set(found) - UNMEASURED - set(expected) <= {name for name in found if found[name] is None}
    for name, value in expected.items():
        # The one integral has two quadratures.
        close = 2e-3 if name == "engagement.inactive_share" else 1e-6
        wanted = value if value is None or isinstance(value, str) else pytest.approx(float(value), rel=close)
        assert found[name] == wanted, name


def test_every_setting_that_decides_rows_is_in_the_report(document: dict[str, Any]) -> None:
    leaves = {leaf_at(knob["setting"].split(".")) for knob in document["knobs"]}
    rows = {name for name, leaf in LEAVES.items() if changes_rows(leaf.field)} - {"version"}
    assert {leaf.name for leaf in leaves if leaf} == rows


def test_identifiers_by_type_equal_an_independent_count(document: dict[str, Any], tables: Tables) -> None:
    mappings = tables.identity_mappings
    for facts in document["identifiers"]:
        mine = mappings[mappings["identifier_type"] == facts["type"]]
        people = mine.groupby("identifier_value")["individual_id"].nunique()
        assert facts["mappings"] == len(mine)
        assert (facts["people"], facts["values"]) == (mine["individual_id"].nunique(), len(people))
        assert facts["per_person"] == pytest.approx(len(mine) / mine["individual_id"].nunique())
        assert facts["most_per_person"] == mine.groupby("individual_id").size().max()
        assert facts["people_per_value"] == pytest.approx(people.mean())
        assert facts["most_people_per_value"] == people.max()
    assert [facts["type"] for facts in document["identifiers"]] == list(IDENTIFIERS)


def test_the_most_over_linked_values_are_those_of_an_independent_count(
    document: dict[str, Any], tables: Tables
) -> None:
    people = tables.identity_mappings.groupby(["identifier_type", "identifier_value"])["individual_id"].nunique()
    found = [one["people"] for one in document["over_linked"]]
    assert found == people.nlargest(len(found)).tolist()
    for one in document["over_linked"]:
        assert people[one["type"], one["value"]] == one["people"]


def test_rows_and_fingerprints_are_those_of_the_manifest(document: dict[str, Any], tables: Tables) -> None:
    assert {one["name"]: (one["rows"], one["fingerprint"]) for one in document["tables"]} == {
        name: (entry["rows"], entry["fingerprint"]) for name, entry in tables.manifest["tables"].items()
    }


def test_nothing_of_a_good_dataset_is_outside_its_tolerance(document: dict[str, Any]) -> None:
    assert [knob["setting"] for knob in document["knobs"] if knob["outcome"] == "outside"] == []
