"""What all suites share: one good dataset, made once by the real command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import dataset

MEASURED = (
    "campaigns.measurement.enabled=true", "campaigns.attribution.enabled=true", "campaigns.measurement.confounding=1.6",
    "campaigns.measurement.conversion_rate=0.1", "campaigns.measurement.lift=1.5", "campaigns.measurement.holdout_share=0.3",
    "campaigns.delivery.enabled=true", "campaigns.delivery.channel_cap=5", "campaigns.delivery.household_ctv_cap=16",
)  # fmt: skip

GRAPH = ("demographics.graph.enabled=true", "demographics.graph.wrong_merge_share=0.2")


@pytest.fixture(scope="session")
def measured_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 households with effects, lift, credits and the graph in time."""
    settings = (*MEASURED, *GRAPH)
    return dataset(tmp_path_factory.mktemp("measured") / "dataset", households=300, settings=settings)


@pytest.fixture(scope="session")
def recorded_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,000 households with source records and their answer key."""
    settings = ("demographics.sources.enabled=true",)
    return dataset(tmp_path_factory.mktemp("recorded") / "dataset", households=1_000, settings=settings)


@pytest.fixture(scope="session")
def graph_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,000 households with the graph's history, edges and their truth."""
    return dataset(tmp_path_factory.mktemp("graph") / "dataset", households=1_000, settings=GRAPH)


@pytest.fixture(scope="session")
def good_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 households with default settings."""
    return dataset(tmp_path_factory.mktemp("good") / "dataset", households=200)
