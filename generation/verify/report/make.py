"""The report of a dataset, from its manifest and its files alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generation.spec.certificate import Facts, Knob, Report, RuleResult, TableFacts
from generation.spec.config import Config
from generation.spec.identity import changes_rows, row_values
from generation.spec.nested import value_at
from generation.spec.settings import LEAVES, leaf_at
from generation.verify.bench import Room, bench, lay_out
from generation.verify.dataset import Dataset, open_dataset, read_manifest
from generation.verify.judge import rulebook
from generation.verify.report import knobs_market, knobs_people
from generation.verify.report.figures import figures
from generation.verify.report.ground import Ground, lay
from generation.verify.report.identifiers import facts
from generation.verify.report.knob import shown
from generation.verify.verdict import Verdict

ROOM = Room()

UNMEASURED = {
    "campaigns.plan_seed": "Decides the plan of the campaigns; equal fingerprints show that it was this one.",
    "campaigns.delivery.day_parts": "Decides the hours of exposures by local time; time zones are not in the tables.",
    "campaigns.measurement.same_device_share": "Orders meet the exposure's device by chance, too; conversions.device_id and "
    "campaign_effects.caused_by show both.",
    "campaigns.measurement.spillover": "Counted exposures, and what they cause, agree with the effects: a rule.",
    "output.seed": "Decides every random draw; equal fingerprints show that it was this one.",
    "output.as_of": "No event, exposure or response is at or after it: a rule.",
}


def report(root: Path, manifest: dict[str, Any] | None, verdict: Verdict, *, room: Room = ROOM) -> Report:
    """The report of the dataset below `root` at the versions of `manifest` (default: its published one).

    A dataset that breaks a rule gets its findings and no figures: they would describe rows that cannot be trusted.
    Raises `Unverifiable` when the dataset cannot be read.
    """
    described = read_manifest(Path(root)) if manifest is None else manifest
    dataset = open_dataset(Path(root), described)
    outline = _outline(dataset, described, verdict)
    if not verdict.ok:
        return outline
    with bench(dataset, 0, room) as connection:
        lay_out(connection, dataset, {})
        ground = Ground(connection, dataset.config, frozenset(stored.table.name for stored in dataset.tables))
        lay(ground)
        types, linked = facts(ground)
        return outline.model_copy(
            update={
                "knobs": list(_all_knobs(ground)),
                "figures": list(figures(ground)),
                "identifiers": types,
                "over_linked": linked,
            }
        )


def _outline(dataset: Dataset, manifest: dict[str, Any], verdict: Verdict) -> Report:
    config = dataset.config
    return Report(
        ok=verdict.ok,
        rows=verdict.rows,
        dataset=Facts(
            name=config.output.name,
            generator=str(manifest.get("generator")),
            engine=str(manifest.get("engine_version") or manifest.get("engine")),
            seed=config.output.seed,
            as_of=config.output.as_of.isoformat(),
            window_start=config.window_start.isoformat(),
            config_hash=str(manifest.get("config_hash")),
            serial=int(manifest.get("serial") or 1),
        ),
        config=config.model_dump(mode="json"),
        changed=_changed(config),
        rules=list(_rules(dataset, verdict)),
        tables=[_table(name, entry) for name, entry in manifest["tables"].items()],
    )


def _changed(config: Config) -> list[str]:
    """The settings that decide rows and differ from the defaults."""
    usual = row_values(Config())
    return [name for name, value in row_values(config).items() if usual.get(name) != value]


def _table(name: str, entry: dict[str, Any]) -> TableFacts:
    kept = {key: entry.get(key) for key in ("rows", "bytes", "version", "location", "fingerprint")}
    return TableFacts.model_validate(
        {"name": name, **kept, "bytes": kept["bytes"] or 0, "location": kept["location"] or name}
    )


def _rules(dataset: Dataset, verdict: Verdict) -> Iterator[RuleResult]:
    """Every rule with its violations, the broken ones first; then the two that are no query: row counts and columns."""
    found = {finding.rule: finding for finding in verdict.findings}
    for finding in verdict.findings:
        yield RuleResult(name=finding.rule, table=finding.table, says=finding.says, violations=finding.count,
                         samples=list(finding.samples))  # fmt: skip
    for rule in rulebook(dataset).rules:
        if rule.name not in found:
            yield RuleResult(name=rule.name, table=rule.table, says=rule.says, violations=0)
    broken = {(finding.rule, finding.table) for finding in verdict.findings}
    for stored in dataset.tables:
        name = stored.table.name
        for rule_name, says in (
            ("row_count", "The table has as many rows as the manifest says."),
            ("schema", "Columns and types are those of the catalogue."),
        ):
            if (rule_name, name) not in broken:
                yield RuleResult(name=rule_name, table=name, says=says, violations=0)


def _all_knobs(ground: Ground) -> Iterator[Knob]:
    """A knob for every setting that decides rows, in the order of the configuration; none is left out silently."""
    made: dict[str, list[Knob]] = {}
    for knob in (*knobs_people.knobs(ground), *knobs_market.knobs(ground)):
        made.setdefault(_setting(knob.setting), []).append(knob)
    for name, value in _asked(ground.config).items():
        if name in made:
            yield from made[name]
        elif name != "version":
            says = UNMEASURED.get(name, "Nothing in the rows is compared with it yet.")
            yield shown(name, says, None, 0, _plain(value)).model_copy(update={"outcome": "not measured"})


def _asked(config: Config) -> dict[str, Any]:
    """The values of all settings that decide rows, those at their default included."""
    values = config.model_dump(mode="json")
    return {name: value_at(values, tuple(name.split("."))) for name, leaf in LEAVES.items() if changes_rows(leaf.field)}


def _setting(name: str) -> str:
    """The setting a knob is of: a part of a distribution is named below it."""
    leaf = leaf_at(name.split("."))
    return leaf.name if leaf else name


def _plain(value: Any) -> float | str | None:
    return (
        value
        if isinstance(value, (int, float)) and not isinstance(value, bool)
        else None
        if value is None
        else str(value)
    )
