"""Every problem of plain values is found, and none that only another problem made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.spec.config import DEFAULT_TYPE_SHARES, Config
from generation.spec.diagnosis import every_problem, settings_of
from generation.spec.nested import with_value
from generation.spec.problems import InvalidConfig, Problem, validated
from generation.spec.settings import LEAVES, NAMES_IN_LISTS, leaf_at
from tests.spec.any_config import CONFIGS


def pointers(values: Any, *doubtful: str) -> list[str]:
    return [problem.pointer for problem in every_problem(values, doubtful)]


@given(CONFIGS)
@settings(deadline=None)
def test_a_configuration_has_no_problem(config: Config) -> None:
    assert every_problem(config.model_dump(mode="json")) == []


ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
CHANGES = st.dictionaries(st.sampled_from(list(LEAVES)), ODD | st.dictionaries(st.text(), ODD), max_size=6)


@given(CHANGES)
def test_values_have_a_problem_exactly_if_they_are_no_configuration(changes: dict[str, Any]) -> None:
    values: dict[str, Any] = {}
    for name, value in changes.items():
        values = with_value(values, tuple(name.split(".")), value)
    found = every_problem(values)
    try:
        validated(values)
    except InvalidConfig as error:
        # Names that are not known are told one by one, in place of the rule that refuses them together.
        assert found and {p.pointer for p in error.problems if p.code != "contradiction"} <= {p.pointer for p in found}
    else:
        assert found == []


@given(CHANGES)
def test_looking_for_problems_leaves_the_values_alone(changes: dict[str, Any]) -> None:
    before = repr(changes)
    every_problem(changes)
    assert repr(changes) == before


@pytest.mark.parametrize("values", [None, 5, [], "text", {5: 1}, {"households": []}], ids=str)
def test_what_has_no_sections_is_one_problem(values: Any) -> None:
    assert len(every_problem(values)) == 1


def test_a_wrong_value_hides_no_rule_between_others() -> None:
    assert pointers({"households": {"count": 0}, "engagement": {"history_days": 20}}) == ["/households/count", ""]


def test_rules_of_one_section_do_not_hide_each_other() -> None:
    values = {"households": {"type_shares": {**DEFAULT_TYPE_SHARES, "roommates": 0.5}, "states": ["CA", "CA"]}}
    assert pointers(values) == ["/households/states/1", "/households"]
    assert pointers({"campaigns": {"mean_frequency": 30, "measurement": {"lift": 20, "conversion_rate": 0.5}}}) == [
        "/campaigns/measurement",
        "/campaigns",
    ]


def test_a_rule_on_a_doubtful_value_is_not_held_against_the_rest() -> None:
    assert pointers({"engagement": {"history_days": 20}}) == [""]
    assert pointers({"engagement": {"history_days": 20}}, "/campaigns/flight_days") == []
    assert pointers({"engagement": {"history_days": 20}}, "/campaigns") == []
    assert pointers({"engagement": {"history_days": 20}}, "/campaign") == [""]


def test_a_misspelt_share_is_counted_for_the_name_that_was_meant() -> None:
    shares = {key.replace("roommates", "roommate"): value for key, value in DEFAULT_TYPE_SHARES.items()}
    assert pointers({"households": {"type_shares": shares}}) == ["/households/type_shares/roommate"]


def test_a_second_spelling_does_not_replace_the_right_one() -> None:
    values = {"campaigns": {"click_rates": {"email": 0.5, "emial": 2}}}
    assert pointers(values) == ["/campaigns/click_rates/emial"]


def test_shares_with_a_name_that_means_nothing_are_not_added_up() -> None:
    shares = {key.replace("roommates", "zzz"): value for key, value in DEFAULT_TYPE_SHARES.items()}
    assert pointers({"households": {"type_shares": shares}}) == ["/households/type_shares/zzz"]


def test_items_after_a_wrong_name_keep_their_numbers() -> None:
    assert pointers({"households": {"states": ["XX", "CA", 5]}}) == ["/households/states/0", "/households/states/2"]


def test_a_list_with_nothing_right_is_not_called_empty() -> None:
    assert pointers({"campaigns": {"channels": ["fax"]}}) == ["/campaigns/channels/0"]
    assert pointers({"campaigns": {"channels": []}}) == ["/campaigns/channels"]


def test_a_rule_is_about_the_settings_its_sentence_names() -> None:
    problem = Problem("/campaigns", "contradiction", "mean_frequency 9 is over 0.45 * frequency_cap 2")
    assert settings_of(problem) == {"/campaigns/mean_frequency", "/campaigns/frequency_cap"}


def test_a_problem_within_a_setting_is_about_that_setting() -> None:
    assert settings_of(Problem("/campaigns/click_rates/email", "less_than", "")) == {"/campaigns/click_rates"}
    assert settings_of(Problem("/campaigns/typo", "unknown_setting", "")) == {"/campaigns/typo"}


def test_every_list_of_names_has_its_closed_set() -> None:
    texts = {name for name, leaf in LEAVES.items() if leaf.field.annotation == tuple[str, ...]}
    assert texts | {"households.state_shares"} == set(NAMES_IN_LISTS)


def test_a_setting_is_found_by_any_path_into_it() -> None:
    assert leaf_at(["households", "type_shares", "x"]) is LEAVES["households.type_shares"]
    assert leaf_at(["households"]) is leaf_at(["households", "x"]) is leaf_at([]) is None
