"""Jobs that make nothing, for tests and for working on the web app: quick, resumable, and as bad as asked for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generation import __version__
from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.identity import config_hash
from generation.spec.problems import Problem
from generation.spec.report import Manifest, Progress, TableManifest, TableProgress
from generation.spec.run_directory import CERTIFICATE, MANIFEST, PENDING, write_json
from webapp.backends.base import Fault, Order, Product, Sight
from webapp.backends.local import Local, read_json

STEPS = 10
BAD = "bad"
"""A dataset of this name fails; `lost` dies at every attempt, `stuck` never ends, `refused` is refused at the start."""


@dataclass
class Fake:
    """Behaves as the local backend does, in a thread and without data."""

    datasets_dir: Path
    step_seconds: float = 0.02
    name: str = "fake"

    @property
    def _local(self) -> Local:
        return Local(self.datasets_dir, lease_seconds=10)

    def prepared(self, config: Config) -> Config:
        """The configuration with the folder of its dataset."""
        return self._local.prepared(config)

    def problems(self, config: Config) -> list[Problem]:
        """Refuses what is named so."""
        if config.output.name.startswith("refused"):
            return [Problem("/output/name", "target", "output.name 'refused' is refused; choose another name")]
        return []

    def target(self, config: Config) -> str:
        """The dataset's folder."""
        return self._local.target(config)

    def start(self, order: Order) -> FakeWork:
        """A thread that counts to ten, from where an earlier attempt stopped."""
        work = FakeWork(order, self.step_seconds)
        work.thread.start()
        return work

    def cancel(self, reference: Mapping[str, Any]) -> None:
        """Nothing: no work outlives its supervisor here, and processes are ended by those who started them."""

    def product(self, order: Order) -> Product:
        """The manifest that the thread left."""
        return self._local.product(order)

    def publish(self, order: Order, manifest_hash: str) -> None:
        """As the local backend."""
        self._local.publish(order, manifest_hash)

    def locations(self, target: str, manifest: Mapping[str, Any]) -> dict[str, str]:
        """Where the tables would be: only the manifest has to be there."""
        self._local.locations(target, {**manifest, "tables": {}})
        return {name: str(Path(target) / table["location"]) for name, table in manifest["tables"].items()}


@dataclass
class FakeWork:
    """A thread over a run directory."""

    order: Order
    step_seconds: float
    stopped: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    sight: Sight | None = None
    begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._work, daemon=True)

    @property
    def reference(self) -> Mapping[str, Any]:
        """Nothing that outlives its supervisor."""
        return {}

    def look(self) -> Sight:
        """As far as the thread has come."""
        return self.sight or Sight("running", self._progress())

    def beat(self) -> None:
        """A thread ends with its process."""

    def stop(self) -> None:
        """The thread takes no further step."""
        self.stopped.set()
        self.thread.join(timeout=2)

    def leave(self) -> None:
        """As stopping: this work does not outlive its supervisor."""
        self.stop()

    def _work(self) -> None:
        try:
            self._count()
        except Exception as error:
            fault = Fault("LOST", f"the thread was ended by {type(error).__name__}: {error}", may_pass=True)
            self.sight = Sight("lost", self._progress(), fault)

    def _count(self) -> None:
        config = Config.model_validate(self.order.config)
        units = self.order.folder / "units"
        units.mkdir(parents=True, exist_ok=True)
        for step in range(STEPS):
            if not (units / str(step)).exists():
                if self.stopped.wait(3600 if config.output.name.startswith("stuck") else self.step_seconds):
                    return
                (units / str(step)).write_text(str(self.order.attempt))
            self.done = step + 1
        self.sight = self._end(config)

    def _end(self, config: Config) -> Sight:
        if config.output.name.startswith(BAD):
            return Sight(
                "failed", self._progress(), Fault("RunFailed", "the dataset is named bad; choose another name")
            )
        if config.output.name.startswith("lost"):
            return Sight("lost", self._progress(), Fault("LOST", "the thread is gone", may_pass=True))
        Path(self.order.config["output"]["path"]).mkdir(parents=True, exist_ok=True)
        write_json(
            self.order.folder / CERTIFICATE,
            {"ok": True, "findings": [], "rules_checked": 0, "rows": self._rows(config)},
        )
        write_json(self.order.folder / PENDING, self._manifest(config).model_dump())
        return Sight("finished", self._progress())

    def _rows(self, config: Config) -> int:
        return estimate(config).rows

    def _manifest(self, config: Config) -> Manifest:
        tables = {
            name: TableManifest(rows=size.rows, bytes=size.bytes, version=1, location=name, fingerprint=f"fake-{name}")
            for name, size in estimate(config).tables.items()
        }
        values = json.loads(json.dumps(dict(self.order.config)))
        there = read_json(Path(self.order.config["output"]["path"]) / MANIFEST)
        serial = int((there or {}).get("serial", 0)) + 1
        mark = {"generator": __version__, "config_hash": config_hash(config), "engine": "fake", "serial": serial}
        return Manifest(**mark, config=values, tables=tables, seconds={"generate": self.step_seconds * STEPS})

    def _progress(self) -> Mapping[str, Any]:
        fraction, seconds = self.done / STEPS, max(time.monotonic() - self.begun, 1e-3)
        table = TableProgress(name="households", done=self.done, total=STEPS, rows=self.done)
        progress = Progress(
            phase="generate", done=self.done, total=STEPS, fraction=fraction, rows=self.done,
            rows_per_second=self.done / seconds, eta_seconds=self.step_seconds * (STEPS - self.done), tables=[table],
            job_id=self.order.job_id, attempt=self.order.attempt,
        )  # fmt: skip
        return progress.model_dump()
