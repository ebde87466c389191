"""Markets of one's own: what is asked for is made, and what cannot be is refused with the arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generation.entities.market import by_age, by_size, market
from generation.entities.places import check_market
from generation.spec.config import DEFAULT_TYPE_SHARES, US_INCOME_SHARES, Config
from generation.spec.identity import config_hash
from generation.spec.problems import InvalidConfig, validated
from tests.builders import dataset, idgraph
from tests.realism.conftest import opened

SIZES = (0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05)
AGES = (0.3, 0.3, 0.1, 0.1, 0.1, 0.05, 0.05)
INCOMES = dict(zip(US_INCOME_SHARES, (0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.03, 0.02), strict=True))
AUSTIN = (
    f"households.size_shares={list(SIZES)}",
    f"households.householder_age_shares={list(AGES)}",
    f"households.income_shares={INCOMES}",
    "households.city=Austin, TX",
    "demographics.identity.ctv_household_share=0.5",
)


@pytest.fixture(scope="module")
def austin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10,000 households of one city, young, small and poor."""
    return dataset(tmp_path_factory.mktemp("austin") / "dataset", households=10_000, settings=AUSTIN)


def shares(root: Path, sql: str) -> list[float]:
    rows = opened(root).execute(f"SELECT {sql}, COUNT(*) FROM households JOIN individuals USING (household_id) "
                                "WHERE relationship = 'reference_person' GROUP BY 1 ORDER BY 1").fetchall()  # fmt: skip
    return [row[1] / 10_000 for row in rows]


def test_the_sizes_asked_for_are_made(austin: Path) -> None:
    assert shares(austin, "LEAST(size, 7)") == pytest.approx(SIZES, abs=0.02)


def test_the_ages_of_householders_asked_for_are_made(austin: Path) -> None:
    assert shares(austin, "GREATEST(LEAST((age - 15) // 10, 6), 0)") == pytest.approx(AGES, abs=0.02)


def test_the_incomes_asked_for_are_made(austin: Path) -> None:
    brackets = [name for name in INCOMES]
    case = " ".join(f"WHEN '{name}' THEN {at}" for at, name in enumerate(brackets))
    assert shares(austin, f"CASE income_bracket {case} END") == pytest.approx(list(INCOMES.values()), abs=0.02)


def test_a_city_is_one_setting(austin: Path) -> None:
    places = opened(austin).execute("SELECT DISTINCT location.city, location.state FROM households").fetchall()
    assert places == [("Austin", "TX")]


def test_the_device_ownership_asked_for_is_made(austin: Path) -> None:
    some = (
        opened(austin).execute("SELECT COUNT(DISTINCT household_id) FROM devices WHERE device_type = 'ctv'").fetchall()
    )
    assert some[0][0] / 10_000 == pytest.approx(0.5, abs=0.02)


def test_shares_of_states_are_made(tmp_path: Path) -> None:
    root = dataset(tmp_path / "d", households=2_000, settings=("households.state_shares={CA: 0.6, NV: 0.4}",))
    found = opened(root).execute("SELECT location.state, COUNT(*) / 2000 FROM households GROUP BY 1").fetchall()
    assert dict(found) == pytest.approx({"CA": 0.6, "NV": 0.4}, abs=0.03)


def config(**households: Any) -> Config:
    return validated({"households": households})


def test_the_published_market_is_what_the_tables_say() -> None:
    found = market(Config())
    assert [float(share) for share in found.types] == pytest.approx(list(DEFAULT_TYPE_SHARES.values()), abs=1e-4)


def test_sizes_and_ages_are_met_together() -> None:
    joint = market(config(size_shares=list(SIZES), householder_age_shares=list(AGES))).joint
    assert list(by_size(joint)) == pytest.approx(SIZES, abs=1e-6)
    assert list(by_age(joint)) == pytest.approx(AGES, abs=0.002)


def test_the_us_shares_written_out_change_no_row() -> None:
    assert config_hash(config(size_shares=list(Config().households.size_shares))) == config_hash(Config())


TYPES = {**DEFAULT_TYPE_SHARES, "married_couple": 0.3, "single_person": 0.20229}
ONE_TYPE = {**dict.fromkeys(DEFAULT_TYPE_SHARES, 0.0), "roommates": 1.0}

CONTRADICTIONS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"size_shares": [0.5, 0.5, 0, 0, 0, 0, 0], "type_shares": TYPES}, ("type_shares", "size_shares", "by size")),
    ({"size_shares": [0.2, 0.2, 0.2, 0.2, 0.1, 0.05, 0.05], "people_per_household": 2.0}, ("3.17", "not 2")),
    ({"size_shares": [0.5, 0.4]}, ("size_shares needs 7 shares, got 2",)),
    ({"householder_age_shares": [0.5, 0.4, 0, 0, 0, 0, 0]}, ("must add up to 1", "= 0.9")),
    ({"income_shares": {"under_15k": 1.0}}, ("nine brackets", "200k_plus")),
    ({"state_shares": {"TX": 0.5, "CA": 0.4}}, ("must add up to 1", "= 0.9")),
    ({"state_shares": {"TX": 1.0}, "states": ["CA"]}, ("TX", "leaves out")),
    ({"state_shares": {"XX": 1.0}}, ("two-letter", "XX")),
    ({"city": "Austin, TX", "states": ["CA"]}, ("Austin, TX", "add TX")),
    ({"city": "Austin"}, ("a city and its state",)),
    ({"city": "Autsin, TX"}, ("did you mean Austin, TX",)),
    ({"type_shares": ONE_TYPE, "householder_age_shares": [0, 0, 0, 0, 0, 0, 1.0]}, ("cannot be met together",)),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "words"), CONTRADICTIONS)
def test_a_market_that_cannot_be_is_refused_with_the_arithmetic(asked: dict[str, Any], words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidConfig) as refused:
        check_market(config(**asked))
    assert [word for word in words if word not in str(refused.value)] == []


def test_the_command_line_refuses_a_city_that_there_is_not(tmp_path: Path) -> None:
    done = idgraph(
        "generate", "--preset", "small", "--set", "households.city=Atlantis, TX", "--output", str(tmp_path / "d")
    )
    assert done.returncode == 2 and "households.city" in done.stderr
    assert not (tmp_path / "d").exists()
