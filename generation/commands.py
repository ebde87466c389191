"""What the commands of the command line do: each takes the parsed options and returns an exit code."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generation.engine.session import EngineLost, EngineUnavailable, session
from generation.leash import Leash
from generation.outcome import AlreadyServed, Busy, Job, Outcome, RunFailed
from generation.property_graph import write_property_graph
from generation.score.labels import write_labels
from generation.score.report import as_json as score_as_json
from generation.score.report import text as score_as_text
from generation.score.scorer import score as scored
from generation.spec import docs as documents
from generation.spec.catalog import EVERY, TABLE_BY_NAME
from generation.spec.certificate import Report
from generation.spec.config import Config
from generation.spec.files import merged, read_file, to_yaml, with_setting
from generation.spec.nested import without
from generation.spec.pace import forecast, past_runs
from generation.spec.presets import PRESET_BY_NAME, PRESETS, Preset
from generation.spec.problems import InvalidConfig, Problem, validated
from generation.spec.report import Manifest, Progress
from generation.spec.run_directory import CONFIG, FAILURE, MANIFEST, REPORT, digest, write_json
from generation.spec.standing import RUN_FOLDER, manifest_of
from generation.verify.dataset import read_manifest
from generation.verify.export import export
from generation.verify.fingerprints import altered, fingerprints
from generation.verify.judge import verify as judge
from generation.verify.realism import outcome, page, survey
from generation.verify.report import report as measured
from generation.verify.report import write_report
from generation.verify.verdict import Finding, Unverifiable, Verdict

BAD_INPUT = (EngineUnavailable,)
UNJUDGED = (Unverifiable,)
EXPECTED = (EngineLost, EngineUnavailable, RunFailed, Unverifiable)
"""Errors whose message is already a full sentence with its remedy."""
LASTING = (InvalidConfig, EngineUnavailable, RunFailed, Unverifiable)
"""Errors that another attempt at the same run would meet again."""


def chosen_config(options: argparse.Namespace) -> Config:
    """The configuration of the options: preset, then file, then flags, each over the one before."""
    values = _preset(options.preset or "starter").config.model_dump(mode="json")
    if options.config:
        values = merged(values, read_file(Path(options.config)))
        _check_sections(values)
    for assignment in options.set:
        values = with_setting(values, assignment)
    if options.households is not None:
        values = merged(values, {"households": {"count": _number(options.households)}})
    output = {
        "seed": None if options.seed is None else _number(options.seed),
        "engine": options.engine,
        "path": getattr(options, "output", None) or None,
        "mode": getattr(options, "mode", None),
    }
    config = validated(merged(values, {"output": {name: value for name, value in output.items() if value is not None}}))
    check_market(config)
    return config


def check_market(config: Config) -> None:
    """Refuses a city that there is not. Where no engine's package is installed, estimates do without that."""
    if find_spec("pyspark") is not None:
        from generation.entities.places import check_market as check

        check(config)


def _need_pyspark() -> None:
    if find_spec("pyspark") is None:
        raise EngineUnavailable(
            "there is no pyspark here; in a Databricks job it is part of the runtime, elsewhere "
            "run pip install 'idgraph-generator[embedded]'"
        )


def _number(text: str) -> int | float | str:
    """A flag's number as it is read in decimal; anything else stays text, for the configuration to refuse."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _check_sections(values: dict[str, Any]) -> None:
    """Refuse a file with a value in a section's place, which flags would otherwise replace unseen."""
    try:
        validated(values)
    except InvalidConfig as error:
        if any(problem.code == "model_type" for problem in error.problems):
            raise


def _preset(name: str) -> Preset:
    if name not in PRESET_BY_NAME:
        raise InvalidConfig(
            [Problem("/preset", "unknown_preset", f"preset {name!r} is unknown; there are {', '.join(PRESET_BY_NAME)}")]
        )
    return PRESET_BY_NAME[name]


def generate(options: argparse.Namespace) -> int:
    """Make a dataset in a folder."""
    original = manifest_of(options.from_manifest, "--from-manifest") if options.from_manifest else None
    config = _again(original, options) if original else chosen_config(options)
    if config.output.path is None:
        raise InvalidConfig(
            [Problem("/output/path", "missing", "--output is missing; give the folder the tables go to")]
        )
    _need_pyspark()
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
    _need_pyspark()
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
    _print_verdict(outcome.verdict)
    print(f"dataset: {_place(Config.model_validate(manifest.config))}")


def _place(config: Config) -> str:
    return config.output.schema_full_name if config.output.target == "unity_catalog" else str(config.output.path)


