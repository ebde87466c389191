"""What all suites share: one good dataset, made once by the real command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import shared

MEASURED = (
    "campaigns.measurement.enabled=true", "campaigns.attribution.enabled=true", "campaigns.measurement.confounding=1.6",
    "campaigns.measurement.conversion_rate=0.1", "campaigns.measurement.lift=1.5", "campaigns.measurement.holdout_share=0.3",
    "campaigns.measurement.spillover=0.5",
    "campaigns.delivery.enabled=true", "campaigns.delivery.channel_cap=5", "campaigns.delivery.household_ctv_cap=16",
)  # fmt: skip

IDENTITY = (
    "demographics.sources.enabled=true", "demographics.graph.enabled=true", "demographics.graph.wrong_merge_share=0.2",
)  # fmt: skip


@pytest.fixture(scope="session")
def measured_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 households with every table there is: effects, lift, credits, source records, the graph in time."""
    return shared(tmp_path_factory, "measured", households=300, settings=(*MEASURED, *IDENTITY))


@pytest.fixture(scope="session")
def identity_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,000 households with source records and the graph in time, and the answer keys of both."""
    return shared(tmp_path_factory, "identity", households=1_000, settings=IDENTITY)


@pytest.fixture(scope="session")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,000 households with default settings."""
    return shared(tmp_path_factory, "thousand", households=1_000)


@pytest.fixture(scope="session")
def good_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 households with default settings."""
    return shared(tmp_path_factory, "good")


@pytest.fixture(scope="session")
def quick_java() -> Iterator[None]:
    """Java that compiles quickly and runs slower: nearly all that Apache Spark does with few rows is compiling. Two fifths of
    the processor time are saved.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
        yield
