"""Configuration files: what is written reads back, what is ambiguous is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.spec.config import Config
from generation.spec.files import LARGEST_FILE, load, merged, read_file, read_values, to_json, to_yaml, with_setting
from generation.spec.presets import PRESETS, Preset
from generation.spec.problems import InvalidConfig, validated

shares = st.floats(0, 1, allow_nan=False)
configs = st.builds(
    lambda count, mean, states, seed, day, rate, cookie, name, path: validated(
        {
            "households": {"count": count, "people_per_household": mean, "states": states},
            "demographics": {"identity": {"ios_share": rate, "cookie_lifetime_days": cookie}},
            "campaigns": {"click_rates": {"ctv": rate}},
            "output": {"seed": seed, "as_of": day.isoformat(), "name": name, "path": path},
        }
    ),
    st.integers(1, 10**9),
    st.none() | st.floats(1.2, 4.5),
    st.lists(st.sampled_from(["CA", "NY", "OR", "NE"]), unique=True),
    st.integers(0, 2**53 - 1),
    st.dates(min_value=Config().output.as_of.replace(2000), max_value=Config().output.as_of.replace(2100)),
    shares,
    st.floats(7, 3650),
    st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True),
    st.none() | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))),
)


@given(configs)
@settings(deadline=None)
def test_yaml_reads_back_as_the_same_configuration(config: Config) -> None:
    assert load(to_yaml(config), "config.yaml") == config


@given(configs)
@settings(deadline=None)
def test_json_reads_back_as_the_same_configuration(config: Config) -> None:
    assert load(to_json(config), "config.json") == config


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_reads_back_from_both_formats(preset: Preset) -> None:
    assert load(to_yaml(preset.config), "c") == load(to_json(preset.config), "c") == preset.config


def test_every_setting_stands_under_a_comment_with_its_bounds() -> None:
    lines = [line.strip() for line in to_yaml(Config()).splitlines()]
    above = lines[lines.index("count: 10000") - 1]
    assert above == "# Number of households. [households; ≥ 1, ≤ 1,000,000,000]"


def test_any_yaml_reader_reads_the_commented_file() -> None:
    assert yaml.safe_load(to_yaml(Config())) == json.loads(to_json(Config()))


UNREADABLE = {
    "a list": "- households",
    "nothing": "",
    "a word": "households",
    "broken YAML": "households: [",
    "broken JSON": '{"households": {"count": 5}',
    "a key twice in YAML": "households: {count: 5, count: 6}",
    "a key twice in JSON": '{"households": {"count": 5, "count": 6}}',
    "an alias": "households: &x {count: 5}\nengagement: *x",
    "a list as key": "? [a, b]\n: 1",
    "a mapping as key": "? {a: b}\n: 1",
    "a Python object": "households: !!python/object/apply:os.getcwd []",
    "a merge key": "<<: {households: {count: 5}}",
    "a NUL": "households: \0",
    "deep nesting": "[" * 20_000,
    "a number of many digits": "households: {count: " + "9" * 5000 + "}",
    "a day that is none": "output: {as_of: 2026-02-30}",
    "a later version": "version: 2",
    "a version in words": "version: one",
    "true as version": "version: true",
    "too many bytes": "# " + "é" * (LARGEST_FILE // 2),
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_text_is_refused_with_one_problem(text: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        read_values(text, "my.yaml")
    (problem,) = caught.value.problems
    assert "\n" not in problem.message
    assert "my.yaml" in problem.message or problem.pointer == "/version"


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(load(text, "c"), Config)
    except InvalidConfig as error:
        assert error.problems


def test_json_numbers_with_an_exponent_are_numbers() -> None:
    assert load('{"campaigns": {"click_rates": {"ctv": 1e-05}}}', "c").campaigns.click_rates["ctv"] == 1e-05


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_bytes(b"\xff")])
def test_a_file_that_cannot_be_read_is_named(make: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    make(path)
    with pytest.raises(InvalidConfig, match=r"config\.yaml: .*give a YAML or JSON configuration file"):
        read_file(path)


def test_values_are_merged_section_by_section() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": [1, 2]}, {"a": {"c": 3}, "d": [4]}) == {"a": {"b": 1, "c": 3}, "d": [4]}


def test_merging_leaves_its_arguments_alone() -> None:
    base = {"a": {"b": 1}}
    merged(base, {"a": {"b": 2}})
    assert base == {"a": {"b": 1}}


def test_an_assignment_is_read_as_yaml() -> None:
    values = with_setting({"households": {"count": 1}}, "households.states=[CA, NY]")
    assert values == {"households": {"count": 1, "states": ["CA", "NY"]}}


@pytest.mark.parametrize(
    "text",
    ["households", "count=5", "a..b=1", "=1", ".=1", "a.b=[", "a.b={[1]: 2}", "a.b=*x", "a.b=" + "[" * 20_000],
    ids=lambda text: text[:12],
)
def test_a_bad_assignment_is_refused(text: str) -> None:
    with pytest.raises(InvalidConfig, match="--set"):
        with_setting({}, text)
