"""Presets are whole configurations that are what they say."""

from __future__ import annotations

import pytest

from generation.spec.estimate import estimate
from generation.spec.presets import PRESET_BY_NAME, PRESETS, Preset
from generation.spec.problems import validated


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
class TestEveryPreset:
    def test_says_how_many_households_it_has(self, preset: Preset) -> None:
        assert preset.says.startswith(f"{preset.config.households.count:,} households")

    def test_names_its_dataset_after_itself(self, preset: Preset) -> None:
        assert preset.config.output.name == preset.name

    def test_is_valid_as_plain_values(self, preset: Preset) -> None:
        assert validated(preset.config.model_dump(mode="json")) == preset.config

    def test_has_no_path_of_its_own(self, preset: Preset) -> None:
        assert preset.config.output.path is None


def test_the_presets_are_those_that_are_documented() -> None:
    counts = {name: preset.config.households.count for name, preset in PRESET_BY_NAME.items()}
    measured = dict.fromkeys(("measurement-clean", "measurement-confounded", "measurement-null"), 20_000)
    resolved = dict.fromkeys(("identity-easy", "identity-medium", "identity-hard"), 10_000)
    assert counts == {"starter": 10_000, "small": 1_000, "standard": 1_000_000, **measured, **resolved}


def test_the_standard_preset_makes_a_hundred_to_a_hundred_and_twenty_million_rows() -> None:
    assert 100e6 <= estimate(PRESET_BY_NAME["standard"].config).rows <= 120e6
