"""Jobs on this host: a generating process with the embedded engine, in a process group of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.spec.config import Config
from generation.spec.problems import InvalidConfig, Problem
from generation.spec.run_directory import (
    BEAT,
    CERTIFICATE,
    CONFIG,
    FAILURE,
    PROGRESS,
    NotPublishable,
    digest,
    judged_manifest,
    publish,
    write_bytes,
    write_json,
)
from generation.spec.standing import check_room, standing
from webapp.backends.base import Fault, Missing, Order, Product, Sight
from webapp.processes import end, identity

BUSY = 75
"""Exit code of a generator that found its run directory or target in use."""

SECRETS = ("DATABASE_URL", "DATABRICKS_CLIENT_SECRET", "DATABRICKS_TOKEN", "PGPASSWORD")
"""Variables that a generating process has no use for."""


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None if there is none, or something else."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


@dataclass
class Local:
    """Datasets go to `<datasets_dir>/<output.name>`."""

    datasets_dir: Path
    lease_seconds: float
    name: str = "local"

    def prepared(self, config: Config) -> Config:
        """The configuration with the folder of its dataset."""
        path = str(self.datasets_dir.absolute() / config.output.name)
        return config.model_copy(update={"output": config.output.model_copy(update={"path": path})})

    def problems(self, config: Config) -> list[Problem]:
        """The engine, the disk and what lies in the folder already."""
        if config.output.engine != "embedded":
            message = f"output.engine {config.output.engine} is not offered here; use embedded, or the command line"
            return [Problem("/output/engine", "engine", message)]
        try:
            check_room(Path(self.target(config)), config)
            standing(self.datasets_dir / "_app", config, resumable=False)
        except InvalidConfig as error:
            return error.problems
        return []

    def target(self, config: Config) -> str:
        """The dataset's folder."""
        return str(config.output.path)

    def start(self, order: Order) -> LocalWork:
        """A generating process over the job's run directory."""
        write_json(order.folder / CONFIG, dict(order.config))
        (order.folder / FAILURE).unlink(missing_ok=True)
        work = LocalWork(order, self._spawn(order))
        work.beat()
        return work

    def _spawn(self, order: Order) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "generation", "run", str(order.folder.absolute()), "--unpublished"]
        command += ["--job-id", order.job_id, "--attempt", str(order.attempt), "--leash", str(self.lease_seconds)]
        environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
        with (order.folder / f"attempt-{order.attempt}.log").open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, env=environment
            )

    def product(self, order: Order) -> Product:
        """The judged manifest and its verdict."""
        certificate = read_json(order.folder / CERTIFICATE)
        try:
            data = judged_manifest(order.folder)
        except NotPublishable as error:
            raise Missing(str(error)) from error
        if certificate is None:
            raise Missing(f"{order.folder} holds no certificate; run it again")
        return Product(json.loads(data), certificate, digest(data))

    def publish(self, order: Order, manifest_hash: str) -> None:
        """The judged manifest becomes that of the folder."""
        try:
            publish(order.folder, Path(order.config["output"]["path"]), manifest_hash)
        except NotPublishable as error:
            raise Missing(str(error)) from error


@dataclass
class LocalWork:
    """A generating process and its run directory."""

    order: Order
    process: subprocess.Popen[bytes]
    beats: int = 0

    @property
    def reference(self) -> Mapping[str, Any]:
        """The process."""
        return {"worker": identity(self.process.pid)}

    def look(self) -> Sight:
        """From the exit code, the failure file and the progress file."""
        code = self.process.poll()
        if code is None:
            return Sight("running", self._progress())
        if code == 0:
            return Sight("finished", self._progress())
        failure = read_json(self.order.folder / FAILURE)
        if failure is not None and code > 0 and code != BUSY:
            fault = Fault(str(failure["code"]), str(failure["message"]), bool(failure["may_pass"]))
            return Sight("failed", self._progress(), fault)
        return Sight("lost", self._progress(), Fault("LOST", _how(code), may_pass=True))

    def _progress(self) -> Mapping[str, Any] | None:
        found = read_json(self.order.folder / PROGRESS)
        return found if found is not None and found.get("attempt") == self.order.attempt else None

    def beat(self) -> None:
        """The beat file changes."""
        self.beats += 1
        write_bytes(self.order.folder / BEAT, f"{self.order.attempt} {self.beats}".encode())

    def stop(self) -> None:
        """The process group is killed: a run may end at any moment, and takes up its finished units later."""
        end(identity(self.process.pid))
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(timeout=5)


def _how(code: int) -> str:
    if code == BUSY:
        return "the target was still in use by an earlier attempt"
    if code < 0:
        return f"the generating process was ended by {signal.Signals(-code).name}"
    return f"the generating process ended with exit code {code}"
