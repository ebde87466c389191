"""YAML and JSON texts: what they mean, where it stands, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generation.spec.places import DEEPEST, MOST_VALUES
from generation.spec.problems import InvalidConfig, Problem
from generation.spec.reading import Reading, read, read_yaml


def refusals(text: str, name: str = "my.yaml") -> list[Problem]:
    """The problems of a text, whether it could be read to its end or not."""
    try:
        return list(read(text, name).problems)
    except InvalidConfig as error:
        return error.problems


def place(reading: Reading, pointer: str) -> tuple[int, int]:
    line, column = reading.place(pointer)
    return line, column


TEXT = st.text(st.characters(codec="utf-8"))
IN_LINE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")))
"""Without line ends, which PyYAML writes so that it reads spaces for them."""


def mappings(texts: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Plain values as both formats have them."""
    plain = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=12,
    )
    return st.dictionaries(texts, plain, max_size=4)


@given(mappings(TEXT), st.sampled_from([None, 2, "\t"]), st.booleans())
def test_json_means_what_the_standard_library_reads(values: dict[str, Any], indent: Any, ascii_only: bool) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    assert read(text, "my.json").values == values


@given(st.text(alphabet='{}[],:"\\ \n\t0123456789.eE+-truefalsnNIiy'))
def test_what_is_read_as_json_is_what_the_standard_library_reads(text: str) -> None:
    try:
        ours = read("{" + text, "my.json")
    except InvalidConfig:
        with pytest.raises(ValueError):
            json.loads("{" + text)
    else:
        assert ours.problems or repr(ours.values) == repr(json.loads("{" + text))


@given(mappings(IN_LINE))
def test_yaml_means_what_it_was_written_from(values: dict[str, Any]) -> None:
    text = yaml.safe_dump({"values": values}, allow_unicode=True, width=10**6)
    if not _has_exponent(values):
        assert read(text, "my.yaml").values == {"values": values}


def _has_exponent(values: Any) -> bool:
    """Text like 1e5 that PyYAML leaves without quotes, and we read as a number."""
    if isinstance(values, dict):
        return any(map(_has_exponent, [*values.keys(), *values.values()]))
    if isinstance(values, list):
        return any(map(_has_exponent, values))
    return isinstance(values, str) and "e" in values.casefold() and any(map(str.isdigit, values))


MEANT = {
    "5": 5, "-5": -5, "+5": 5, "1_000": 1000, "1.5": 1.5, ".5": 0.5, "5.": 5.0, "1e5": 1e5, "1e-05": 1e-05,
    "1.0E+3": 1000.0, ".inf": math.inf, "-.inf": -math.inf, "true": True, "False": False, "~": None, "null": None,
    "": None, "2026-01-01": dt.date(2026, 1, 1), "'5'": "5", '"5"': "5", "010": "010", "0x1F": "0x1F", "1:30": "1:30",
    "on": "on", "No": "No", "=": "=", "CA": "CA", "2026-01-01 10:00:00": "2026-01-01 10:00:00", "1,000": "1,000",
}  # fmt: skip


@pytest.mark.parametrize("text", MEANT)
def test_an_unquoted_yaml_scalar_means_what_it_looks_like(text: str) -> None:
    value = read_yaml(f"key: {text}", "my.yaml").values["key"]
    assert (value, type(value)) == (MEANT[text], type(MEANT[text]))


def test_a_name_is_its_text() -> None:
    assert read("5: 1\non: 2\n2026-01-01: 3\n", "my.yaml").values == {"5": 1, "on": 2, "2026-01-01": 3}


YAML = """\
version: 1
households:
  count: 5
  states: [CA, NY]
campaigns:
  channels:
    - email
    - ctv
  'reach':   0.5
"""
JSON = """{"version": 1,\r
  "households": {\r
\t"count": 5, "states": ["CA",\r
 "NY"]}}"""


@pytest.mark.parametrize(
    ("pointer", "where"),
    [("/version", (1, 10)), ("/households", (2, 1)), ("/households/count", (3, 10)), ("/households/states/1", (4, 16)),
     ("/campaigns/channels/1", (8, 7)), ("/campaigns/reach", (9, 14)), ("/campaigns/nothing/5", (5, 1)), ("/x", (1, 1))],
)  # fmt: skip
def test_a_yaml_value_has_its_line_and_column(pointer: str, where: tuple[int, int]) -> None:
    assert place(read(YAML, "my.yaml"), pointer) == where


