"""Compute for one attempt at a task: a home, the wheel, a Spark session of the run's principal, and the task's process."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from tests.fakes.databricks.gateway import Gateway
from tests.fakes.databricks.jobs import SUCCESS, Attempt, Outcome, Run
from tests.fakes.databricks.privileges import Denied
from tests.fakes.databricks.securables import Missing
from tests.fakes.databricks.sql.sessions import Session
from tests.fakes.databricks.volumes import MENTION, mapped

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

WHEEL_TASK = """
import json, sys, traceback
from importlib import import_module, metadata

package, entry, report, *arguments = sys.argv[1:]
sys.argv = [entry, *arguments]


def function():
    for point in metadata.distribution(package).entry_points:
        if point.name == entry:
            return point.load()
    return getattr(import_module(package), entry)


def fail(error):
    traceback.print_exc()
    with open(report, "w") as file:
        json.dump({"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}, file)
    sys.stdout.flush()
    sys.exit(1)


try:
    function()()  # what it returns is not looked at
except SystemExit as stop:
    if stop.code not in (None, 0):
        fail(stop)
except BaseException as error:
    fail(error)
"""
LOG_BYTES = 5 * 2**20
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class LibraryMissing(Exception):
    """A wheel that the task depends on is not there, or is none."""


@dataclass
class TaskProcess:
    """A running task."""

    process: subprocess.Popen[bytes]
    folder: Path

    @classmethod
    @contextmanager
    def started(cls, workspace: Workspace, run: Run, attempt: Attempt) -> Iterator[TaskProcess]:
        """The task's process; at the end it, all it started, and its Spark session are gone."""
        folder = workspace.root / "runs" / str(run.run_id) / f"{attempt.task['task_key']}-{attempt.number}"
        (folder / "home").mkdir(parents=True)
        environment = _environment(folder, _wheels(workspace, run, attempt, folder))
        gateway = _gateway(workspace, run, folder)
        try:
            environment |= {"SPARK_REMOTE": gateway.remote, **workspace.job_environment}
            task = cls(_start(_command(workspace, run, attempt, folder), folder, environment), folder)
            try:
                yield task
            finally:
                task.kill()
        finally:
            gateway.close()

    def ended(self) -> bool:
        """Whether the process has ended by itself."""
        return self.process.poll() is not None

    def kill(self) -> None:
        """Afterwards neither the process nor its children run."""
        with suppress(psutil.NoSuchProcess):
            started = psutil.Process(self.process.pid).children(recursive=True)
            os.killpg(self.process.pid, signal.SIGKILL)
            psutil.wait_procs(started, 5)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def logs(self) -> str:
        """The last 5 MB of what was printed."""
        with (self.folder / "log").open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_BYTES))
            return file.read().decode("utf-8", "replace")

    def outcome(self) -> Outcome:
        """How the task ended."""
        code = self.process.returncode
        if code == 0:
            return SUCCESS
        report = self.folder / "error.json"
        said = json.loads(report.read_text()) if report.exists() else {"error": f"The Python process ended with {code}"}
        message = "Workload failed, see run output for details"
        return Outcome(
            "FAILED", "RUN_EXECUTION_ERROR", "CLIENT_ERROR", message, error=said["error"], trace=said.get("trace")
        )


def _gateway(workspace: Workspace, run: Run, folder: Path) -> Gateway:
    principal = workspace.directory.named(run.job.run_as)
    return Gateway(workspace, Session(principal, f"run {run.run_id}"), workspace.new_cluster(folder / "engine"))


def _start(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder / "home",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _command(workspace: Workspace, run: Run, attempt: Attempt, folder: Path) -> list[str]:
    wheel = attempt.task.get("python_wheel_task")
    if wheel is None:
        raise LibraryMissing(
            f"Task {attempt.task['task_key']} is not a Python wheel task, and this workspace runs no other"
        )
    named = {**run.parameters, **wheel["named_parameters"]} if "named_parameters" in wheel else {}
    given = [*wheel.get("parameters", []), *(f"--{key}={value}" for key, value in named.items())]
    arguments = [_seen_by_job(workspace, run, _filled(text, run, attempt)) for text in given]
    report = str(folder / "error.json")
    return [sys.executable, "-c", WHEEL_TASK, wheel["package_name"], wheel["entry_point"], report, *arguments]


def _filled(text: str, run: Run, attempt: Attempt) -> str:
    """A parameter with its dynamic references, such as {{job.parameters.x}}, replaced."""
    known = {
        **{f"job.parameters.{name}": value for name, value in run.parameters.items()},
        "job.id": str(run.job.job_id),
        "job.run_id": str(run.run_id),
        "run_id": str(attempt.run_id),
        "task.name": attempt.task["task_key"],
        "task.run_id": str(attempt.run_id),
        "task.execution_count": str(attempt.number + 1),
    }
    return re.sub(r"\{\{\s*([\w.-]+)\s*\}\}", lambda m: known.get(m[1], m[0]), text)


def _seen_by_job(workspace: Workspace, run: Run, text: str) -> str:
    """A parameter as the job finds it: paths of volumes it may read are folders, others do not exist for it."""
    for found in MENTION.finditer(text):
        parts = text[found.end() :].split("/")[:3]
        try:
            volume = workspace.securables.get("VOLUME", ".".join(parts))
            workspace.privileges.require(workspace.directory.named(run.job.run_as), "READ VOLUME", volume)
        except (Denied, Missing):
            return text
    return mapped(text, workspace.root)


def _wheels(workspace: Workspace, run: Run, attempt: Attempt, folder: Path) -> Path | None:
    """The folder the task's wheels were unpacked to; None when its environment names none."""
    key = attempt.task.get("environment_key")
    environments = {e["environment_key"]: e.get("spec", {}) for e in run.job.settings.get("environments", [])}
    if key is not None and key not in environments:
        raise LibraryMissing(f"Environment {key} is not defined in the job")
    wheels = [text for text in environments.get(key, {}).get("dependencies", []) if text.endswith(".whl")]
    for wheel in wheels:
        path = Path(mapped(wheel, workspace.root).replace("/Workspace/", f"{workspace.root}/Workspace/"))
        try:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder / "site")
        except (OSError, zipfile.BadZipFile) as error:
            raise LibraryMissing(f"Library installation failed for {wheel}: {error}") from error
    return folder / "site" if wheels else None


def _environment(folder: Path, site: Path | None) -> dict[str, str]:
    """A job's environment: nothing of the surroundings that a workspace would not have."""
    kept: dict[str, Any] = {name: os.environ[name] for name in KEPT if name in os.environ}
    temporary = folder / "tmp"
    temporary.mkdir()
    return {
        **kept,
        "HOME": str(folder / "home"),
        "TMPDIR": str(temporary),
        "PYTHONUNBUFFERED": "1",
        "DATABRICKS_RUNTIME_VERSION": "client.4.9",
        "IS_SERVERLESS": "TRUE",
        **({"PYTHONPATH": str(site)} if site else {}),
    }