def _print_verdict(verdict: Verdict) -> None:
    if verdict.ok:
        print(f"verdict: good, {verdict.rules_checked} rules over {verdict.rows:,} rows")
        return
    print(f"verdict: {len(verdict.findings)} rule(s) broken over {verdict.rows:,} rows")
    for finding in verdict.findings:
        print(
            f"  {finding.rule} on {finding.table}: {finding.count:,} rows, e.g. {', '.join(finding.samples[:3])}. {finding.says}"
        )


def preview(options: argparse.Namespace) -> int:
    """The first rows of a table."""
    if options.table not in TABLE_BY_NAME:
        raise InvalidConfig(
            [
                Problem(
                    "/table",
                    "unknown_table",
                    f"--table {options.table!r} is unknown; there are {', '.join(TABLE_BY_NAME)}",
                )
            ]
        )
    config = chosen_config(options)
    _need_pyspark()
    from generation.preview import preview as preview_rows

    with session(config.output.engine) as spark:
        rows = preview_rows(spark, config, options.table, options.rows)
    if options.json:
        print(json.dumps({"table": options.table, "rows": rows}, default=str))
        return 0
    for row in rows:
        print("  ".join(f"{name}={value}" for name, value in row.items()))
    return 0


def serve_preview(options: argparse.Namespace) -> int:
    """Answers preview requests on a socket until nobody needs them."""
    _need_pyspark()
    from generation.preview_server import serve_previews

    try:
        serve_previews(options.socket, options.engine, options.idle_seconds, with_parent=options.with_parent)
    except AlreadyServed as error:
        # Whoever wanted a server has one.
        print(f"idgraph: {error}", file=sys.stderr)
    return 0


def estimate(options: argparse.Namespace) -> int:
    """Rows, bytes, seconds and memory before anything is made."""
    config = chosen_config(options)
    expected = forecast(config, config.output.engine, past_runs(options.datasets))
    if options.json:
        tables = {name: dataclasses.asdict(table) for name, table in expected.tables.items()}
        total: dict[str, Any] = {
            "rows": expected.rows,
            "bytes": expected.bytes,
            "seconds": round(expected.seconds, 1),
            "phases": {name: round(seconds, 1) for name, seconds in dataclasses.asdict(expected.phases).items()},
            "memory_bytes": expected.memory,
            "basis": expected.basis,
        }
        print(json.dumps({"tables": tables, **total}))
        return 0
    for name, table in expected.tables.items():
        print(f"{name:22} {table.rows:>15,} rows {table.bytes / 1e6:>10,.1f} MB")
    print(f"{'total':22} {expected.rows:>15,} rows {expected.bytes / 1e6:>10,.1f} MB")
    phases = ", ".join(f"{name} {seconds:,.0f}" for name, seconds in dataclasses.asdict(expected.phases).items())
    print(f"about {expected.seconds:,.0f} seconds ({phases}) and {expected.memory / 1e9:,.1f} GB of memory")
    print(f"time {expected.basis}")
    return 0


def verify(options: argparse.Namespace) -> int:
    """Judge a dataset."""
    verdict = judge(options.path, only=options.rule) if options.rule else _judged(options.path)
    if options.targets and verdict.ok:
        verdict = _with_targets(options.path, verdict)
    if options.json:
        print(json.dumps(dataclasses.asdict(verdict)))
    else:
        _print_verdict(verdict)
    return 0 if verdict.ok else 1


def _with_targets(root: Path, verdict: Verdict) -> Verdict:
    """The verdict with a finding for every setting that the rows miss by more than its tolerance."""
    judged = [knob for knob in measured(root, None, verdict).knobs if knob.outcome in ("within", "outside")]
    findings = tuple(
        Finding(
            f"target.{knob.setting}",
            "config",
            f"{knob.says} {knob.actual} is not {knob.target} ± {knob.tolerance}.",
            knob.n,
        )
        for knob in judged
        if knob.outcome == "outside"
    )
    return dataclasses.replace(
        verdict, ok=not findings, findings=findings, rules_checked=verdict.rules_checked + len(judged)
    )


def _judged(root: Path) -> Verdict:
    """The verdict of all rules, and on whether the rows are those of the manifest's fingerprints."""
    verdict = judge(root)
    if not verdict.ok:
        return verdict
    manifest = read_manifest(root)
    promised = sum(entry.get("fingerprint") is not None for entry in manifest["tables"].values())
    findings = altered(root, manifest)
    return dataclasses.replace(
        verdict, ok=not findings, findings=findings, rules_checked=verdict.rules_checked + promised
    )


