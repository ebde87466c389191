"""An import tells everything that is wrong with a file at once, each with its line and column, and what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.spec.config import Config
from generation.spec.files import imported, load, read_values
from generation.spec.identity import config_hash
from generation.spec.problems import InvalidConfig, Problem

FILES = Path(__file__).parent / "files"
HASH_OF_VERSION_1 = "b24244c3d75749465a179362b2463ff7e11550c56f1defabc7743b4bdc62aaf4"


def problems(text: str, name: str = "my.yaml") -> list[Problem]:
    with pytest.raises(InvalidConfig) as caught:
        imported(text, name)
    return caught.value.problems


def told(text: str, name: str = "my.yaml") -> list[str]:
    """Place, pointer and code of every problem."""
    return [f"{p.line}:{p.column} {p.pointer} {p.code}" for p in problems(text, name)]


EVERYTHING_WRONG = """\
version: 1
households:
  count: 2e9
  cuont: 5
  type_shares: {maried_couple: .5, single_person: 0.5}
  states: [ca, XX, NY, NY]
  count: 6
engagement:
    history_days: 20
    inactive_share: 1.5
campaigns:
  seed: 5
  flight_days: 28
  mean_frequency: 30
  channels: [email, fax]
  click_rates:
    emial: .1
    search: .nan
  attribution: {model: linaer}
  measurement:
output: &out
  name: 2026-01-01
  as_of: 2026-02-30
  path: !!str 5
  mode: *out
colour: red
"""


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_text() -> None:
    assert told(EVERYTHING_WRONG) == [
        "3:10 /households/count less_than_equal",
        "4:3 /households/cuont unknown_setting",
        "5:16 /households contradiction",
        "5:17 /households/type_shares/maried_couple unknown_name",
        "6:12 /households/states/0 unknown_name",
        "6:16 /households/states/1 unknown_name",
        "6:24 /households/states/3 repeated",
        "7:3 /households/count repeated",
        "9:19  contradiction",
        "10:21 /engagement/inactive_share less_than_equal",
        "12:3 /campaigns/seed unknown_setting",
        "14:19 /campaigns contradiction",
        "15:21 /campaigns/channels/1 unknown_name",
        "17:5 /campaigns/click_rates/emial unknown_name",
        "18:13 /campaigns/click_rates/search finite_number",
        "19:24 /campaigns/attribution/model literal_error",
        "21:1 /output alias",
        "22:9 /output/name string_type",
        "23:10 /output/as_of unreadable",
        "24:9 /output/path tag",
        "26:1 /colour unknown_setting",
    ]


def test_the_same_is_told_of_json() -> None:
    text = '{"households": {"cuont": 5,\n "states": ["CA", "CX", "ny"]},\n "output": {"seed": -1, "seed": 5}}'
    assert told(text, "my.json") == [
        "1:17 /households/cuont unknown_setting",
        "2:19 /households/states/1 unknown_name",
        "2:25 /households/states/2 unknown_name",
        "3:21 /output/seed greater_than_equal",
        "3:25 /output/seed repeated",
    ]


MEANT = [
    ("housholds: {}", "housholds is not a setting; did you mean households?"),
    ("demographics: {identity: {ios: 1}}", "did you mean ios_share?"),
    ("households: {type_shares: {Roommate: 1}}", "Roommate is not known; did you mean roommates?"),
    ("demographics: {identity: {coverage: {hashed-email: 1}}}", "did you mean hashed_email?"),
    ("campaigns: {click_rates: {video: 1}}", "did you mean online_video?"),
    ("campaigns: {channels: [emal]}", "campaigns.channels.0 'emal' is not known; did you mean email?"),
    ("households: {states: [ny]}", "households.states.0 'ny' is not known; did you mean NY?"),
    ("campaigns: {channels: [fax]}", "'fax' is not known; there are display, social, online_video"),
    ("output: {mode: appnd}", "did you mean append?"),
    ("count: 5\nhouseholds: {seed: 5}", "households.seed is not a setting; did you mean output.seed?"),
]


@pytest.mark.parametrize(("text", "says"), MEANT, ids=[text for text, _ in MEANT])
def test_a_name_that_is_nearly_right_is_recognised(text: str, says: str) -> None:
    assert says in "\n".join(problem.message for problem in problems(text))


def test_every_contradiction_of_a_section_is_told() -> None:
    text = """campaigns: {mean_frequency: 30}
