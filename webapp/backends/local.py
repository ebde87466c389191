"""Jobs on this host: a generating process with the embedded engine, in a process group of its own."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    MANIFEST,
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

NICE = 10
"""Pages and polls come before generating: a generator takes what they leave, which is nearly everything."""

STORAGE = "STORAGE"
CODES = {"DiskFull": STORAGE}
"""Codes of faults by the generator's names for them, where users know them under another."""
ROOM = 65_536
FREE = "free space and run it again, finished units are kept"

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
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, env=environment
            )
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        return process

    def cancel(self, reference: Mapping[str, Any]) -> None:
        """Nothing: no work outlives its supervisor here, and processes are ended by those who started them."""

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
        root = Path(order.config["output"]["path"])
        try:
            with _alone_at(root):
                _check_latest(root, judged_manifest(order.folder))
                publish(order.folder, root, manifest_hash)
        except (NotPublishable, FileNotFoundError) as error:
            raise Missing(str(error)) from error

    def locations(self, target: str, manifest: Mapping[str, Any]) -> dict[str, str]:
        """The tables' folders."""
        folders = {name: Path(target) / table["location"] for name, table in manifest["tables"].items()}
        for path in (Path(target) / MANIFEST, *folders.values()):
            if not path.exists():
                raise Missing(f"{path} is no longer there; restore it, or generate the dataset again")
        return {name: str(folder) for name, folder in folders.items()}


@contextmanager
def _alone_at(root: Path) -> Iterator[None]:
    """Nobody else publishes to the folder meanwhile; whoever does just now makes this an `OSError`, to be tried again."""
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _check_latest(root: Path, data: bytes) -> None:
    """Who was stopped while publishing, and goes on after the folder got another dataset, must not bring the old one back."""
    there = read_json(root / MANIFEST)
    if there is None or (root / MANIFEST).read_bytes() == data:
        return
    if int(there.get("serial", 0)) >= int(json.loads(data).get("serial", 0)):
        raise NotPublishable(f"{root} has got another dataset meanwhile; run it again")


@dataclass
class LocalWork:
    """A generating process and its run directory."""

    order: Order
    process: subprocess.Popen[bytes]
    beats: int = 0

    def __post_init__(self) -> None:
        # Now, while the pid is surely still its own.
        self.identity = identity(self.process.pid)

    @property
    def reference(self) -> Mapping[str, Any]:
        """The process."""
        return {"worker": self.identity}

    def look(self) -> Sight:
        """From the exit code, the failure file and the progress file."""
        code = self.process.poll()
        if code is None:
            return Sight("running", self._progress())
        if code == 0:
            return Sight("finished", self._progress())
        failure = read_json(self.order.folder / FAILURE)
        if failure is not None and code > 0 and code != BUSY:
            return Sight("failed", self._progress(), _fault(failure))
        if code > 0 and not _has_room(self.order.folder):
            return Sight("failed", self._progress(), Fault(STORAGE, f"the disk of {self.order.folder} is full; {FREE}"))
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
        end(self.identity)
        if self.process.stdin is not None:
            self.process.stdin.close()
        # One that hangs in the kernel ends when that lets it go; nobody needs to wait for it.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=1)

    def leave(self) -> None:
        """As stopping: this work does not outlive its supervisor."""
        self.stop()


def _fault(failure: Mapping[str, Any]) -> Fault:
    """What a failure file says."""
    code = str(failure.get("code", "LOST"))
    message = str(failure.get("message", "the generating process failed"))
    return Fault(CODES.get(code, code), message, bool(failure.get("may_pass", True)))


def _has_room(folder: Path) -> bool:
    """Whether a failure could have been written down."""
    probe = folder / f"room.{os.getpid()}.new"
    try:
        probe.write_bytes(bytes(ROOM))
    except OSError as error:
        return error.errno != errno.ENOSPC
    finally:
        probe.unlink(missing_ok=True)
    return True


def _how(code: int) -> str:
    if code == BUSY:
        return "the target was still in use by an earlier attempt"
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"the generating process was ended by {name}"
    return f"the generating process ended with exit code {code}"
