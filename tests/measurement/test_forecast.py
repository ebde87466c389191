"""The forecast of what measurement adds is near what a run makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generation.spec.config import Config
from generation.spec.estimate import estimate

NEAR = {
    "campaign_assignments": 0.02, "campaign_effects": 0.02, "campaign_exposures": 0.03, "bot_impressions": 0.04,
    "conversions": 0.05, "attribution_credits": 0.10, "campaign_lift": 0.10,
}  # fmt: skip
"""How near, by table: rarer rows, and those that follow from several others, are less certain."""


@pytest.mark.parametrize("name", NEAR)
def test_rows_are_near_the_forecast(name: str, large: Path, config: Config) -> None:
    made = json.loads((large / "manifest.json").read_text())["tables"][name]["rows"]
    assert made == pytest.approx(estimate(config).tables[name].rows, rel=NEAR[name])
