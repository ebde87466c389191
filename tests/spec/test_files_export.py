"""What is exported reads back and is exported as the same bytes, from any program and in any order of its names."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings

from generation.spec.config import Config
from generation.spec.files import LARGEST_FILE, imported, to_json, to_yaml
from generation.spec.presets import PRESETS, Preset
from generation.spec.problems import validated
from tests.spec.any_config import CONFIGS


@given(CONFIGS)
@settings(deadline=None)
def test_yaml_is_exported_as_the_same_bytes_after_an_import(config: Config) -> None:
    text = to_yaml(config)
    again = imported(text, "config.yaml")
    assert (again.config, to_yaml(again.config), again.notes) == (config, text, ())


@given(CONFIGS)
@settings(deadline=None)
def test_json_is_exported_as_the_same_bytes_after_an_import(config: Config) -> None:
    text = to_json(config)
    again = imported(text, "config.json")
    assert (again.config, to_json(again.config), again.notes) == (config, text, ())


@given(CONFIGS)
@settings(deadline=None, max_examples=30)
def test_both_formats_and_other_readers_agree(config: Config) -> None:
    plain = json.loads(to_json(config))
    assert yaml.safe_load(to_yaml(config)) == plain
    assert imported(to_yaml(config), "c.yaml").values["households"] == plain["households"]


@given(CONFIGS)
@settings(deadline=None)
def test_equal_configurations_are_exported_alike(config: Config) -> None:
    values = config.model_dump(mode="json")
    for section, name in (("households", "type_shares"), ("campaigns", "click_rates")):
        values[section][name] = dict(reversed(values[section][name].items()))
    other = validated(dict(reversed(values.items())))
    assert (to_yaml(other), to_json(other)) == (to_yaml(config), to_json(config))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_the_longest_export_is_far_from_the_limit(preset: Preset) -> None:
    assert len(to_yaml(preset.config)) < LARGEST_FILE / 10


@pytest.mark.parametrize(
    "path", ["a\nb", "a\u2028b", "\x00", " a ", "x" * 500 + " y", "~", "1e5", "-", "a: b # c", "é🎉"]
)
def test_any_path_stays_what_it_is(path: str) -> None:
    config = validated({"output": {"path": path}})
    assert imported(to_yaml(config), "c.yaml").config == imported(to_json(config), "c.json").config == config


def test_small_numbers_are_written_so_that_every_reader_takes_them_for_numbers() -> None:
    assert yaml.safe_load(to_yaml(Config()))["campaigns"]["click_rates"]["ctv"] == 1e-05


@pytest.mark.parametrize("name", ["1e5", "010", "on", "2026-01-01", "5"])
def test_a_name_that_looks_like_something_else_is_quoted(name: str) -> None:
    assert f"  name: '{name}'" in to_yaml(validated({"output": {"name": name}})).splitlines()
