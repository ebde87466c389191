"""Effects do not depend on units or on how many households there are; switching measurement on leaves people as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import dataset, fingerprints, idgraph, rows_of
from tests.conftest import IDENTITY, MEASURED

NEW = {
    "bot_impressions", "campaign_effects", "campaign_lift", "attribution_credits",
    "canonical_ids", "graph_events", "identity_edges", "identity_edges_truth",
    "source_records", "person_links", "cell_corruptions", "hard_cases",
}  # fmt: skip


@pytest.fixture(scope="module")
def appended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 households in two units, and 100 appended to them."""
    path = dataset(
        tmp_path_factory.mktemp("grown") / "d", settings=(*MEASURED, *IDENTITY, "output.unit_households=100")
    )
    sets = [part for setting in (*MEASURED, *IDENTITY) for part in ("--set", setting)]
    done = idgraph("generate", "--preset", "small", "--households", "300", "--seed", "42", *sets, "--mode", "append",
                   "--output", str(path))  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return path


def test_appended_households_give_what_a_fresh_run_gives(appended: Path, measured_dataset: Path) -> None:
    assert {name: rows_of(appended, name) for name in fingerprints(measured_dataset)} == {
        name: rows_of(measured_dataset, name) for name in fingerprints(measured_dataset)
    }


def test_tables_are_made_only_when_they_are_asked_for(good_dataset: Path, measured_dataset: Path) -> None:
    assert set(fingerprints(measured_dataset)) - set(fingerprints(good_dataset)) == NEW


@pytest.mark.parametrize("table", ["individuals", "identity_mappings", "content_engagements", "audience_attributes"])
def test_measurement_leaves_people_as_they_are(table: str, measured_dataset: Path,
                                               plain: Path) -> None:  # fmt: skip
    assert fingerprints(plain)[table] == fingerprints(measured_dataset)[table]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 households without any campaign."""
    return dataset(tmp_path_factory.mktemp("plain") / "d", households=300, settings=("campaigns.count=0",))
