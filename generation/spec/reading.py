"""A text in, plain values out: YAML or JSON, each with the line and column it stands at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from generation.spec.json_text import JsonText
from generation.spec.places import NOTHING, START, Found, Place, Unreadable
from generation.spec.problems import InvalidConfig, Problem
from generation.spec.yaml_text import YamlText

LARGEST_FILE = 256_000
"""Bytes; a configuration is a few thousand."""
_KINDS: Final = {type(None): "nothing", list: "a list"}


@dataclass(frozen=True)
class Reading:
    """What a text says and where: JSON pointers to the places of values and of their names.

    What `problems` refuse is left out of `values`.
    """

    values: Any
    places: dict[str, Place]
    names: dict[str, Place]
    problems: tuple[Problem, ...]

    def place(self, pointer: str) -> Place:
        """Where a value stands, or the nearest thing around it that the text has."""
        while pointer and pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places.get(pointer, START)

    def name_place(self, pointer: str) -> Place:
        """Where the name of a value stands; an item of a list has none."""
        return self.names.get(pointer) or self.place(pointer)


def read(text: str, name: str) -> Reading:
    """The mapping a YAML or JSON text holds; raises `InvalidConfig` with a line and column where there is none."""
    text = text.removeprefix("\ufeff")
    _check_size(text, name)
    reading = _read_either(text, name)
    if isinstance(reading.values, dict):
        return reading
    says = f"{name} must be a mapping of sections, got {_KINDS.get(type(reading.values), 'a single value')}"
    raise InvalidConfig(list(reading.problems) or [Problem("", "unreadable", says, *reading.place(""))])


def _read_either(text: str, name: str) -> Reading:
    if not text.lstrip().startswith("{"):
        return _read(YamlText, text, name)
    try:
        return _read(JsonText, text, name)
    except InvalidConfig as as_json:
        return _braces_as_yaml(text, name, as_json)


def read_yaml(text: str, name: str) -> Reading:
    """Whatever a YAML text holds."""
    return _read(YamlText, text, name)


def _braces_as_yaml(text: str, name: str, as_json: InvalidConfig) -> Reading:
    """YAML may start with a brace too; what is neither is refused as the format that its name promises."""
    if name.lower().endswith(".json"):
        raise as_json
    try:
        return _read(YamlText, text, name)
    except InvalidConfig as as_yaml:
        raise (as_yaml if name.lower().endswith((".yaml", ".yml")) else as_json) from None


def _check_size(text: str, name: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST_FILE:
        raise InvalidConfig(
            [Problem("", "too_large", f"{name} has {size:,} bytes; at most {LARGEST_FILE:,} are read", *START)]
        )


def _read(kind: Callable[[str, Found], YamlText | JsonText], text: str, name: str) -> Reading:
    found = Found(name)
    try:
        values = kind(text, found).whole()
    except Unreadable as error:
        raise InvalidConfig([*found.problems, error.problem]) from error
    return Reading(None if values is NOTHING else values, found.places, found.names, tuple(found.problems))
