"""Datasets: made by a command or in a run directory."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from generation.commands.configuration import chosen_config
from generation.commands.failures import EXPECTED, LASTING
from generation.commands.judging import print_verdict
from generation.engine.session import need_pyspark
from generation.leash import Leash
from generation.outcome import Busy, Job, Outcome, RunFailed
from generation.spec.config import Config
from generation.spec.files import merged
from generation.spec.nested import without
from generation.spec.problems import InvalidConfig, Problem, validated
from generation.spec.report import Manifest, Progress
from generation.spec.run_directory import CONFIG, FAILURE, MANIFEST, digest, write_json
from generation.spec.standing import RUN_FOLDER, manifest_of


def generate(options: argparse.Namespace) -> int:
    """Make a dataset in a folder."""
    original = manifest_of(options.from_manifest, "--from-manifest") if options.from_manifest else None
    config = _again(original, options) if original else chosen_config(options)
    if config.output.path is None:
        raise InvalidConfig(
            [Problem("/output/path", "missing", "--output is missing; give the folder the tables go to")]
        )
    need_pyspark()
    from generation.run import prepare

    root = Path(config.output.path).absolute()
    folder = root / RUN_FOLDER
    prepare(folder, config.model_copy(update={"output": config.output.model_copy(update={"path": str(root)})}))
    code = _run(folder, options, Job())
    return _compared(original, root, options) if original and code == 0 else code


def _again(original: Manifest, options: argparse.Namespace) -> Config:
    """The configuration of a manifest; only where and on what it runs may be another."""
    given = [name for name in ("config", "preset", "households", "seed", "set") if getattr(options, name)]
    if given:
        message = f"--from-manifest gives the whole configuration; leave out {', '.join(given)}"
        raise InvalidConfig([Problem("/from_manifest", "conflict", message)])
    values = without(original.config, [("output", "path"), ("output", "mode")])
    output = {"engine": options.engine, "path": options.output or None, "mode": options.mode}
    return validated(merged(values, {"output": {name: value for name, value in output.items() if value is not None}}))


def _compared(original: Manifest, root: Path, options: argparse.Namespace) -> int:
    """Whether the tables that were made have the fingerprints of the manifest; a table without one is not compared."""
    made = manifest_of(root / MANIFEST)
    wanted = {name: entry.fingerprint for name, entry in original.tables.items() if entry.fingerprint}
    other = [name for name, mark in wanted.items() if name not in made.tables or made.tables[name].fingerprint != mark]
    if other:
        by = (
            ""
            if original.generator == made.generator
            else f" (made by version {original.generator}, this is {made.generator})"
        )
        raise RunFailed(
            f"{len(other)} of {len(wanted)} fingerprints differ from {options.from_manifest}{by}: {', '.join(other)}"
        )
    if not options.json:
        print(f"fingerprints: all {len(wanted)} equal to those of {options.from_manifest}")
    return 0


def run(options: argparse.Namespace) -> int:
    """Run or resume a run directory."""
    if options.leash is not None:
        Leash(options.run_dir, options.leash).watch()
    job = Job(options.job_id, options.attempt, publishes=not options.unpublished)
    (options.run_dir / FAILURE).unlink(missing_ok=True)
    try:
        _check_config(options.run_dir, options.config_sha256)
        return _run(options.run_dir, options, job)
    except Exception as error:
        if options.run_dir.is_dir():
            write_json(options.run_dir / FAILURE, _failure(error))
        raise


def _check_config(folder: Path, wanted: str | None) -> None:
    """Refuses a `config.json` that is not the one the run was asked for."""
    if not wanted:
        return
    path = folder / CONFIG
    found = digest(path.read_bytes()) if path.is_file() else "missing"
    if found != wanted:
        message = f"--config-sha256: {path} is {found[:12]}, not {wanted[:12]}; start the job again"
        raise InvalidConfig([Problem("", "config_changed", message)])


def _failure(error: Exception) -> dict[str, object]:
    """Why the attempt failed, for whoever supervises it."""
    lasting = isinstance(error, LASTING) and not isinstance(error, Busy)
    known = isinstance(error, (*EXPECTED, InvalidConfig))
    message = " ".join(str(error).split())
    return {
        "code": type(error).__name__,
        "message": message[:2000] if known else f"{type(error).__name__}: {message[:500]}",
        "may_pass": not lasting,
    }


def _run(folder: Path, options: argparse.Namespace, job: Job) -> int:
    bar = _Bar(sys.stderr.isatty() and not options.json)
    begun = time.monotonic()
    try:
        outcome = _runner(folder)(folder, report=bar, job=job)
    finally:
        bar.close()
    _print_outcome(outcome, time.monotonic() - begun, as_json=options.json)
    if not outcome.verdict.ok:
        write_json(
            folder / FAILURE, _failure(RunFailed(f"the published dataset breaks {outcome.verdict.findings[0].rule}"))
        )
    return 0 if outcome.verdict.ok else 1


def _runner(folder: Path) -> Callable[..., Outcome]:
    need_pyspark()
    from generation.run import read_config
    from generation.run import run as run_directory
    from generation.workspace_run import run_in_workspace

    return run_in_workspace if read_config(folder).output.target == "unity_catalog" else run_directory


class _Bar:
    """A progress bar on a terminal, silent elsewhere."""

    WIDTH = 30

    def __init__(self, visible: bool) -> None:
        self._visible = visible

    def __call__(self, progress: Progress) -> None:
        if not self._visible:
            return
        filled = round(self.WIDTH * progress.fraction)
        left = "" if progress.eta_seconds is None else f" {progress.eta_seconds:,.0f} s left"
        blocks = "#" * filled + "." * (self.WIDTH - filled)
        line = f"{progress.phase:8} [{blocks}] {progress.fraction:4.0%} {progress.rows:,} rows{left}"
        sys.stderr.write(f"\r{line[:100]:100}")
        sys.stderr.flush()

    def close(self) -> None:
        """End the line."""
        if self._visible:
            sys.stderr.write("\r" + " " * 100 + "\r")


def _print_outcome(outcome: Outcome, seconds: float, *, as_json: bool) -> None:
    manifest = outcome.manifest
    if as_json:
        print(
            json.dumps(
                {
                    "ok": outcome.verdict.ok,
                    "unchanged": outcome.unchanged,
                    "wall_seconds": round(seconds, 2),
                    **manifest.model_dump(),
                }
            )
        )
        return
    print(f"{'table':22} {'rows':>13} {'megabytes':>10}  version")
    for name, table in manifest.tables.items():
        print(f"{name:22} {table.rows:>13,} {table.bytes / 1e6:>10,.1f}  {table.version}")
    rows, size = sum(t.rows for t in manifest.tables.values()), sum(t.bytes for t in manifest.tables.values())
    print(f"{'total':22} {rows:>13,} {size / 1e6:>10,.1f}")
    phases = ", ".join(f"{name} {value:.1f}" for name, value in manifest.seconds.items())
    print(
        f"\n{seconds:.1f} seconds ({phases})"
        if not outcome.unchanged
        else f"\nalready there, verified in {seconds:.1f} seconds"
    )
    print_verdict(outcome.verdict)
    print(f"dataset: {_place(Config.model_validate(manifest.config))}")


def _place(config: Config) -> str:
    return config.output.schema_full_name if config.output.target == "unity_catalog" else str(config.output.path)