demographics: {wife_takes_surname: 0.9, wife_hyphenates: 0.2,
 identity: {emails_per_adult: [1]}}"""
    assert told(text) == [
        "1:29 /campaigns contradiction",
        "2:36 /demographics contradiction",
        "3:31 /demographics/identity contradiction",
    ]


def test_a_rule_is_not_broken_by_a_value_that_is_itself_refused() -> None:
    assert told("engagement: {history_days: -5}\ncampaigns: {flight_days: 200}") == [
        "1:28 /engagement/history_days greater_than_equal"
    ]
    assert told("engagement: {history_days: 2026-02-30}\ncampaigns: {flight_days: 200}") == [
        "1:28 /engagement/history_days unreadable"
    ]


def test_a_misspelt_name_with_a_wrong_value_is_told_of_both() -> None:
    assert told("campaigns: {click_rates: {emial: 2}}") == [
        "1:27 /campaigns/click_rates/emial unknown_name",
        "1:34 /campaigns/click_rates/emial less_than_equal",
    ]


def test_text_that_reads_as_something_else_is_to_be_quoted() -> None:
    (problem,) = problems("output: {name: 5}")
    assert problem.message == "output.name must be text, got 5; put it in quotes"


def test_a_problem_is_shown_with_its_place() -> None:
    with pytest.raises(InvalidConfig, match=r"^line 1, column 21: households\.count must be at least 1, got 0$"):
        load("households: {count: 0}", "my.yaml")


def test_values_that_are_merged_elsewhere_tell_the_place_in_the_sentence() -> None:
    with pytest.raises(InvalidConfig, match=r"keep one of them \(line 2, column 1\)$"):
        read_values("households: {}\nhouseholds: {}", "my.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "households: {}",
        "households:\n",
        "campaigns:\n  measurement:\n  # lift: 0.3\n",
        '{"output": null}',
        "version: 1",
    ],
)
def test_sections_that_are_missing_or_empty_have_their_defaults(text: str) -> None:
    assert imported(text, "my").config == Config()


def test_the_values_of_an_import_are_those_of_the_file() -> None:
    done = imported("households: {count: 5}", "my.yaml")
    assert (done.values, done.notes) == ({"households": {"count": 5}, "version": 1}, ())


@pytest.mark.parametrize(
    ("text", "says"),
    [("version: 2\nhouseholds: {count: 0}", "version must be 1, got 2; a newer release wrote this file"),
     ("colour: 1\nversion: 0", "version must be 1, got 0"), ("version: one", "got 'one'"), ("version: 1.0", "got 1.0"),
     ("version: true", "got True")],
)  # fmt: skip
def test_a_file_of_an_unknown_version_is_refused_for_that_alone(text: str, says: str) -> None:
    (problem,) = problems(text)
    assert says in problem.message
    assert problem.line == 1 + text.partition("version")[0].count("\n")


def test_line_ends_and_byte_order_mark_change_nothing() -> None:
    assert told("\ufeff" + EVERYTHING_WRONG.replace("\n", "\r\n")) == told(EVERYTHING_WRONG)


@pytest.mark.parametrize("text", ["a: \0", '{"a": \0}', '{"a": "\0"}'])
def test_a_nul_is_refused(text: str) -> None:
    assert [problem.code for problem in problems(text)] == ["unreadable"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 300, "9" * 5000])
def test_a_number_that_is_none_is_refused_by_name(number: str) -> None:
    (problem,) = problems(f'{{"households": {{"people_per_household": {number}}}}}', "my.json")
    assert problem.pointer == "/households/people_per_household"
    assert len(problem.message) < 200


def test_a_file_of_version_1_is_read_for_ever() -> None:
    text = (FILES / "version_1.yaml").read_text(encoding="utf-8")
    assert config_hash(imported(text, "version_1.yaml").config) == HASH_OF_VERSION_1


def test_a_very_wrong_file_is_refused_within_seconds() -> None:
    names = {f"hashed_emale_{number}": 2 for number in range(9_000)}
    text = json.dumps({"demographics": {"identity": {"coverage": names}}})
    assert sum(problem.code == "unknown_name" for problem in problems(text, "my.json")) == 9_000


WORDS = st.sampled_from([*EVERYTHING_WRONG.split(), "null", "0.5", "[", "]", "{", "}", "&a", "*a", "-", "\n", "\n  "])


@given(st.lists(WORDS).map(" ".join) | st.text(), st.sampled_from(["my.yaml", "my.json"]))
def test_any_file_is_imported_or_refused_with_places(text: str, name: str) -> None:
    try:
        assert isinstance(imported(text, name).config, Config)
    except InvalidConfig as error:
        assert all(problem.line and problem.column for problem in error.problems)
        assert error.problems == sorted(error.problems, key=lambda problem: (problem.line, problem.column))
