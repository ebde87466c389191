"""How long runs take here beside the figures of the forecast, and what that rests on: past runs, or a short calibration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from pydantic import ValidationError

from generation import __version__
from generation.spec.calibration import Machine, this_machine
from generation.spec.config import Config
from generation.spec.estimate import Estimate, estimate
from generation.spec.report import Manifest
from generation.spec.run_directory import MANIFEST
from generation.spec.sizing import plan

WORKSPACE = "session"
"""The engine of runs in a Databricks job."""

LAST = 5
"""As many runs are asked, the newest; machines and their neighbours change."""
LONG_ENOUGH = 8.0
"""Expected seconds of a run that tells something: shorter ones are all start."""


@dataclass(frozen=True)
class Pace:
    """The time of a run beside the forecast's own figures, and a basis that goes on after "Time"."""

    factor: float
    basis: str


def paced(made: Estimate, pace: Pace) -> Estimate:
    """The estimate at a pace."""
    return replace(made, phases=made.phases.scaled(pace.factor), basis=pace.basis)


def forecast(config: Config, engine: str, past: Iterable[Manifest]) -> Estimate:
    """What a configuration makes, and how long that takes on an engine where `past` was made, the newest first."""
    made = estimate(config)
    if engine == WORKSPACE:
        made = replace(made, phases=plan(config).phases)
    return paced(made, pace_of_past(past, engine) or _untold(config, engine))


def _untold(config: Config, engine: str) -> Pace:
    """The pace where no past run tells it."""
    if engine == WORKSPACE:
        return Pace(1.0, f"from per-core figures for {plan(config).cores:,} cores, never measured in this workspace")
    found = calibrated(this_machine())
    if engine == "embedded":
        return found
    return replace(
        found, basis=f"{found.basis}; of the embedded engine, and {engine} takes longer until a run has told"
    )


def calibrated(machine: Machine) -> Pace:
    """The pace by a calibration."""
    return Pace(machine.factor, f"from a short calibration of this machine ({machine.words})")


def pace_of_past(past: Iterable[Manifest], engine: str) -> Pace | None:
    """The pace of the last runs that tell one; None without any. One slow run among several does not count."""
    ratios: list[float] = []
    for manifest in past:
        ratio = _ratio(manifest, engine)
        ratios += [] if ratio is None else [ratio]
        if len(ratios) == LAST:
            break
    if not ratios:
        return None
    runs = "the last run" if len(ratios) == 1 else f"the last {len(ratios)} runs"
    return Pace(median(ratios), f"measured on {runs} here")


def _ratio(manifest: Manifest, engine: str) -> float | None:
    """Time that a run took beside its forecast; None for one that made only a part of its dataset, was over too soon, or is
    of another engine or version.
    """
    try:
        config = Config.model_validate(manifest.config)
    except ValidationError:
        return None
    is_whole = not manifest.resumed and not (config.output.mode == "append" and manifest.serial > 1)
    if manifest.engine != engine or manifest.generator != __version__ or not is_whole:
        return None
    expected, took = _expected(config, engine), sum(manifest.seconds.values())
    told = {"generate", "verify"} <= set(manifest.seconds)
    return took / expected if told and took > 0 and expected >= LONG_ENOUGH else None


def _expected(config: Config, engine: str) -> float:
    """Seconds of the phases that a manifest tells of: a process does not know how long it took to start."""
    if engine == WORKSPACE:
        return plan(config).seconds
    phases = estimate(config).phases
    return phases.total - phases.starting


def past_runs(folder: Path) -> Sequence[Manifest]:
    """The manifests of the datasets in a folder, the newest first; what is not a dataset of ours is passed over."""
    found = []
    for path in folder.glob(f"*/{MANIFEST}"):
        try:
            found.append((path.stat().st_mtime, Manifest.model_validate_json(path.read_bytes())))
        except (OSError, ValidationError):
            continue
    return [manifest for _, manifest in sorted(found, key=lambda pair: pair[0], reverse=True)]
