"""What a sound measurement finds in the rows is the truth, and what an unsound one finds is wrong as configured."""

from __future__ import annotations

import numpy as np
import pytest

from generation.entities.campaigns import campaigns as authored
from generation.spec.config import Config
from tests.measurement.estimators import (
    People,
    Z,
    dose_response,
    naive_ratio,
    rerandomised,
    true_ratio,
    z_score,
)

DRAWS = 5_000


def covered(groups: list[People], holdout: float) -> float:
    """Share of re-randomised 95 % intervals with the truth inside."""
    random, inside = np.random.default_rng(7), []
    for people in groups:
        gap, error = rerandomised(people, holdout, DRAWS, random)
        inside.append(np.abs(gap - people.effect) <= Z * error)
    return float(np.mean(inside))


def without_effect(config: Config, campaigns: list[People]) -> list[People]:
    null = {one.campaign_id for one in authored(config) if one.lift == 0}
    return [people for people in campaigns if people.campaign in null]


def with_effect(config: Config, campaigns: list[People]) -> list[People]:
    null = {people.campaign for people in without_effect(config, campaigns)}
    return [people for people in campaigns if people.campaign not in null]


def test_intervals_of_the_itt_cover_the_truth(campaigns: list[People], config: Config) -> None:
    assert 0.935 <= covered(campaigns, config.campaigns.measurement.holdout_share) <= 0.965


def test_intervals_of_the_ghost_ad_att_cover_the_truth(campaigns: list[People], config: Config) -> None:
    reached = [people.reached for people in campaigns]
    assert 0.935 <= covered(reached, config.campaigns.measurement.holdout_share) <= 0.965


@pytest.mark.parametrize("arm", ["everybody", "reached"])
def test_an_a_a_test_is_significant_in_one_of_twenty_cases(arm: str, campaigns: list[People], config: Config) -> None:
    random, found = np.random.default_rng(11), []
    for people in campaigns:
        chosen = people.reached if arm == "reached" else people
        same = People(chosen.campaign, chosen.y0, chosen.y0, chosen.treated, chosen.exposures)
        gap, error = rerandomised(same, config.campaigns.measurement.holdout_share, DRAWS, random)
        found.append(np.abs(gap) > Z * error)
    assert 0.04 <= np.mean(found) <= 0.06


def test_campaigns_without_effect_are_not_found_to_have_one(campaigns: list[People], config: Config) -> None:
    null = without_effect(config, campaigns)
    assert len(null) >= 3
    assert all(people.effect == 0 for people in null)
    assert all(abs(z_score(people)) <= 3 and abs(z_score(people.reached)) <= 3 for people in null)


def test_most_campaigns_with_an_effect_are_found_to_have_one(campaigns: list[People], config: Config) -> None:
    assert np.mean([z_score(people.reached) > Z for people in with_effect(config, campaigns)]) > 0.8


def test_the_naive_estimate_is_wrong_by_the_confounding(campaigns: list[People], config: Config) -> None:
    asked = config.campaigns.measurement.confounding
    assert naive_ratio(campaigns) / true_ratio(campaigns) == pytest.approx(asked, rel=0.10)


def test_the_ghost_ad_estimate_is_not_wrong(campaigns: list[People]) -> None:
    reached = [people.reached for people in campaigns]
    treated = np.concatenate([p.y[p.treated] for p in reached]).mean()
    ghosts = np.concatenate([p.y[~p.treated] for p in reached]).mean()
    assert treated / ghosts == pytest.approx(true_ratio(campaigns), rel=0.10)


def test_the_dose_response_is_recovered(campaigns: list[People], config: Config) -> None:
    saturation, lifts = dose_response(with_effect(config, campaigns), np.linspace(1.0, 8.0, 71))
    expected = np.array([one.lift for one in authored(config) if one.lift > 0])
    assert saturation == pytest.approx(config.campaigns.measurement.saturation_exposures, rel=0.15)
    assert lifts.mean() == pytest.approx(expected.mean(), rel=0.15)


def test_arms_do_not_depend_on_who_people_are(campaigns: list[People], config: Config) -> None:
    treated = np.concatenate([people.treated for people in campaigns])
    y0 = np.concatenate([people.y0 for people in campaigns])
    held = config.campaigns.measurement.holdout_share
    error = np.sqrt(y0.mean() * (1 - y0.mean()) / (held * (1 - held) * y0.size))
    assert abs(y0[treated].mean() - y0[~treated].mean()) < 3 * error
