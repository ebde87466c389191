"""Tables without rows are tables: what is made from them is made, and the dataset is good."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import dataset


@pytest.mark.parametrize(
    ("households", "setting", "empty"),
    [
        (2, "output.seed=42", {"conversions", "outcome_metrics"}),
        (20, "campaigns.count=0", {"campaigns", "campaign_assignments", "campaign_exposures", "conversions"}),
        (20, "engagement.events_per_person_month=0", {"content_engagements", "viewership_patterns"}),
    ],
)
def test_a_dataset_with_empty_tables_is_published(
    households: int, setting: str, empty: set[str], tmp_path: Path
) -> None:
    root = dataset(tmp_path / "dataset", households=households, settings=(setting,))
    tables = json.loads((root / "manifest.json").read_text())["tables"]
    assert {name for name in empty if tables[name]["rows"]} == set()
