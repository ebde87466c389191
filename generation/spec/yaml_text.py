"""YAML read strictly, with the place of every value."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)
from yaml.reader import ReaderError

from generation.spec.places import LONGEST_NUMBER, NOTHING, START, Found, Lines, Place, below, dotted

WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
REAL = re.compile(r"(?=.*[.eE])[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


class YamlText:
    """YAML without aliases, anchors and tags. Scalars mean what they look like: `010`, `1:30` and `on` are text."""

    def __init__(self, text: str, found: Found) -> None:
        self.text, self.found = text, found
        self.anchors: set[str] = set()

    def whole(self) -> Any:
        """The one document of the text."""
        try:
            return self._document()
        except ReaderError as error:
            character = self.text[error.position]
            place = Lines(self.text).place(error.position)
            raise self.found.end(
                "unreadable", f"character U+{ord(character):04X} is not allowed in YAML", place
            ) from error
        except yaml.MarkedYAMLError as error:
            place = _place(error.problem_mark or error.context_mark)
            raise self.found.end("unreadable", f"this is not YAML: {_yaml_words(error)}", place) from error

    def _document(self) -> Any:
        self.events = yaml.parse(self.text, Loader=yaml.SafeLoader)
        next(self.events)
        if isinstance(next(self.events), StreamEndEvent):
            return None
        value = self._value(next(self.events), "", 1, None)
        next(self.events)
        after = next(self.events)
        if not isinstance(after, StreamEndEvent):
            says = "a second document starts here; keep one"
            raise self.found.end("unreadable", says, _place(after.start_mark))
        return value

    def _value(self, event: Event, pointer: str, depth: int, name: Place | None) -> Any:
        """The value that starts with an event; a block stands where its name does."""
        block = isinstance(event, CollectionStartEvent) and not event.flow_style
        place = name if block and name else _place(event.start_mark)
        self.found.enter(pointer, place, depth)
        allowed = self._allowed(event, pointer, place)
        value = self._content(event, pointer, depth)
        return self.found.whole_text(pointer, value, place) if allowed else NOTHING

    def _content(self, event: Event, pointer: str, depth: int) -> Any:
        if isinstance(event, MappingStartEvent):
            return self._mapping(pointer, depth)
        if isinstance(event, CollectionStartEvent):
            return self._sequence(pointer, depth)
        return self._scalar(event, pointer) if isinstance(event, ScalarEvent) else NOTHING

    def _allowed(self, event: Event, pointer: str, place: Place) -> bool:
        """Whether a value is there and is what it looks like; says why not."""
        if isinstance(event, AliasEvent):
            if event.anchor not in self.anchors:
                says = f"alias *{event.anchor} is not read; write the value in its place"
                self.found.refuse(pointer, "alias", says, place)
            return False
        if not isinstance(event, NodeEvent):
            return True
        if event.anchor:
            self.anchors.add(event.anchor)
            says = f"anchor &{event.anchor} and its aliases are not read; write the value wherever it belongs"
            self.found.refuse(pointer, "alias", says, place)
        tag = str(getattr(event, "tag", None) or "").replace("tag:yaml.org,2002:", "!!")
        if tag:
            self.found.refuse(pointer, "tag", f"tag {tag[:60]!r} is not read; write the plain value", place)
        return not tag

    def _mapping(self, pointer: str, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        seen: set[str] = set()
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            place = _place(event.start_mark)
            name = self._name(event, pointer, depth)
            child = pointer if name is None else below(pointer, name)
            fresh = name is not None and self.found.named(child, place, seen)
            value = self._value(next(self.events), child, depth + 1, place)
            if fresh and name is not None and value is not NOTHING:
                values[name] = value
        return values

    def _name(self, event: Event, pointer: str, depth: int) -> str | None:
        """A name is its text, also where it looks like a number; None for what is refused."""
        place = _place(event.start_mark)
        if not isinstance(event, ScalarEvent):
            self._value(event, pointer, depth + 1, None)
            self.found.refuse(pointer, "name", "a name must be text", place)
            return None
        if event.value == "<<" and event.style is None:
            self.found.refuse(pointer, "alias", "merge key << is not read; write the values in its place", place)
            return None
        self._allowed(event, below(pointer, event.value), place)
        return None if self.found.whole_text(pointer, event.value, place) is NOTHING else event.value

    def _sequence(self, pointer: str, depth: int) -> Any:
        values: list[Any] = []
        for index, event in enumerate(self.events):
            if isinstance(event, SequenceEndEvent):
                break
            values.append(self._value(event, f"{pointer}/{index}", depth + 1, None))
        return NOTHING if NOTHING in values else values

    def _scalar(self, event: ScalarEvent, pointer: str) -> Any:
        if event.style is not None:
            return event.value
        try:
            return plain(event.value)
        except ValueError as error:
            self.found.refuse(pointer, "unreadable", f"{dotted(pointer)}: {error}", _place(event.start_mark))
            return NOTHING


def plain(text: str) -> Any:
    """What an unquoted YAML scalar means; raises `ValueError` with a sentence for a number or day there cannot be."""
    if text in _WORDS:
        return _WORDS[text]
    if endless := _ENDLESS.fullmatch(text):
        return float(f"{endless[1]}inf")
    number = WHOLE.fullmatch(text) or REAL.fullmatch(text)
    if number:
        return _number(text)
    return _day(text) if _DATE.fullmatch(text) else text


def _number(text: str) -> int | float:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text):,} characters is too long; at most {LONGEST_NUMBER} are read")
    digits = text.replace("_", "")
    return int(digits) if WHOLE.fullmatch(digits) else float(digits)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {text}; write one like 2026-01-01") from None


def _yaml_words(error: yaml.MarkedYAMLError) -> str:
    words = " ".join(str(error.problem or error.context).split())
    return f"{words}; indent with spaces, not with tabs" if "\\t" in words else words


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else START
