"""The charts of settings agree with what is generated from them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from generation.entities.campaigns import NBD_SHAPE as DRAWN_SHAPE
from generation.entities.household_tables import tilted
from generation.spec.catalog.households import HOUSEHOLD_TYPES
from generation.spec.config import MEAN_PEOPLE_BY_TYPE, Config
from generation.spec.meaning import NBD_SHAPE, charts_for, event_shares, frequency_shares, size_shares, type_shares

SECTIONS = ("households", "demographics", "engagement", "campaigns")


def rows(good: Path, table: str) -> str:
    return f"read_parquet('{good}/{table}/**/*.parquet')"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_has_charts_with_tables(section: str) -> None:
    charts = charts_for(section, Config())
    assert charts and all(chart.svg.startswith("<svg") and chart.rows for chart in charts)


def test_a_section_without_charts_has_none() -> None:
    assert charts_for("output", Config()) == ()


def test_household_sizes_are_those_of_a_dataset(good_dataset: Path) -> None:
    """200 households: total variation of a sample from the very shares is below .10 in 99 of 100 cases."""
    sizes = duckdb.sql(
        f"SELECT LEAST(size, 7), COUNT(*) / SUM(COUNT(*)) OVER () FROM {rows(good_dataset, 'households')} GROUP BY 1"
    )
    found = dict(sizes.fetchall())
    assert sum(abs(found.get(n, 0) - share) for n, share in enumerate(size_shares(Config()), 1)) / 2 < 0.10


@pytest.mark.parametrize("mean", [None, 1.8, 3.1])
def test_the_mix_of_types_is_the_one_that_is_drawn(mean: float | None) -> None:
    config = Config.model_validate({"households": {"people_per_household": mean}})
    drawn = np.array([config.households.type_shares[name] for name in HOUSEHOLD_TYPES])
    if mean is not None:
        drawn = tilted(drawn, np.array([MEAN_PEOPLE_BY_TYPE[name] for name in HOUSEHOLD_TYPES]), mean)
    assert list(type_shares(config).values()) == pytest.approx(list(drawn), abs=1e-9)


def test_the_mean_of_the_frequency_distribution_is_the_configured_one() -> None:
    config = Config.model_validate({"campaigns": {"mean_frequency": 3.0, "frequency_cap": 12}})
    shares = frequency_shares(config)
    assert sum(n * share for n, share in enumerate(shares, 1)) == pytest.approx(3.0, abs=1e-6)
    assert NBD_SHAPE == DRAWN_SHAPE


def test_event_shares_have_the_configured_mean_and_share_of_inactive_people() -> None:
    config = Config.model_validate(
        {"engagement": {"events_per_person_month": 4.0, "activity_sigma": 0.5, "inactive_share": 0.2}}
    )
    shares = event_shares(config, 300)
    assert sum(shares) == pytest.approx(1, abs=1e-3) and shares[0] > 0.2
    assert sum(n * share for n, share in enumerate(shares)) == pytest.approx(4.0, rel=0.01)


def test_nobody_engages_when_nobody_may() -> None:
    config = Config.model_validate({"engagement": {"events_per_person_month": 0}})
    assert event_shares(config)[0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    "values",
    [
        {"campaigns": {"count": 0}},
        {"campaigns": {"frequency_cap": 1, "mean_frequency": 1}},
        {"engagement": {"titles": 9, "popularity_exponent": 0}},
        {"engagement": {"inactive_share": 1.0}},
        {"households": {"people_per_household": 1.2}},
    ],
)
def test_extreme_settings_still_have_charts(values: dict[str, object]) -> None:
    config = Config.model_validate(values)
    assert all(charts_for(section, config) for section in SECTIONS)
