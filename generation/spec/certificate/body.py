"""The report as sections of a page, the same in its own file and in the web app."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.certificate.document import Figure, Knob, Report
from generation.spec.certificate.drawing import chart
from generation.spec.certificate.markup import Cell, Column, Html, badge, details, facts, needle, shown, stats, table
from generation.spec.charts.canvas import safe
from generation.spec.config import Config
from generation.spec.files import to_yaml
from generation.spec.labels import label_of
from generation.spec.settings import leaf_at
from generation.spec.table import Column as TableColumn
from generation.spec.table import Table
from generation.spec.types import Struct

TOPICS = {
    "people": "People and households",
    "identity": "Identifiers",
    "engagement": "Engagement",
    "campaigns": "Campaigns",
    "sources": "Source records",
}
"""The sections with figures, in order."""

CONTENTS = {
    "asked": "What was asked",
    "targets": "Target and actual",
    **TOPICS,
    "rules": "Rules",
    "tables": "Tables",
    "dictionary": "Data dictionary",
    "again": "Check it again",
}

ICONS = {
    True: '<path d="M14 25.5l7 7 14-15"/>',
    False: '<path d="M17 17l14 14M31 17l-14 14"/>',
}


def body(report: Report, leave_out: Sequence[str] = ()) -> str:
    """The verdict, the contents and every section that has something to say."""
    parts = {name: text for name, text in _sections(report) if text and name not in leave_out}
    links = "".join(f'<li><a href="#r-{name}">{safe(CONTENTS[name])}</a></li>' for name in parts)
    sections = "".join(
        f'<section class="r-section" id="r-{name}" aria-labelledby="r-{name}-title">'
        f'<h2 id="r-{name}-title">{safe(CONTENTS[name])}</h2>{text}</section>'
        for name, text in parts.items()
    )
    contents = f'<nav class="r-contents" aria-label="Contents of the report"><ul>{links}</ul></nav>'
    return f'<div class="report">{_verdict(report)}{_stats(report)}{contents}{sections}</div>'


def _sections(report: Report) -> Iterator[tuple[str, str]]:
    yield "asked", _asked(report)
    yield "targets", _targets(report)
    for topic in TOPICS:
        yield topic, _topic(report, topic)
    yield "rules", _rules(report)
    yield "tables", _tables(report)
    yield (
        "dictionary",
        "".join(_dictionary(TABLE_BY_NAME[one.name]) for one in report.tables if one.name in TABLE_BY_NAME),
    )
    yield "again", _again(report)


def _verdict(report: Report) -> str:
    kind, broken = ("good" if report.ok else "bad"), report.broken
    words = (
        f"All {len(report.rules)} rules hold" if report.ok else f"{len(broken)} of {len(report.rules)} rules are broken"
    )
    text = (
        f"{report.rows:,} rows in {len(report.tables)} tables, judged by SQL that shares no code with the generator."
        if report.ok
        else "Nothing of it is published. The figures are left out: they would describe rows that cannot be trusted."
    )
    missed = sum(knob.outcome == "outside" for knob in report.knobs)
    if missed:
        text += f" {missed} of the settings are outside their tolerance: see target and actual."
    icon = f'<svg class="r-seal" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/>{ICONS[report.ok]}</svg>'
    return f'<div class="r-verdict r-{kind}">{icon}<div><p class="r-words">{safe(words)}</p><p>{safe(text)}</p></div></div>'


def _stats(report: Report) -> str:
    rows = {one.name: one.rows for one in report.tables}
    shown_rows = {"Households": "households", "People": "individuals", "Identifiers": "identity_mappings",
                  "Events": "content_engagements", "Exposures": "campaign_exposures"}  # fmt: skip
    pairs = [(label, f"{rows[name]:,}") for label, name in shown_rows.items() if name in rows]
    judged = [knob for knob in report.knobs if knob.outcome in ("within", "outside")]
    if judged:
        within = sum(knob.outcome == "within" for knob in judged)
        pairs.append(("Targets met", f"{within} of {len(judged)}"))
    return stats(pairs)


# What was asked


def _asked(report: Report) -> str:
    made = report.dataset
    pairs = [
        ("Dataset", made.name), ("Seed", str(made.seed)), ("As of", made.as_of),
        ("History window", f"{made.window_start} to {made.as_of}, the last day excluded"), ("Engine", made.engine),
        ("Generator", made.generator), ("Configuration", made.config_hash), ("Serial", str(made.serial)),
    ]  # fmt: skip
    config = Config.model_validate(report.config)
    whole = details("The whole configuration", f'<pre class="r-code" tabindex="0">{safe(to_yaml(config))}</pre>')
    return facts(pairs) + _changed(report) + whole


def _changed(report: Report) -> str:
    if not report.changed:
        return "<p>Every setting that decides rows has its default.</p>"
    rows = [(label_of(name), Html(f"<code>{safe(name)}</code>"), _value(report, name)) for name in report.changed]
    columns = (Column("Setting", "row"), Column("Name"), Column("Asked for"))
    return table("r-changed", "Settings other than the defaults", columns, rows)


def _value(report: Report, name: str) -> str:
    value: object = report.config
    for part in name.split("."):
        value = value[part] if isinstance(value, dict) else None
    if isinstance(value, dict):
        return ", ".join(f"{label_of(f'{name}.{key}')} {item}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


# Target and actual


def _targets(report: Report) -> str:
    if not report.knobs:
        return ""
    note = (
        "<p>Every setting that decides rows, and what the rows say of it. The tolerance is what the setting promises plus five "
        "standard errors of the n rows it is measured on; the band of each line is the tolerance, the dot the actual value.</p>"
    )
    return note + "".join(
        _section_table(section, list(knobs))
        for section, knobs in groupby(report.knobs, key=lambda knob: knob.setting.partition(".")[0])
    )


COLUMNS = (
    Column("Setting", "row"), Column("Target", "number"), Column("Actual", "number"), Column("Tolerance", "number"),
    Column("In the band", "needle"), Column("n", "number"), Column("Verdict"),
)  # fmt: skip


def _section_table(section: str, knobs: list[Knob]) -> str:
    rows: list[Sequence[Cell]] = [_knob_row(knob) for knob in knobs]
    return table(f"r-knobs-{section}", f"Settings of {section}", COLUMNS, rows)


def _knob_row(knob: Knob) -> Sequence[Cell]:
    band = ""
    if isinstance(knob.target, (int, float)) and isinstance(knob.actual, (int, float)) and knob.tolerance:
        band = needle(knob.target, knob.actual, knob.tolerance)
    kinds = {"within": "good", "outside": "bad", "shown": "plain", "not measured": "plain"}
    tolerance = None if not knob.tolerance else Html(f"±{shown(knob.tolerance, knob.unit)}")
    return (
        Html(f'<span class="r-name">{safe(_label(knob.setting))}</span><span class="r-says">{safe(knob.says)}</span>'),
        Html(shown(knob.target, knob.unit)), Html(shown(knob.actual, knob.unit)),
        "exact" if knob.tolerance == 0 and knob.outcome != "shown" else tolerance, Html(band), knob.n,
        badge(kinds[knob.outcome], knob.outcome),
    )  # fmt: skip


def _label(name: str) -> str:
    """What a setting is called; a part of a distribution after the name of the whole."""
    leaf = leaf_at(name.split("."))
    if leaf is None or leaf.name == name:
        return label_of(name)
    return f"{label_of(leaf.name)}: {label_of(name)}"


# Figures


def _topic(report: Report, topic: str) -> str:
    drawn = "".join(_figure(figure) for figure in report.figures if figure.topic == topic)
    figures = f'<div class="r-figures">{drawn}</div>' if drawn else ""
    return figures + (_identifiers(report) if topic == "identity" else "")


def _figure(figure: Figure) -> str:
    drawing = chart(figure)
    columns = [Column(label or "Row", "row" if at == 0 else "number") for at, label in enumerate(drawing.head())]
    numbers = details("Numbers", table(f"r-f-{figure.id}", figure.title, columns, drawing.rows()))
    return (
        f'<figure class="r-figure r-{figure.kind}"><figcaption><span class="r-title">{safe(figure.title)}</span>'
        f'<span class="r-says">{safe(figure.says)} n&nbsp;=&nbsp;{figure.n:,}.</span></figcaption>{drawing.svg()}{numbers}</figure>'
    )


def _identifiers(report: Report) -> str:
    if not report.identifiers:
        return ""
    columns = (
        Column("Type", "row"), Column("Mappings", "number"), Column("People", "number"), Column("Values", "number"),
        Column("Per person", "number"), Column("Most", "number"), Column("People per value", "number"),
        Column("Most people", "number"),
    )  # fmt: skip
    rows = [
        (label_of(f"demographics.identity.coverage.{one.type}"), one.mappings, one.people, one.values, one.per_person,
         one.most_per_person, one.people_per_value, one.most_people_per_value) for one in report.identifiers
    ]  # fmt: skip
    found = table("r-by-type", "Identifiers by type", columns, rows)
    if not report.over_linked:
        return found + "<p>No value stands for more than one person.</p>"
    links = [(Html(f"<code>{safe(one.value)}</code>"), label_of(f"demographics.identity.coverage.{one.type}"), one.people,
              one.households) for one in report.over_linked]  # fmt: skip
    heads = (Column("Value", "row"), Column("Type"), Column("People", "number"), Column("Households", "number"))
    return found + table("r-over-linked", "Values that stand for the most people", heads, links)


# Rules, tables, dictionary


def _rules(report: Report) -> str:
    rows = {one.name: one.rows for one in report.tables}
    columns = (
        Column("Rule", "row"),
        Column("Always true"),
        Column("Rows of the table", "number"),
        Column("Violations", "number"),
    )
    broken = ""
    if report.broken:
        found = [
            (one.name, f"{one.table}: {one.says}", ", ".join(one.samples) or None, one.violations)
            for one in report.broken
        ]
        heads = (Column("Rule", "row"), Column("Broken"), Column("Keys of some rows"), Column("Violations", "number"))
        broken = table("r-broken", "Broken rules", heads, found)
    parts = []
    for name in rows:
        members = [rule for rule in report.rules if rule.table == name]
        bad = sum(rule.violations > 0 for rule in members)
        says = f"{name}: {len(members)} rules, {bad} broken" if bad else f"{name}: {len(members)} rules, all hold"
        cells = [(rule.name, rule.says, rows.get(name), rule.violations) for rule in members]
        parts.append(details(says, table(f"r-rules-{name}", f"Rules of {name}", columns, cells)))
    return broken + "".join(parts)


def _tables(report: Report) -> str:
    columns = (Column("Table", "row"), Column("Rows", "number"), Column("Megabytes", "number"), Column("Version", "number"),
               Column("Fingerprint", "code"))  # fmt: skip
    rows: list[Sequence[Cell]] = [
        (one.name, one.rows, Html(f"{one.bytes / 1e6:,.1f}"), one.version, one.fingerprint) for one in report.tables
    ]
    total = (sum(one.rows for one in report.tables), sum(one.bytes for one in report.tables))
    rows.append(("All", total[0], Html(f"{total[1] / 1e6:,.1f}"), None, None))
    return table("r-tables-list", "Tables as they were published", columns, rows)


def _dictionary(one: Table) -> str:
    columns = (Column("Column", "row"), Column("Type", "code"), Column("Key"), Column("Null"), Column("Meaning"))
    rows = [row for column in one.columns for row in _column(one, column)]
    return details(f"{one.name}: {one.comment}", table(f"r-d-{one.name}", f"Columns of {one.name}", columns, rows))


def _column(one: Table, column: TableColumn) -> Iterator[Sequence[Cell]]:
    keys = ["primary"] if column.name == one.primary_key else []
    keys += [f"{key.table}.{key.key}" for key in one.foreign_keys if key.column == column.name]
    meaning = column.comment + (f" One of: {', '.join(column.values)}." if column.values else "")
    is_struct = isinstance(column.type, Struct)
    kind = "STRUCT" if is_struct else column.type.ddl
    yield column.name, kind, ", ".join(keys) or None, "yes" if column.nullable else "no", meaning
    if isinstance(column.type, Struct):
        for part in column.type.fields:
            yield f"{column.name}.{part.name}", part.type.ddl, None, None, part.comment


def _again(report: Report) -> str:
    lines = (
        ("Judge it again", "idgraph verify DATASET"),
        ("Write this report again", "idgraph report DATASET"),
        ("Make the same rows again", "idgraph generate --from-manifest DATASET/manifest.json --output ANOTHER"),
        ("Compare fingerprints", "idgraph fingerprint DATASET"),
    )
    items = "".join(
        f"<div><dt>{safe(label)}</dt><dd><code>{safe(command)}</code></dd></div>" for label, command in lines
    )
    sql = "<p>The rules are plain SQL: <code>idgraph rules DATASET --output FOLDER</code> writes them as files, to be run "
    return f'<dl class="r-facts r-commands">{items}</dl>{sql}without this program.</p>'
