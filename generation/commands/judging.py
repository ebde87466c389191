"""Finished datasets: judged, reported on, compared with the world, and the rules they are judged by."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from generation.spec.certificate import Report
from generation.spec.problems import InvalidConfig, Problem
from generation.spec.run_directory import REPORT
from generation.verify.dataset import read_manifest
from generation.verify.export import export
from generation.verify.fingerprints import altered, fingerprints
from generation.verify.judge import verify as judge
from generation.verify.realism import outcome, page, survey
from generation.verify.report import report as measured
from generation.verify.report import write_report
from generation.verify.verdict import Finding, Verdict


def verify(options: argparse.Namespace) -> int:
    """Judge a dataset."""
    verdict = judge(options.path, only=options.rule) if options.rule else _judged(options.path)
    if options.targets and verdict.ok:
        verdict = _with_targets(options.path, verdict)
    if options.json:
        print(json.dumps(dataclasses.asdict(verdict)))
    else:
        print_verdict(verdict)
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
        print_verdict(verdict)
        _print_missed(made)
    return 0 if verdict.ok else 1


def _print_missed(made: Report) -> None:
    judged = [knob for knob in made.knobs if knob.outcome in ("within", "outside")]
    missed = [knob for knob in judged if knob.outcome == "outside"]
    print(f"targets: {len(judged) - len(missed)} of {len(judged)} settings within their tolerance")
    for knob in missed:
        print(f"  {knob.setting}: {knob.actual} instead of {knob.target} ± {knob.tolerance} (n = {knob.n:,})")


def rules(options: argparse.Namespace) -> int:
    """Write the rules of a dataset as SQL files."""
    try:
        count = export(options.path, options.output)
    except OSError as error:
        message = f"--output {options.output}: {error.strerror}; give a folder that can be written"
        raise InvalidConfig([Problem("/output", "target", message)]) from error
    print(f"{options.output}: {count} rules")
    return 0


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


def fingerprint(options: argparse.Namespace) -> int:
    """Fingerprints of all tables, as JSON."""
    print(json.dumps(fingerprints(options.path), indent=2))
    return 0


def print_verdict(verdict: Verdict) -> None:
    """A verdict on the screen, a line for each broken rule."""
    if verdict.ok:
        print(f"verdict: good, {verdict.rules_checked} rules over {verdict.rows:,} rows")
        return
    print(f"verdict: {len(verdict.findings)} rule(s) broken over {verdict.rows:,} rows")
    for finding in verdict.findings:
        print(
            f"  {finding.rule} on {finding.table}: {finding.count:,} rows, e.g. {', '.join(finding.samples[:3])}. {finding.says}"
        )
