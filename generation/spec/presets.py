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


PRESETS: tuple[Preset, ...] = (
    Preset("starter", "10,000 households with everything: a first look, in seconds", {"households": {"count": 10_000}}),
    Preset("small", "1,000 households: unit tests and notebooks", {"households": {"count": 1_000}}),
    Preset(
        "standard",
        "1,000,000 households, about 110 million rows: pipelines and benchmarks",
        {"households": {"count": 1_000_000}},
    ),
)

PRESET_BY_NAME: dict[str, Preset] = {preset.name: preset for preset in PRESETS}
