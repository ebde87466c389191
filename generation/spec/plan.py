"""The plan of a configuration's campaigns as far as a forecast needs it: whom each targets, when, and how strongly it works."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from generation.spec.catalog.campaigns import CHANNELS
from generation.spec.catalog.households import INCOME_BRACKETS
from generation.spec.config import AFTERGLOW_DAYS, Config

_UNIT = 2.0**-53

# A campaign's second criterion, how often it is used, and about which share of adults meets it.
EXTRA_CRITERIA = (
    ("none", 0.40, 1.0),
    ("parents", 0.15, 0.30),
    ("affluent_households", 0.15, 0.33),
    ("income", 0.15, 0.55),
    ("states", 0.15, 0.53),
)
LARGE_STATES = ("CA", "TX", "FL", "NY", "PA", "IL", "OH", "GA", "NC", "MI")
OLDEST = 110

YOUNGEST, BAND = 18, 5
# Of 20,000 households of the default market, by five years of age from 18 on (the last: 78 and over).
ADULTS = (0.0838, 0.0793, 0.0832, 0.0816, 0.0875, 0.0835, 0.0772, 0.0772, 0.0783, 0.0786, 0.0697, 0.0534, 0.0667)
WOMEN = (0.462, 0.503, 0.507, 0.509, 0.480, 0.496, 0.498, 0.506, 0.507, 0.511, 0.510, 0.534, 0.603)
MEETING = {
    "parents": (0.261, 0.352, 0.473, 0.612, 0.622, 0.469, 0.314, 0.168, 0.112, 0.086, 0.090, 0.101, 0.125),
    "affluent_households": (0.0, 0.203, 0.319, 0.338, 0.375, 0.384, 0.403, 0.379, 0.323, 0.246, 0.216, 0.193, 0.158),
    "income": (0.662, 0.662, 0.674, 0.681, 0.698, 0.707, 0.717, 0.705, 0.637, 0.549, 0.518, 0.471, 0.412),
    "states": (0.537,) * 13,
    "none": (1.0,) * 13,
}
LAST_BAND_YEARS = 22
"""Years of the last band that a target's oldest age below 80 can cut; nobody's does."""


def driver_uniform(seed: int, decision: str, *keys: int) -> float:
    """A float in [0, 1) with 53 random bits, for the few tables that are authored on the driver."""
    parts = "\x1f".join([str(seed), decision, *map(str, keys)])
    return (int.from_bytes(hashlib.sha256(parts.encode()).digest()[:8], "big") >> 11) * _UNIT


@dataclass(frozen=True)
class Target:
    """Whom a campaign is for; empty tuples ask for nothing."""

    min_age: int
    max_age: int
    genders: tuple[str, ...]
    extra: str

    @property
    def states(self) -> tuple[str, ...]:
        """The targeted states."""
        return LARGE_STATES if self.extra == "states" else ()

    @property
    def income_brackets(self) -> tuple[str, ...]:
        """The targeted income brackets."""
        return INCOME_BRACKETS[5:] if self.extra == "income" else ()

    @property
    def segments(self) -> tuple[str, ...]:
        """The targeted demographic segments."""
        return (self.extra,) if self.extra in ("parents", "affluent_households") else ()

    @property
    def share(self) -> float:
        """The share of the default market's adults that meets it."""
        found = 0.0
        for band, adults in enumerate(ADULTS):
            women = WOMEN[band]
            sexes = women if self.genders == ("female",) else 1 - women if self.genders else 1.0
            found += adults * self._covered(band) * sexes * MEETING[self.extra][band]
        return found

    def _covered(self, band: int) -> float:
        """The share of a band's years inside the target's."""
        first = YOUNGEST + BAND * band
        years = BAND if band < len(ADULTS) - 1 else LAST_BAND_YEARS
        inside = min(self.max_age + 1, first + years) - max(self.min_age, first)
        return max(0.0, min(1.0, inside / years))


def target(config: Config, number: int) -> Target:
    """Target criteria that select about the configured share of adults."""
    seed, settings = config.plan_seed, config.campaigns
    gender = driver_uniform(seed, "campaign gender", number)
    genders = ("female",) if gender < 0.15 else ("male",) if gender < 0.30 else ()
    extra, share = _extra(driver_uniform(seed, "campaign criterion", number))
    needed = min(1.0, settings.eligible_share / (share * (0.5 if genders else 1.0)))
    width = max(1, round(needed * 62))
    low = 18 + int(driver_uniform(seed, "campaign age", number) * (62 - width + 1))
    return Target(low, OLDEST if low + width >= 80 else low + width - 1, genders, extra)


def _extra(u: float) -> tuple[str, float]:
    for name, often, share in EXTRA_CRITERIA:
        if u < often:
            return name, share
        u -= often
    return "none", 1.0


def start_day(config: Config, number: int) -> int:
    """The day of the window on which a campaign's flight starts."""
    after = AFTERGLOW_DAYS if config.campaigns.measurement.enabled else 0
    latest = config.engagement.history_days - config.campaigns.flight_days - after
    return int(driver_uniform(config.plan_seed, "campaign start", number) * (latest + 1))


def channels(config: Config, number: int) -> tuple[str, ...]:
    """Two to four of the allowed channels, in the catalogue's order (ctv last)."""
    seed, allowed = config.plan_seed, [c for c in CHANNELS if c in config.campaigns.channels]
    wanted = 2 + int(driver_uniform(seed, "campaign channels", number) * 3)
    ranked = sorted(allowed, key=lambda c: driver_uniform(seed, f"campaign channel {c}", number))
    return tuple(c for c in allowed if c in ranked[:wanted])


def lift(config: Config, number: int) -> float:
    """A campaign's relative lift at full exposure."""
    settings, seed = config.campaigns.measurement, config.plan_seed
    if driver_uniform(seed, "campaign without effect", number) < settings.null_share:
        return 0.0
    return settings.lift * (0.5 + driver_uniform(seed, "campaign lift", number))
