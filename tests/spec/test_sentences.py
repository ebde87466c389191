"""Every code that pydantic can report for a configuration has a sentence of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from generation.spec.config import Config
from generation.spec.nested import with_value
from generation.spec.problems import PATTERNS, SENTENCES, InvalidConfig, problems_of, validated
from generation.spec.settings import LEAVES

BOUNDS = {"ge": "greater_than_equal", "gt": "greater_than", "le": "less_than_equal", "lt": "less_than"}
CODES = {
    "model": {"model_type", "model_attributes_type"},
    "model-fields": {"missing", "invalid_key"},
    "int": {"int_type", "int_parsing", "int_parsing_size", "int_from_float"},
    "float": {"float_type", "float_parsing", "finite_number"},
    "str": {"string_type", "string_sub_type", "string_unicode"},
    "date": {"date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"},
    "literal": {"literal_error"},
    "dict": {"dict_type", "mapping_type"},
    "tuple": {"tuple_type", "iteration_error"},
    "bool": {"bool_type"},
}
"""What each part of a schema can report, beside what its bounds can."""
WRAPPERS = {"default", "nullable", "function-before", "function-after", "model-field", "no-info", "with-info"}
"""Parts that report nothing of their own; functions report `value_error`, which speaks for itself."""
LENGTHS = {
    ("tuple", "min_length"): "too_short", ("tuple", "max_length"): "too_long",
    ("dict", "min_length"): "too_short", ("dict", "max_length"): "too_long",
    ("str", "min_length"): "string_too_short", ("str", "max_length"): "string_too_long",
    ("str", "pattern"): "string_pattern_mismatch",
}  # fmt: skip


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of pydantic's schema that has a type."""
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema
        for key, inner in schema.items():
            if key not in ("metadata", "default"):
                yield from parts(inner)
    elif isinstance(schema, (list, tuple)):
        for inner in schema:
            yield from parts(inner)


def reachable() -> set[str]:
    codes: set[str] = set()
    for part in parts(Config.__pydantic_core_schema__):
        codes |= CODES.get(part["type"], set())
        codes |= {code for bound, code in BOUNDS.items() if bound in part}
        codes |= {code for (kind, bound), code in LENGTHS.items() if kind == part["type"] and bound in part}
    return codes


def test_every_part_of_the_schema_is_known_here() -> None:
    assert {part["type"] for part in parts(Config.__pydantic_core_schema__)} - set(CODES) - WRAPPERS == set()


def test_every_code_that_can_be_reported_has_a_sentence() -> None:
    assert reachable() - set(SENTENCES) == set()


def test_every_pattern_is_told_in_words() -> None:
    assert set(PATTERNS) == {
        name for name, leaf in LEAVES.items() if any(getattr(mark, "pattern", None) for mark in leaf.field.metadata)
    }


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.dates(), st.datetimes(),
    st.sampled_from([10**400, 10**5000, -(10**5000), "\ud800", dt.timedelta(1), object(), 1j, {1, 2}, [[[]]]]),
)  # fmt: skip


@given(st.sampled_from(list(LEAVES)), ODD | st.lists(ODD) | st.dictionaries(st.text() | st.integers(), ODD))
def test_any_value_at_any_setting_is_accepted_or_refused_in_our_words(name: str, value: Any) -> None:
    try:
        Config.model_validate(with_value({}, tuple(name.split(".")), value))
    except ValidationError as error:
        told = [problem.message for problem in problems_of(error)]
        theirs = [item["msg"] for item in error.errors() if item["type"] != "value_error"]
        assert [(ours, msg) for ours in told for msg in theirs if msg in ours] == []


def message(values: dict[str, Any]) -> str:
    with pytest.raises(InvalidConfig) as caught:
        validated(values)
    (problem,) = caught.value.problems
    return problem.message


SAID = [
    ("households.count", 2_000_000_000, "must be at most 1,000,000,000, got 2,000,000,000"),
    ("households.count", 10**5000, "must be at most 1,000,000,000, got int of a size that cannot be shown"),
    ("output.name", "My Data",
     "must be 1 to 63 lower-case letters, digits, - and _, with a letter or digit first, got 'My Data'"),
    ("output.engine", "spark", "must be embedded, local, local[n], sc://host:port or session, got 'spark'"),
    ("output.mode", "Append", "must be one of 'create', 'regenerate' or 'append', got 'Append'; did you mean append?"),
    ("output.mode", "drop", "must be one of 'create', 'regenerate' or 'append', got 'drop'"),
    ("campaigns.seed", 5, "is not a setting; did you mean plan_seed?"),
    ("campaigns.COUNT", 5, "is not a setting; did you mean count?"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "said"), SAID, ids=[f"{name}-{i}" for i, (name, _, _) in enumerate(SAID)])
def test_a_refusal_names_setting_value_and_remedy(name: str, value: Any, said: str) -> None:
    assert message(with_value({}, tuple(name.split(".")), value)) == f"{name} {said}"


def test_a_name_that_is_no_text_is_pointed_at_by_itself() -> None:
    with pytest.raises(InvalidConfig) as caught:
        validated({"campaigns": {"click_rates": {5: 0.1}}})
    assert [problem.pointer for problem in caught.value.problems] == ["/campaigns/click_rates/5"]