@pytest.mark.parametrize("change", ["\ufeff{}", "{}"], ids=["BOM", "plain"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
def test_places_do_not_depend_on_line_ends_and_byte_order_mark(change: str, end: str) -> None:
    assert read(change.format(YAML).replace("\n", end), "my.yaml").places == read(YAML, "my.yaml").places
    assert read(change.format(JSON), "my.json").places == read(JSON, "my.json").places


@pytest.mark.parametrize(
    ("pointer", "where"),
    [("/version", (1, 13)), ("/households", (2, 17)), ("/households/count", (3, 11)), ("/households/states/1", (4, 2))],
)
def test_a_json_value_has_its_line_and_column(pointer: str, where: tuple[int, int]) -> None:
    assert place(read(JSON, "my.json"), pointer) == where
    assert read(JSON, "my.json").name_place("/households/count") == (3, 2)


REFUSED = [
    ("a: 1\nb: 2\na: 3", (3, 1), "a stands twice, first in line 1; keep one"),
    ('{"a": 1,\n "a": 2}', (2, 2), "a stands twice, first in line 1; keep one"),
    ("a: {b: 1, 'b': 2}", (1, 11), "a.b stands twice"),
    ("a: &x 5\nb: *x", (1, 4), "anchor &x and its aliases are not read"),
    ("a: *x", (1, 4), "alias *x is not read"),
    ("a: !!str 5", (1, 4), "tag '!!str' is not read"),
    ("a: !x {}", (1, 4), "tag '!x' is not read"),
    ("<<: {a: 1}", (1, 1), "merge key << is not read"),
    ("a: 2026-02-30", (1, 4), "a: there is no day 2026-02-30; write one like 2026-01-01"),
    ("a: " + "9" * 5000, (1, 4), "a number of 5,000 characters is too long"),
    ('{"a": ' + "9" * 5000 + "}", (1, 7), "a number of 5,000 characters is too long"),
    ('{"a": "\\ud800"}', (1, 7), "a holds half a character"),
    ('a: "\\ud800"', (1, 4), "a holds half a character"),
    ("[a]: 1", (1, 1), "a name must be text"),
    ("a: [", (1, 5), "this is not YAML: "),
    ("a: 1\n\tb: 2", (2, 1), "indent with spaces, not with tabs"),
    ("a: \0", (1, 4), "character U+0000 is not allowed in YAML"),
    ("---\na: 1\n---\nb: 2", (3, 1), "a second document starts here"),
    ('{"a" 1}', (1, 6), "this is not JSON: : must stand here"),
    ('{"a": 1 "b": 2}', (1, 9), ", or } must stand here"),
    ('{"a": [1 2]}', (1, 10), ", or ] must stand here"),
    ('{"a": "\n"}', (1, 8), "Invalid control character"),
    ('{"a": \0}', (1, 7), "a value must stand here"),
    ('{"a": 1}\n x', (2, 2), "there is more after the end"),
    ('{"a": 1,}', (1, 9), "a name in double quotes must stand here"),
    ('{"a": 01}', (1, 8), ", or } must stand here"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "where", "says"), REFUSED, ids=[says[:24] + text[:8] for text, _, says in REFUSED])
def test_what_is_not_read_is_refused_once_at_its_place(text: str, where: tuple[int, int], says: str) -> None:
    name = "my.json" if text.startswith("{") else "my.yaml"
    (problem,) = refusals(text, name)
    assert says in problem.message
    assert (problem.line, problem.column) == where
    assert problem.message.startswith(f"{name}: ")


def test_reading_goes_on_after_what_is_refused() -> None:
    reading = read("a: *x\nb: 1\nb: 2\nc: [1, !t 2]\nd: 2026-13-01\ne: 5", "my.yaml")
    assert [problem.line for problem in reading.problems] == [1, 3, 4, 5]
    assert reading.values == {"b": 1, "e": 5}


def test_what_was_refused_before_an_end_is_told_with_it() -> None:
    assert [problem.line for problem in refusals("a: 1\na: 2\nb: [")] == [2, 3]
    assert [problem.line for problem in refusals('{"a": 1,\n"a": 2,\n"b": [', "my.json")] == [2, 3]


def test_braces_are_yaml_where_they_are_not_json() -> None:
    assert read("{a: 1, # one\n b: [x,],}", "pasted text").values == {"a": 1, "b": ["x"]}


@pytest.mark.parametrize(
    ("name", "format"), [("my.yaml", "YAML"), ("my.YML", "YAML"), ("my.json", "JSON"), ("it", "JSON")]
)
def test_broken_braces_are_refused_as_the_format_of_the_name(name: str, format: str) -> None:
    (problem,) = refusals('{"a": {"b": 1}', name)
    assert f"not {format}" in problem.message


@pytest.mark.parametrize("name", ["my.yaml", "my.json"])
@pytest.mark.parametrize("depth", [DEEPEST, DEEPEST + 1, 100_000])
def test_nesting_is_read_to_a_depth(name: str, depth: int) -> None:
    lists = depth - 1
    problems = refusals('{"a": ' + "[" * lists + "]" * lists + "}", name)
    assert [problem.code for problem in problems] == ["too_deep"] * (depth > DEEPEST)


def test_nested_blocks_are_read_to_a_depth() -> None:
    text = "\n".join(" " * depth + "a:" for depth in range(300))
    assert [(problem.code, problem.line) for problem in refusals(text)] == [("too_deep", DEEPEST)]
    assert [problem.code for problem in refusals("- " * 50_000)] == ["too_deep"]


@pytest.mark.parametrize("name", ["my.yaml", "my.json"])
@pytest.mark.parametrize("more", [0, 1])
def test_so_many_values_are_read_and_no_more(name: str, more: int) -> None:
    problems = refusals('{"a": [' + ", ".join(["1"] * (MOST_VALUES - 2 + more)) + "]}", name)
    assert [problem.code for problem in problems] == ["too_many"] * more


@pytest.mark.parametrize(
    ("text", "kind"), [("", "nothing"), ("# all\n", "nothing"), ("- a", "a list"), ("a", "a single")]
)
def test_a_file_is_a_mapping(text: str, kind: str) -> None:
    (problem,) = refusals(text)
    assert problem.message.startswith(f"my.yaml must be a mapping of sections, got {kind}")


@given(
    st.text()
    | st.text(alphabet="ab:-?[]{},&*!|>'\"%@` \n\t#0.e\ufeff\u2028\x85\0")
    | st.text(alphabet='{}[]",:\\u d8\n0').map(lambda text: "{" + text),
    st.sampled_from(["my.yaml", "my.json", "text"]),
)
def test_any_text_is_read_or_refused_at_a_place_in_it(text: str, name: str) -> None:
    lines = 1 + sum(text.count(end) for end in ("\n", "\r", "\x85", "\u2028", "\u2029"))
    for problem in refusals(text, name):
        assert problem.line is not None and problem.column is not None
        assert 1 <= problem.line <= lines and 1 <= problem.column <= len(text) + 1
