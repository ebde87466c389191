"""Named starting points: a whole configuration each."""

from __future__ import annotations

from dataclasses import dataclass

from generation.spec.config import Config


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


PRESETS: tuple[Preset, ...] = (
    Preset("starter", "10,000 households with everything: a first look, in seconds", {"households": {"count": 10_000}}),
    Preset("small", "1,000 households: unit tests and notebooks", {"households": {"count": 1_000}}),
    Preset(
        "standard",
        "1,000,000 households, about 110 million rows: pipelines and benchmarks",
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
)

PRESET_BY_NAME: dict[str, Preset] = {preset.name: preset for preset in PRESETS}
