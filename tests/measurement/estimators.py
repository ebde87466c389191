"""Estimators written from their definitions, and the truth of campaign_effects they are held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Z = 1.959963984540054


@dataclass(frozen=True)
class People:
    """The potential outcomes of the people of one campaign, whether they are treated, and their (ghost) exposures."""

    campaign: int
    y0: Numbers
    y1: Numbers
    treated: NDArray[np.bool_]
    exposures: Numbers

    @property
    def y(self) -> Numbers:
        """What happens."""
        return np.where(self.treated, self.y1, self.y0)

    def among(self, chosen: NDArray[np.bool_]) -> People:
        """Some of the people."""
        return People(
            self.campaign, self.y0[chosen], self.y1[chosen], self.treated[chosen], self.exposures[chosen]
        )  # fmt: skip

    @property
    def reached(self) -> People:
        """Those with exposures; of the holdout those with ghost ones."""
        return self.among(self.exposures > 0)

    @property
    def effect(self) -> float:
        """The true mean effect."""
        return float((self.y1 - self.y0).mean())


def difference(treated: Numbers, n_treated: Numbers, held: Numbers, n_held: Numbers) -> tuple[Numbers, Numbers]:
    """Difference in rates and its standard error from converting and all people of both arms.

    Nobody is harmed (y1 >= y0), so the variance of the effects is known, and it is no part of the error for the people at
    hand.
    """
    high, low = treated / n_treated, held / n_held
    gap = high - low
    spread = np.clip(gap * (1 - gap), 0, None) / (n_treated + n_held)
    return gap, np.sqrt(high * (1 - high) / n_treated + low * (1 - low) / n_held - spread)


def z_score(people: People) -> float:
    """The z of no effect at all, in the arms as they are."""
    treated, held = people.y[people.treated], people.y[~people.treated]
    gap, error = difference(*(np.array([float(v)]) for v in (treated.sum(), treated.size, held.sum(), held.size)))
    return float(gap[0] / error[0])


def rerandomised(people: People, holdout: float, draws: int, random: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Estimate and error under new random arms. People with the same outcomes are alike, so that how many of them are
    treated is binomial: the same as drawing everybody.
    """
    kinds = [(a, b, int(((people.y0 == a) & (people.y1 == b)).sum())) for a, b in ((0, 0), (0, 1), (1, 1))]
    treated = {(a, b): random.binomial(n, 1 - holdout, draws).astype(float) for a, b, n in kinds}
    held = {(a, b): n - treated[a, b] for a, b, n in kinds}
    return difference(treated[0, 1] + treated[1, 1], sum(treated.values()), held[1, 1], sum(held.values()))


def naive_ratio(campaigns: list[People]) -> float:
    """Conversion rate of exposed over unexposed people of the treatment arm, as if nothing else told them apart."""
    exposed = np.concatenate([p.y[p.treated & (p.exposures > 0)] for p in campaigns])
    unexposed = np.concatenate([p.y[p.treated & (p.exposures == 0)] for p in campaigns])
    return float(exposed.mean() / unexposed.mean())


def true_ratio(campaigns: list[People]) -> float:
    """The same people with their exposures over without."""
    exposed = [p.among(p.treated & (p.exposures > 0)) for p in campaigns]
    return float(np.concatenate([p.y1 for p in exposed]).mean() / np.concatenate([p.y0 for p in exposed]).mean())


def dose_response(campaigns: list[People], saturations: Numbers) -> tuple[float, Numbers]:
    """Most likely saturation, common to all, and lift of each campaign, where a person who converts with n exposures would
    convert without with probability 1 / (1 + lift * n / (n + saturation)).
    """
    likely = [_profile(campaigns, float(k)) for k in saturations]
    best = int(np.argmax([value for value, _ in likely]))
    return float(saturations[best]), likely[best][1]


def _profile(campaigns: list[People], saturation: float) -> tuple[float, Numbers]:
    lifts = np.linspace(0.0, 6.0, 301)[1:]
    total, found = 0.0, []
    for people in campaigns:
        mine = people.among((people.y1 == 1) & (people.exposures > 0))
        dose = mine.exposures / (mine.exposures + saturation)
        odds = lifts[:, None] * dose[None, :]
        likelihood = (np.where(mine.y0 == 1, 0.0, np.log(odds)) - np.log1p(odds)).sum(axis=1)
        total += float(likelihood.max())
        found.append(float(lifts[int(likelihood.argmax())]))
    return total, np.array(found)


def negative_binomial_shape(seen: Numbers, cap: int) -> float:
    """Most likely shape of a zero-truncated negative binomial cut at the cap, its mean being free."""
    counts = np.bincount(seen.astype(int), minlength=cap + 1)[1 : cap + 1]
    k, best = np.arange(1, cap + 1), (-np.inf, 0.0)
    for shape in np.linspace(0.3, 2.0, 86):
        grown = np.cumsum(np.log((shape + k - 1) / k))
        for odds in np.linspace(0.5, 0.99, 99):
            weights = grown + k * np.log(odds)
            likely = float((counts * (weights - np.log(np.exp(weights).sum()))).sum())
            best = max(best, (likely, float(shape)))
    return best[1]
