"""The charts of settings agree with what is generated from them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from generation.entities.campaigns import NBD_SHAPE as DRAWN_SHAPE
from generation.entities.campaigns import frequency_curve
from generation.entities.market import market, sizes_of_cells, tilted
from generation.spec.catalog.households import HOUSEHOLD_TYPES
from generation.spec.charts import Bars
from generation.spec.config import MEAN_PEOPLE_BY_TYPE, Config
from generation.spec.meaning import (
    NBD_SHAPE,
    SIZES_BY_TYPE,
    charts_for,
    event_shares,
    frequency,
    frequency_shares,
    size_shares,
    type_shares,
)

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


@pytest.mark.parametrize("name", HOUSEHOLD_TYPES)
def test_sizes_by_type_are_those_of_the_tables_that_are_drawn_from(name: str) -> None:
    number = HOUSEHOLD_TYPES.index(name)
    joint = market(Config()).joint[number].sum(axis=0)
    sizes = sizes_of_cells()[number]
    shares = [float(joint[sizes == size].sum() / joint.sum()) for size in range(7)]
    assert list(SIZES_BY_TYPE[name]) == pytest.approx(shares, abs=1e-4)


def test_the_mix_of_types_under_other_sizes_is_the_one_that_is_drawn() -> None:
    config = Config.model_validate({"households": {"size_shares": [0.4, 0.3, 0.1, 0.1, 0.05, 0.03, 0.02]}})
    assert list(type_shares(config).values()) == pytest.approx([float(v) for v in market(config).types], abs=2e-3)
    assert sum(size_shares(config)) == pytest.approx(1)


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


def test_the_frequency_distribution_is_the_one_that_is_drawn() -> None:
    """A quantile table of 4,096 cells rounds each share to the next 4,096th."""
    for mean, cap in ((4.0, 20), (1.0, 20), (8.0, 30)):
        config = Config.model_validate({"campaigns": {"mean_frequency": mean, "frequency_cap": cap}})
        cells = np.asarray(frequency_curve(mean, cap).lookup.columns["value"][:4096], dtype=np.int64)
        drawn = np.bincount(cells, minlength=cap + 1)[1:] / 4096
        assert np.abs(drawn - np.array(frequency_shares(config))).max() < 1 / 4096


@pytest.mark.parametrize(("cap", "last"), [(12, "12"), (20, "20"), (21, "20+"), (255, "20+")])
def test_the_bars_of_frequency_add_up_whatever_the_cap(cap: int, last: str) -> None:
    bars = frequency(Config.model_validate({"campaigns": {"mean_frequency": 5.0, "frequency_cap": cap}}))
    assert isinstance(bars, Bars)
    assert (sum(bars.series[0].values), bars.labels[-1]) == (pytest.approx(1), last)


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
