"""The backends as the contract suite meets them: what differs between them is how work is lost and what was made."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.spec.config import Config
from generation.spec.presets import PRESET_BY_NAME
from tests.webapp.serving import until
from webapp.backends.base import Backend, Order, Product, Sight, Work


@dataclass(frozen=True)
class Place:
    """A backend over a folder, and where it keeps what it does."""

    backend: Backend
    folder: Path
    kill: Callable[[Work], None]
    """Ends work as a crash would, without its supervisor's doing."""

    def config(self, name: str, **output: Any) -> Config:
        """A small configuration as it runs here."""
        small = PRESET_BY_NAME["small"].config
        households = small.households.model_copy(update={"count": 100})
        named = small.output.model_copy(update={"name": name, **output})
        return self.backend.prepared(small.model_copy(update={"households": households, "output": named}))

    def order(self, name: str, **output: Any) -> Order:
        """A first attempt at a job."""
        config, job_id = self.config(name, **output), str(uuid.uuid4())
        return Order(job_id, 1, config.model_dump(mode="json"), self.run_directory(job_id))

    def run_directory(self, job_id: str) -> Path:
        """Where the attempts of a job keep what they did."""
        return self.folder / "_app" / "runs" / job_id

    def occupy(self, order: Order) -> None:
        """Puts something into the target that is not ours."""
        Path(order.config["output"]["path"]).mkdir(parents=True)
        (Path(order.config["output"]["path"]) / "not-ours.txt").write_text("keep me")

    def manifest(self, order: Order) -> Path:
        """The published manifest of an order's dataset."""
        return Path(order.config["output"]["path"]) / "manifest.json"


def watched(work: Work, seconds: float = 90) -> Sight:
    """How work ends, with a supervisor's beats meanwhile."""

    def ended() -> Sight | None:
        work.beat()
        sight = work.look()
        return sight if sight.state not in ("running", "unknown") else None

    try:
        return until(ended, seconds, "the end of the work")
    finally:
        work.stop()


def until_progress(work: Work) -> Sight:
    """The first sight of the work that has progress."""

    def seen() -> Sight | None:
        work.beat()
        sight = work.look()
        assert sight.state == "running", sight
        return sight if sight.progress and sight.progress["done"] else None

    return until(seen, 60, "progress")


def units(order: Order) -> dict[str, int]:
    """The finished units of work in a run directory, and when each was finished."""
    files = (path for path in (order.folder / "units").rglob("*") if path.is_file())
    return {str(path.relative_to(order.folder)): path.stat().st_mtime_ns for path in files}


def content(product: Product) -> dict[str, tuple[int, str]]:
    """What two runs of one configuration have in common: every table's rows and fingerprint."""
    return {name: (table["rows"], table["fingerprint"]) for name, table in product.manifest["tables"].items()}
