"""The port between a job and the place it runs at.

A supervisor asks a backend to start (or, after a restart, to adopt) the work of one attempt, looks at it until it has ended,
and publishes what it made. Every backend passes the suite in tests/webapp/backends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from generation.spec.config import Config
from generation.spec.problems import Problem


@dataclass(frozen=True)
class Order:
    """One attempt at a job. `folder` is the run directory that all attempts of the job share."""

    job_id: str
    attempt: int
    config: Mapping[str, Any]
    folder: Path


@dataclass(frozen=True)
class Fault:
    """Why work failed: a stable code, a sentence with the remedy, and whether another attempt may do better."""

    code: str
    message: str
    may_pass: bool = False


@dataclass(frozen=True)
class Sight:
    """What was seen of the work. `finished` means made and judged, waiting to be published; `lost` means that it ended
    without saying why, as killed processes do; `unknown` that the place could not be asked just now.
    """

    state: Literal["running", "finished", "failed", "lost", "unknown"]
    progress: Mapping[str, Any] | None = None
    fault: Fault | None = None


@dataclass(frozen=True)
class Product:
    """What finished work made: the manifest and the verdict as JSON values, and the SHA-256 of the manifest's bytes."""

    manifest: Mapping[str, Any]
    certificate: Mapping[str, Any]
    manifest_hash: str


class Work(Protocol):
    """The work of one attempt."""

    @property
    def reference(self) -> Mapping[str, Any]:
        """What somebody else needs to find this work again: a process, or a remote run."""

    def look(self) -> Sight:
        """How the work stands now; quick, and never raises for what happens to the work."""

    def beat(self) -> None:
        """Tells the work that its supervisor lives."""

    def stop(self) -> None:
        """Afterwards the work has ended, or cannot go on. May be called twice."""

    def leave(self) -> None:
        """The supervisor ends: work that cannot outlive it is stopped, and other work goes on for the next attempt."""


class Backend(Protocol):
    """A place where jobs run."""

    name: str

    def prepared(self, config: Config) -> Config:
        """The configuration as it will run here, with its target filled in."""

    def problems(self, config: Config) -> list[Problem]:
        """Why this place refuses a prepared configuration, before anything is started."""

    def target(self, config: Config) -> str:
        """The name of the place a prepared configuration writes to; two active jobs never share one."""

    def start(self, order: Order) -> Work:
        """The work of an order, started or taken up where an earlier attempt stopped."""

    def cancel(self, reference: Mapping[str, Any]) -> None:
        """Ends work that no supervisor holds any more, if it could outlive one; quick, and may be said again."""

    def product(self, order: Order) -> Product:
        """What finished work made. Raises `Missing` if it is not there or not whole."""

    def publish(self, order: Order, manifest_hash: str) -> None:
        """Makes the product the published dataset of its target. Doing it again changes nothing. Raises `Missing`."""

    def locations(self, target: str, manifest: Mapping[str, Any]) -> dict[str, str]:
        """Where readers find each table of a published dataset. Raises `Missing` if any of it is no longer there."""


class Missing(Exception):
    """A product that should be there and is not, or is another one."""
