"""Two worlds of the same people and records: one full of errors, one without any."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.spec.sources import NOISE_TYPES, WRITTEN_CASES
from tests.builders import shared

PEOPLE = ("engagement.events_per_person_month=0", "campaigns.count=0")
"""Little else, as records follow from the people alone."""
NO_ERRORS = (
    *(f"demographics.sources.noise.{kind}=0" for kind in NOISE_TYPES),
    *(f"demographics.sources.hard_cases.{case}=0" for case in (*WRITTEN_CASES, "move_and_name_change")),
    "demographics.sources.stale_share=0",
)


@pytest.fixture(scope="session")
def loud(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,000 households whose records hold many errors."""
    settings = (
        *PEOPLE,
        "demographics.sources.enabled=true",
        "demographics.sources.noise.keyboard_typo=0.1",
        "demographics.sources.noise.missing=0.1",
        "demographics.sources.hard_cases.role_mailbox=0.2",
        "demographics.sources.correlation=0.6",
    )
    return shared(tmp_path_factory, "loud", households=1_000, settings=settings)


@pytest.fixture(scope="session")
def faultless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same 1,000 households, in sources that make no error."""
    settings = ("demographics.sources.enabled=true", *PEOPLE, *NO_ERRORS)
    return shared(tmp_path_factory, "faultless", households=1_000, settings=settings)
