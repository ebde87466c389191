"""Every refusal names the setting, the value and what to do; every problem of an input is told at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from generation.spec.config import Config
from generation.spec.problems import InvalidConfig, Problem, validated


def problems(values: Any) -> list[Problem]:
    with pytest.raises(InvalidConfig) as caught:
        validated(values)
    return caught.value.problems


def sections(model: type[BaseModel] = Config, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], list[str]]]:
    """Every section's path and the names of its settings and sections."""
    found = [(path, list(model.model_fields))]
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += sections(kind, (*path, name))
    return found


def nested(path: tuple[str, ...], value: Any) -> Any:
    return {path[0]: nested(path[1:], value)} if path else value


NAMES = [(path, name) for path, names in sections() for name in names]


@given(st.sampled_from(sections()), st.text(min_size=1, max_size=20))
def test_an_unknown_key_anywhere_is_refused_with_a_hint(section: tuple[tuple[str, ...], list[str]], key: str) -> None:
    path, names = section
    if key not in names:
        (problem,) = problems(nested((*path, key), 1))
        assert problem.code == "unknown_setting"
        assert problem.pointer == "".join(f"/{p.replace('~', '~0').replace('/', '~1')}" for p in (*path, key))
        assert problem.message.startswith(".".join((*path, key)))
        assert "did you mean" in problem.message or f"there are {', '.join(names)}" in problem.message


@pytest.mark.parametrize(("path", "name"), NAMES, ids=lambda part: ".".join(part) if isinstance(part, tuple) else part)
def test_a_setting_with_a_letter_missing_is_recognised(path: tuple[str, ...], name: str) -> None:
    typo = name[: len(name) // 2] + name[len(name) // 2 + 1 :]
    (problem,) = problems(nested((*path, typo), 1))
    assert problem.message == f"{'.'.join((*path, typo))} is not a setting; did you mean {name}?"


WRONG: list[tuple[Any, str, str]] = [
    ({"households": {"count": -5}}, "/households/count", "households.count must be at least 1, got -5"),
    ({"households": {"count": "ten"}}, "/households/count", "households.count must be a whole number, got 'ten'"),
    ({"households": {"people_per_household": 9}}, "/households/people_per_household",
     "households.people_per_household must be at most 4.5, got 9"),
    ({"households": {"states": "CA"}}, "/households/states", "households.states must be a list, got 'CA'"),
    ({"households": {"states": [5]}}, "/households/states/0", "households.states.0 must be text, got 5"),
    ({"households": {"type_shares": 1}}, "/households/type_shares",
     "households.type_shares must be a mapping of names to values, got 1"),
    ({"households": 5}, "/households", "households must be a section with settings, got 5"),
    ({"campaigns": None}, "/campaigns", "campaigns must be a section with settings, got None"),
    ({"households": {5: 1}}, "/households/5", "households.5 must be named by text, got 5"),
    ({"engagement": {"audiences": {"heavy_frequency": 0}}}, "/engagement/audiences/heavy_frequency",
     "engagement.audiences.heavy_frequency must be over 0.0, got 0.0"),
    ({"campaigns": {"click_rates": {"email": 2}}}, "/campaigns/click_rates/email",
     "campaigns.click_rates.email must be at most 1, got 2"),
    ({"campaigns": {"channels": []}}, "/campaigns/channels", "campaigns.channels needs at least 1 item(s), got ()"),
    ({"campaigns": {"attribution": {"model": "guess"}}}, "/campaigns/attribution/model",
     "campaigns.attribution.model must be one of 'first_touch', 'last_touch', 'linear', 'time_decay' or "
     "'position_based', got 'guess'"),
    ({"output": {"as_of": 5}}, "/output/as_of", "output.as_of must be a date like 2026-01-01, got 5"),
    ({"output": {"as_of": "1999-12-31"}}, "/output/as_of",
     "output.as_of must be at least 2000-01-01, got 1999-12-31"),
    ({"output": {"as_of": "soon"}}, "/output/as_of", "output.as_of: 'soon' is not a date like 2026-01-01"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "pointer", "message"), WRONG, ids=[pointer for _, pointer, _ in WRONG])
def test_a_wrong_value_is_refused_in_plain_words(values: Any, pointer: str, message: str) -> None:
    (problem,) = problems(values)
    assert (problem.pointer, problem.message) == (pointer, message)


def test_all_problems_are_told_at_once() -> None:
    found = problems({"households": {"count": 0, "size": 1}, "output": {"seed": -1}})
    assert [problem.pointer for problem in found] == ["/households/count", "/households/size", "/output/seed"]


def test_a_long_value_is_cut() -> None:
    (problem,) = problems({"households": {"count": "9" * 1000}})
    assert len(problem.message) < 120


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([n for _, n in NAMES]) | st.text(), inner),
        max_leaves=8,
    )
)
def test_any_plain_value_is_a_configuration_or_refused(value: Any) -> None:
    try:
        assert isinstance(validated(value), Config)
    except InvalidConfig as error:
        assert error.problems
