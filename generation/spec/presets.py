"""Named starting points: a whole configuration each."""

from __future__ import annotations

from dataclasses import dataclass

from generation.spec.config import Config
from generation.spec.sources import DEFAULT_CASES, DEFAULT_NOISE, DEFAULT_QUALITY


@dataclass(frozen=True)
class Preset:
    """A named configuration and what it is for."""

    name: str
    says: str
    changes: dict[str, dict[str, object]]

    @property
    def config(self) -> Config:
        """The preset's configuration."""
        return Config.model_validate({**self.changes, "output": {"name": self.name, **self.changes.get("output", {})}})


def _measurable(**measurement: object) -> dict[str, dict[str, object]]:
    """Eight large campaigns with conversions enough to be measured, their truth, and the credits of every model."""
    built_in = {"enabled": True, "conversion_rate": 0.08, "lift": 0.6, "holdout_share": 0.3, **measurement}
    return {
        "households": {"count": 20_000},
        "engagement": {"events_per_person_month": 2.0},
        "campaigns": {
            "count": 8,
            "eligible_share": 0.8,
            "measurement": built_in,
            "attribution": {"enabled": True},
            "delivery": {"enabled": True},
        },
    }


def _resolvable(**sources: object) -> dict[str, dict[str, object]]:
    """10,000 households with source records and the answer key; little else, as resolution needs none of it."""
    return {
        "households": {"count": 10_000},
        "demographics": {"sources": {"enabled": True, **sources}},
        "engagement": {"events_per_person_month": 1.0},
        "campaigns": {"count": 4},
    }


def _noise(times: float, **other: float) -> dict[str, float]:
    """Every kind of noise so many times as frequent as by default, but for those given."""
    return {**{kind: round(share * times, 5) for kind, share in DEFAULT_NOISE.items()}, **other}


def _cases(times: float, **other: float) -> dict[str, float]:
    """Every hard case so many times as frequent as by default, but for those given."""
    return {**{case: round(share * times, 5) for case, share in DEFAULT_CASES.items()}, **other}


EASY = _resolvable(
    coverage={"web_analytics": 0.0, "ctv_app": 0.0},
    noise=_noise(0.25),
    stale_share=0.1,
    hard_cases=_cases(0.2, twins=0.0, junior_senior=0.0),
)
MEDIUM = _resolvable(noise=_noise(1.5), hard_cases={"family_mailbox": 0.06})
HARD = _resolvable(
    noise=_noise(5, nickname=0.2, missing=0.2),
    quality=dict.fromkeys(DEFAULT_QUALITY, 0.0),
    correlation=0.3,
    stale_share=0.9,
    hard_cases=_cases(
        1,
        twins=1.0,
        junior_senior=1.0,
        maiden_name=0.3,
        default_birth_date=0.05,
        role_mailbox=0.05,
        family_mailbox=0.2,
        recycled_phone=0.08,
        carrier_nat=0.2,
    ),
)


PRESETS: tuple[Preset, ...] = (
    Preset("starter", "10,000 households with everything: a first look, in seconds", {"households": {"count": 10_000}}),
    Preset("small", "1,000 households: unit tests and notebooks", {"households": {"count": 1_000}}),
    Preset(
        "standard",
        "1,000,000 households, about 119 million rows: pipelines and benchmarks",
        {"households": {"count": 1_000_000}},
    ),
    Preset(
        "measurement-clean",
        "20,000 households, campaigns of known effect that reach people whatever they would buy anyway",
        _measurable(),
    ),
    Preset(
        "measurement-confounded",
        "20,000 households, campaigns of known effect that reach people who would buy 1.8 times as often anyway",
        _measurable(confounding=1.8),
    ),
    Preset(
        "measurement-null",
        "20,000 households, campaigns without any effect that reach people who would buy 1.8 times as often anyway",
        _measurable(confounding=1.8, null_share=1.0),
    ),
    Preset(
        "identity-easy",
        "10,000 households in five clean source systems: entity resolution that should find nearly everybody",
        EASY,
    ),
    Preset(
        "identity-medium",
        "10,000 households in seven source systems as they are: broken fields, moves, families that share addresses",
        MEDIUM,
    ),
    Preset(
        "identity-hard",
        "10,000 households in seven careless source systems: half of the pairs are lost, families and firms run together",
        HARD,
    ),
)

PRESET_BY_NAME: dict[str, Preset] = {preset.name: preset for preset in PRESETS}
