"""What all suites share: one good dataset, made once by the real command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import shared

MEASURED = (
    "campaigns.measurement.enabled=true", "campaigns.attribution.enabled=true", "campaigns.measurement.confounding=1.6",
    "campaigns.measurement.conversion_rate=0.1", "campaigns.measurement.lift=1.5", "campaigns.measurement.holdout_share=0.3",
    "campaigns.delivery.enabled=true", "campaigns.delivery.channel_cap=5", "campaigns.delivery.household_ctv_cap=16",
)  # fmt: skip


@pytest.fixture(scope="session")
def measured_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 households with effects, lift and credits."""
    return shared(tmp_path_factory, "measured", households=300, settings=MEASURED)


@pytest.fixture(scope="session")
def good_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 households with default settings."""
    return shared(tmp_path_factory, "good")