def report(options: argparse.Namespace) -> int:
    """Judge a dataset and write its report."""
    verdict = _judged(options.path)
    folder = options.output or options.path
    try:
        made = write_report(folder, options.path, None, verdict)
    except OSError as error:
        message = f"--output {folder}: {error.strerror}; give a folder that can be written"
        raise InvalidConfig([Problem("/output", "target", message)]) from error
    if options.json:
        print(made.model_dump_json())
    else:
        print(folder / REPORT)
        _print_verdict(verdict)
        _print_missed(made)
    return 0 if verdict.ok else 1


def rules(options: argparse.Namespace) -> int:
    """Write the rules of a dataset as SQL files."""
    try:
        count = export(options.path, options.output)
    except OSError as error:
        message = f"--output {options.output}: {error.strerror}; give a folder that can be written"
        raise InvalidConfig([Problem("/output", "target", message)]) from error
    print(f"{options.output}: {count} rules")
    return 0


def _print_missed(made: Report) -> None:
    judged = [knob for knob in made.knobs if knob.outcome in ("within", "outside")]
    missed = [knob for knob in judged if knob.outcome == "outside"]
    print(f"targets: {len(judged) - len(missed)} of {len(judged)} settings within their tolerance")
    for knob in missed:
        print(f"  {knob.setting}: {knob.actual} instead of {knob.target} ± {knob.tolerance} (n = {knob.n:,})")


def realism(options: argparse.Namespace) -> int:
    """Compare a dataset with the published world, on the screen or as a page."""
    config, measures = survey(options.path)
    if options.output:
        try:
            options.output.write_text(page(config, measures), encoding="utf-8")
        except OSError as error:
            message = f"--output {options.output}: {error.strerror}; give a file that can be written"
            raise InvalidConfig([Problem("/output", "target", message)]) from error
        print(options.output)
    elif options.json:
        print(json.dumps([dataclasses.asdict(measure) | {"ok": measure.ok} for measure in measures]))
    else:
        for measure in measures:
            print(f"{outcome(measure):8} {measure.topic}: {measure.says}: {measure.actual} (wanted {measure.target})")
    return 0


def score(options: argparse.Namespace) -> int:
    """Score predictions of who is who."""
    found = scored(options.dataset, options.predictions, options.threshold)
    print(json.dumps(score_as_json(found)) if options.json else score_as_text(found))
    return 0


def labels(options: argparse.Namespace) -> int:
    """Write labelled clusters and pairs."""
    written = write_labels(options.dataset, options.output, options.pairs, options.seed)
    if options.json:
        counts = {"records": written.records, "matches": written.matches, "distinct": written.distinct}
        print(json.dumps({"ok": True, "files": [str(path) for path in written.files], **counts}))
        return 0
    print(f"{written.records:,} records; {written.matches:,} pairs of one person, {written.distinct:,} of two")
    for path in written.files:
        print(path)
    return 0


def graph(options: argparse.Namespace) -> int:
    """Write the identity graph as CSV files."""
    written = write_property_graph(options.dataset, options.output)
    if options.json:
        print(json.dumps({"ok": True, "files": {str(file.path): file.rows for file in written}}))
        return 0
    for file in written:
        print(f"{file.rows:>13,} rows  {file.path}")
    return 0


def fingerprint(options: argparse.Namespace) -> int:
    """Fingerprints of all tables, as JSON."""
    print(json.dumps(fingerprints(options.path), indent=2))
    return 0


def config(options: argparse.Namespace) -> int:
    """A configuration as commented YAML."""
    print(to_yaml(_preset(options.preset).config), end="")
    return 0


def presets(options: argparse.Namespace) -> int:
    """The presets."""
    if options.json:
        print(json.dumps([{"name": p.name, "says": p.says, "households": p.config.households.count} for p in PRESETS]))
        return 0
    for preset in PRESETS:
        print(f"{preset.name:12} {preset.says}")
    return 0


DOCUMENTS = {
    "data-dictionary.md": lambda: documents.data_dictionary(EVERY),
    "er-diagram.md": lambda: (
        f"# Entity-relationship diagram\n\n```mermaid\n{documents.er_diagram(EVERY).strip()}\n```\n"
    ),
    "configuration.md": documents.config_reference,
}


def docs(options: argparse.Namespace) -> int:
    """Write the generated documents."""
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        for name, text in DOCUMENTS.items():
            (options.output / name).write_text(text(), encoding="utf-8")
            print(options.output / name)
    except OSError as error:
        message = f"--output {options.output}: {error.strerror}; give a folder that can be written"
        raise InvalidConfig([Problem("/output", "target", message)]) from error
    return 0
