"""Configuration files: YAML with comments and JSON, read strictly, older versions migrated."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from generation.spec.config import CONFIG_VERSION, Config
from generation.spec.diagnosis import every_problem, settings_of
from generation.spec.docs import bounds, unit
from generation.spec.migration import Step
from generation.spec.nested import value_at, with_value
from generation.spec.places import parts
from generation.spec.problems import InvalidConfig, Problem, shown
from generation.spec.reading import LARGEST_FILE, Reading, read, read_yaml
from generation.spec.settings import section_of
from generation.spec.values import Section
from generation.spec.yaml_text import REAL

__all__ = [
    "LARGEST_FILE", "MIGRATIONS", "Imported", "imported", "load", "merged", "migrated", "read_file", "read_values",
    "to_json", "to_yaml", "with_setting",
]  # fmt: skip

MIGRATIONS: dict[int, tuple[Step, ...]] = {}
"""From version n to n + 1: steps over the plain values, applied in turn. Version 1 is the first."""


# Import


@dataclass(frozen=True)
class Imported:
    """A file's configuration, the values that stand in the file in today's shape, and what was changed for that."""

    config: Config
    values: dict[str, Any]
    notes: tuple[str, ...]


def imported(text: str, name: str) -> Imported:
    """A YAML or JSON text as a configuration; sections that are missing or empty have their defaults.

    Raises `InvalidConfig` with every problem in the order of the text, each with its line and column.
    """
    reading = read(text, name)
    try:
        current = _current(reading.values)
    except InvalidConfig as error:
        raise _all_placed([*reading.problems, *error.problems], reading, ()) from error
    values = _without_empty_sections(current.values)
    problems = [*reading.problems, *every_problem(values, [problem.pointer for problem in reading.problems])]
    if problems:
        raise _all_placed(problems, reading, current.moves)
    return Imported(Config.model_validate(values), values, current.notes)


def load(text: str, name: str) -> Config:
    """A configuration from a YAML or JSON text; raises `InvalidConfig`."""
    return imported(text, name).config


def read_values(text: str, name: str) -> dict[str, Any]:
    """The plain values of a YAML or JSON text; raises `InvalidConfig` for anything that is not a mapping."""
    try:
        reading = read(text, name)
        if reading.problems:
            raise InvalidConfig(list(reading.problems))
    except InvalidConfig as error:
        raise InvalidConfig([_with_place_told(problem) for problem in error.problems]) from error
    return migrated(reading.values)


def _with_place_told(problem: Problem) -> Problem:
    """The place in the sentence too, for callers that show sentences only."""
    return dataclasses.replace(problem, message=f"{problem.message} (line {problem.line}, column {problem.column})")


def _without_empty_sections(values: dict[str, Any], section: type[Section] = Config) -> dict[str, Any]:
    """A section whose settings are all commented out is an empty value, and means its defaults."""
    kept: dict[str, Any] = {}
    for key, value in values.items():
        field = section.model_fields.get(key)
        inner = section_of(field) if field else None
        if inner is None or value is not None:
            kept[key] = _without_empty_sections(value, inner) if inner and isinstance(value, dict) else value
    return kept


Moves = tuple[tuple[str, str], ...]
"""Pairs of JSON pointers: where a migration found something, and where it put it."""


def _all_placed(problems: list[Problem], reading: Reading, moves: Moves) -> InvalidConfig:
    placed = [_placed(problem, reading, moves) for problem in problems]
    return InvalidConfig(sorted(placed, key=lambda problem: (problem.line or 0, problem.column or 0)))


def _placed(problem: Problem, reading: Reading, moves: Moves) -> Problem:
    """The problem with its line and column; a rule between settings lies at the first of them in the text."""
    if problem.line is not None:
        return problem
    if problem.code in ("unknown_setting", "unknown_name"):
        line, column = reading.name_place(_origin(problem.pointer, moves))
    else:
        pointers = [_origin(pointer, moves) for pointer in (problem.pointer, *settings_of(problem))]
        inner = [pointer for pointer in pointers[1:] if pointer in reading.places]
        line, column = min(map(reading.place, inner if problem.code == "contradiction" and inner else pointers[:1]))
    return dataclasses.replace(problem, message=problem.message + _quoted(problem, reading), line=line, column=column)


def _quoted(problem: Problem, reading: Reading) -> str:
    """The remedy for text that reads as something else."""
    value = value_at(reading.values, tuple(parts(problem.pointer)))
    scalar = isinstance(value, (bool, int, float, dt.date))
    return "; put it in quotes" if problem.code == "string_type" and scalar else ""


def _origin(pointer: str, moves: Moves) -> str:
    """Where the text has what stands at a pointer now."""
    for old, new in reversed(moves):
        if f"{pointer}/".startswith(f"{new}/"):
            pointer = old + pointer[len(new) :]
    return pointer


# Older versions


@dataclass(frozen=True)
class _Current:
    """Values in today's shape, what was changed for that, and what stood elsewhere."""

    values: dict[str, Any]
    notes: tuple[str, ...]
    moves: Moves


