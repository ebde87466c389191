"""Pages that the catalogue and the configuration write themselves: dictionary, ER diagram, configuration reference."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import annotated_types as at
from pydantic.fields import FieldInfo

from generation.spec.config import Audiences, Config
from generation.spec.segments import SEGMENTS
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import Array, ColumnType, Map, Scalar, Struct
from generation.spec.values import Section

HOMES = {
    "core": "core: in every dataset",
    "supporting": "supporting: switched by its section of the configuration",
    "truth": "truth: part of the answer key, in a schema of its own",
}
GROWTHS = {
    "stable": "stable: rows stay when households are added",
    "recomputed": "recomputed: a summary of the whole dataset",
}


# Data dictionary


def data_dictionary(tables: Sequence[Table]) -> str:
    """A Markdown page with every table, column, struct field, closed set of values and key, and the segments' rules."""
    contents = "\n".join(f"- [{table.name}](#{table.name}): {table.comment}" for table in tables)
    parts = ["# Data dictionary", contents, *(_table(table) for table in tables), _segments()]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    parts = [
        f"## {table.name}",
        table.comment,
        f"- Home: {HOMES[table.home]}\n- Growth: {GROWTHS[table.growth]}\n- Primary key: `{table.primary_key}`",
        _grid(("Column", "Type", "Null", "Key", "Meaning"), (_column(table, column) for column in table.columns)),
        *(_struct(name, struct) for name, struct in table.nested()),
        *(_values(column) for column in table.columns if column.values),
    ]
    return "\n\n".join(parts)


def _column(table: Table, column: Column) -> tuple[str, ...]:
    null = "yes" if column.nullable else "no"
    return f"`{column.name}`", f"`{_shape(column.type)}`", null, _keys(table, column), _prose(column.comment)


def _keys(table: Table, column: Column) -> str:
    primary = ["PK"] if column.name == table.primary_key else []
    foreign = [f"FK [{key.table}](#{key.table}).`{key.key}`" for key in table.foreign_keys if key.column == column.name]
    return ", ".join(primary + foreign)


def _struct(name: str, struct: Struct) -> str:
    rows = ((f"`{name}.{field.name}`", f"`{_shape(field.type)}`", _prose(field.comment)) for field in struct.fields)
    return _grid(("Field", "Type", "Meaning"), rows)


def _values(column: Column) -> str:
    return f"Values of `{column.name}`: " + ", ".join(f"`{value}`" for value in column.values)


def _segments() -> str:
    thresholds = {name: f"`{name}` ({field.default:g})" for name, field in Audiences.model_fields.items()}
    rows = ((str(i), f"`{s.name}`", s.basis, s.rule.format(**thresholds)) for i, s in enumerate(SEGMENTS, start=1))
    intro = (
        "In order of priority: `audience_attributes.segment` is the first that applies, `classifications` are all that "
        "apply. Thresholds are settings of `engagement.audiences`, with their defaults here in brackets."
    )
    return "\n\n".join(("## Segments", intro, _grid(("Priority", "Segment", "Rests on", "Rule"), rows)))


def _shape(type_: ColumnType) -> str:
    """The type as SQL writes it, a struct without its fields: they have a grid of their own."""
    return "STRUCT" if isinstance(type_, Struct) else type_.ddl


# ER diagram


def er_diagram(tables: Sequence[Table]) -> str:
    """A Mermaid `erDiagram`: every table with its columns, every foreign key between the tables given."""
    names = {table.name for table in tables}
    links = [_link(table, key) for table in tables for key in table.foreign_keys if key.table in names]
    return "\n".join(("erDiagram", *links, *(_entity(table) for table in tables))) + "\n"


def _link(table: Table, key: ForeignKey) -> str:
    parent = "|o" if table.column(key.column).nullable else "||"
    child = "o|" if key.column == table.primary_key else "o{"
    return f"    {key.table} {parent}--{child} {table.name} : {key.column}"


def _entity(table: Table) -> str:
    foreign = {key.column for key in table.foreign_keys}
    lines = []
    for column in table.columns:
        marks = ["PK"] * (column.name == table.primary_key) + ["FK"] * (column.name in foreign)
        lines.append(f"        {_word(column.type)} {column.name} {', '.join(marks)}".rstrip())
    return "\n".join((f"    {table.name} {{", *lines, "    }"))


def _word(type_: ColumnType) -> str:
    """The type in one word: Mermaid allows neither `<` nor `,` in it."""
    if isinstance(type_, Scalar):
        return type_.ddl.split("(")[0]
    return {Array: "ARRAY", Map: "MAP", Struct: "STRUCT"}[type(type_)]


