"""What a run says about itself: progress while it runs, a manifest when it is done."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

MANIFEST_VERSION = 1

NOTICE = "Synthetic data: every person, identifier and event is invented; no row describes or can reach a real person."


class Shape(BaseModel):
    """A JSON document that a run writes; unknown keys are refused, so that a foreign file is not taken for ours."""

    model_config = ConfigDict(extra="forbid")


class TableProgress(Shape):
    """How far a table is: units of work done and planned, and the rows so far."""

    name: str
    done: int
    total: int
    rows: int


class Progress(Shape):
    """How far a run is. `fraction` counts expected rows and never falls; `phase` is generate, commit, verify or done."""

    phase: str
    done: int
    total: int
    fraction: float
    rows: int
    rows_per_second: float
    eta_seconds: float | None
    tables: list[TableProgress]
    job_id: str | None = None
    attempt: int | None = None


class TableManifest(Shape):
    """A finished table: rows, bytes of its files, Delta version, fingerprint, place below the dataset's root."""

    rows: int
    bytes: int
    version: int
    location: str
    fingerprint: str | None = None


class Manifest(Shape):
    """A published dataset. Only a dataset with a manifest is whole."""

    manifest_version: int = MANIFEST_VERSION
    notice: str = NOTICE
    generator: str
    config_hash: str
    config: dict[str, Any]
    engine: str
    engine_version: str | None = None
    """What the engine is and its version; None where only a server knows."""
    serial: int
    tables: dict[str, TableManifest]
    seconds: dict[str, float]
    """Wall time of each phase, for information."""
    resumed: bool = False
    """Whether the run took up an earlier attempt's work, so that its seconds tell only of the rest."""