def migrated(values: dict[str, Any]) -> dict[str, Any]:
    """Values in the current version's shape; a newer version than ours is refused."""
    return _current(values).values


def _current(values: dict[str, Any]) -> _Current:
    oldest, version = min([*MIGRATIONS, CONFIG_VERSION]), values.get("version", CONFIG_VERSION)
    if type(version) is not int or not oldest <= version <= CONFIG_VERSION:
        raise InvalidConfig([Problem("/version", "unknown_version", _unknown_version(version, oldest))])
    notes, moves = [], []
    if version < CONFIG_VERSION:
        notes.append(f"the file has version {version}; it was read as version {CONFIG_VERSION}")
    for older in range(version, CONFIG_VERSION):
        for step in MIGRATIONS[older]:
            values, note = step.applied(values, older)
            notes += [note] if note else []
            moves += [step.moved] if note and step.moved else []
    return _Current({**values, "version": CONFIG_VERSION}, tuple(notes), tuple(moves))


def _unknown_version(version: Any, oldest: int) -> str:
    known = f"{oldest} to {CONFIG_VERSION}" if oldest < CONFIG_VERSION else str(CONFIG_VERSION)
    newer = type(version) is int and version > CONFIG_VERSION
    remedy = "; a newer release wrote this file: read it with that one" if newer else ""
    return f"version must be {known}, got {shown(version)}{remedy}"


# Values of several origins


def read_file(path: Path) -> dict[str, Any]:
    """The plain values of a configuration file; raises `InvalidConfig` when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InvalidConfig(
            [Problem("", "unreadable", f"{path}: {reason}; give a YAML or JSON configuration file")]
        ) from error
    return read_values(text, str(path))


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with the values of `over`, section by section."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def with_setting(values: dict[str, Any], assignment: str) -> dict[str, Any]:
    """Values with one `section.key=value`; the value is read as YAML. Raises `InvalidConfig`."""
    dotted, equals, text = assignment.partition("=")
    parts = dotted.strip().split(".")
    if not equals or len(parts) < 2 or not all(parts):
        raise InvalidConfig([Problem("", "bad_assignment", f"--set takes section.key=value, got {assignment!r}")])
    try:
        reading = read_yaml(text, "--set")
    except InvalidConfig as error:
        raise _no_value(dotted, text) from error
    if reading.problems:
        raise _no_value(dotted, text)
    return merged(values, with_value({}, tuple(parts), reading.values))


def _no_value(dotted: str, text: str) -> InvalidConfig:
    return InvalidConfig([Problem("", "bad_assignment", f"--set {dotted}: {shown(text)} is not a value")])


# Export


class _Dumper(yaml.SafeDumper):
    """YAML in which text that some reader takes for a number is quoted."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Text with line ends and the like in one line, escaped."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(f"(?:{REAL.pattern})$"), list("-+.0123456789"))
_Dumper.add_representer(str, _text)


def to_json(config: Config) -> str:
    """The configuration as JSON in the order of its fields."""
    return json.dumps(_ordered(config), indent=2) + "\n"


def to_yaml(config: Config) -> str:
    """The configuration as YAML with every setting's help, unit and bounds as comments, in the order of the fields."""
    return "\n".join(["# Synthetic identity graph dataset", *_yaml_lines(config, 0)]) + "\n"


def _ordered(model: BaseModel) -> dict[str, Any]:
    """Plain values in the order of the fields, and named ones in the order of their default, then of their names: equal ones
    in equal order.
    """
    plain: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            plain[name] = _ordered(value)
        elif isinstance(value, dict):
            names = [*field.default, *sorted(set(value) - set(field.default))]
            plain[name] = {key: value[key] for key in names if key in value}
        else:
            plain[name] = model.model_dump(mode="json", include={name})[name]
    return plain


def _yaml_lines(model: BaseModel, depth: int) -> list[str]:
    lines: list[str] = []
    pad = "  " * depth
    plain = _ordered(model)
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            summary = (type(value).__doc__ or "").strip().splitlines()[0]
            lines += ["", f"{pad}# {summary}", f"{pad}{name}:", *_yaml_lines(value, depth + 1)]
            continue
        facts = "; ".join(fact for fact in (unit(field), bounds(field)) if fact)
        lines.append(f"{pad}# {field.description}" + (f" [{facts}]" if facts else ""))
        lines += [pad + line for line in _yaml({name: plain[name]}).splitlines()]
    return lines


def _yaml(setting: dict[str, Any]) -> str:
    """One setting: a scalar in one line, a list or mapping as short as it goes."""
    (value,) = setting.values()
    collection = isinstance(value, (dict, list))
    return yaml.dump(
        setting,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None if collection else False,
        width=100 if collection else 1_000_000,
    )