# Configuration reference


@dataclass(frozen=True)
class Setting:
    """One field of the configuration: where it is and what it says of itself."""

    path: str
    field: FieldInfo

    @property
    def extra(self) -> dict[str, Any]:
        """Unit and effect, as `setting` recorded them."""
        return self.field.json_schema_extra if isinstance(self.field.json_schema_extra, dict) else {}


def config_reference() -> str:
    """A Markdown page with every field of the configuration, section by section."""
    intro = (
        "Every field of a configuration file, with its default. A field that changes rows belongs to the identity of "
        "the dataset: the same values and seed give the same rows. Unknown fields are refused."
    )
    return "\n\n".join(("# Configuration", intro, *_sections("", Config))) + "\n"


def _sections(path: str, section: type[Section]) -> Iterator[str]:
    """The section's own fields, then the sections in it, depth first."""
    settings = [Setting(_join(path, name), field) for name, field in section.model_fields.items()]
    leaves = [setting for setting in settings if _subsection(setting.field) is None]
    yield f"## {path}" if path else "## The whole file"
    yield " ".join((section.__doc__ or "").split())
    if leaves:
        header = ("Field", "Default", "Bounds", "Unit", "Changes rows", "Meaning")
        yield _grid(header, (_setting(setting) for setting in leaves))
    for leaf in leaves:
        if isinstance(leaf.field.default, dict):
            yield _mapping(leaf)
    for child in settings:
        subsection = _subsection(child.field)
        if subsection is not None:
            yield from _sections(child.path, subsection)


def _setting(setting: Setting) -> tuple[str, ...]:
    changes = {True: "yes", False: "no", None: ""}[setting.extra.get("changes_rows")]
    meaning = _prose(setting.field.description or "")
    default = _default(setting.field.default)
    return f"`{setting.path}`", default, bounds(setting.field), unit(setting.field), changes, meaning


def unit(field: FieldInfo) -> str:
    """What a setting's number counts; empty where it has no unit."""
    return str(field.json_schema_extra.get("unit", "")) if isinstance(field.json_schema_extra, dict) else ""


def bounds(field: FieldInfo) -> str:
    """What a setting's value must satisfy, in words; empty where its type says it all."""
    return ", ".join(dict.fromkeys(_bounds(field.annotation, field.metadata)))


def _default(value: Any) -> str:
    if value is None or value == ():
        return "empty"
    if isinstance(value, dict):
        return "listed below"
    if isinstance(value, dt.date):
        return f"`{value.isoformat()}`"
    return f"`{json.dumps(value)}`"


def _mapping(setting: Setting) -> str:
    rows = ((f"`{key}`", f"`{json.dumps(value)}`") for key, value in setting.field.default.items())
    return f"Default of `{setting.path}`:\n\n" + _grid(("Key", "Value"), rows)


def _bounds(annotation: Any, metadata: Iterable[Any]) -> Iterator[str]:
    """What a value must satisfy, in words; for a list or mapping, what each of its values must satisfy."""
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            yield from _bounds(None, mark.metadata)
        else:
            yield from _bound(mark)
    if get_origin(annotation) is Literal:
        yield "one of " + ", ".join(f"`{choice}`" for choice in get_args(annotation))
    elif hasattr(annotation, "__metadata__"):
        yield from _bounds(annotation.__origin__, annotation.__metadata__)
    else:
        for argument in get_args(annotation):
            yield from _bounds(argument, ())


def _bound(mark: Any) -> Iterator[str]:
    if isinstance(mark, at.Ge):
        yield f"≥ {_number(mark.ge)}"
    elif isinstance(mark, at.Gt):
        yield f"> {_number(mark.gt)}"
    elif isinstance(mark, at.Le):
        yield f"≤ {_number(mark.le)}"
    elif isinstance(mark, at.Lt):
        yield f"< {_number(mark.lt)}"
    elif isinstance(mark, at.MinLen):
        yield f"at least {mark.min_length} of them"
    elif getattr(mark, "pattern", None):
        yield f"matches `{mark.pattern}`"


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _subsection(field: FieldInfo) -> type[Section] | None:
    annotation = field.annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, Section) else None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _prose(text: str) -> str:
    """Text outside of code, where Markdown would take `<name>` for a tag and drop it."""
    return text.replace("<", "&lt;")


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a pipe in a cell is escaped, so it never starts another column."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
