"""JSON read strictly, with the place of every value."""

from __future__ import annotations

import json
import re
from typing import Any

from generation.spec.places import LONGEST_NUMBER, NOTHING, Found, Lines, Unreadable, below, dotted

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_BLANKS = re.compile(r"[ \t\r\n]*")


class JsonText:
    """JSON without repeated names. NaN and infinities are read, for the setting they stand at to refuse."""

    def __init__(self, text: str, found: Found) -> None:
        self.text, self.found = text, found
        self.lines = Lines(text)
        self.scalars = json.JSONDecoder()

    def whole(self) -> Any:
        """The one value of the text."""
        value, at = self._value("", self._past_blanks(0), 1)
        if at < len(self.text):
            raise self._end("there is more after the end", at)
        return value

    def _value(self, pointer: str, at: int, depth: int) -> tuple[Any, int]:
        """The value at an offset, and the offset of what follows it."""
        self.found.enter(pointer, self.lines.place(at), depth)
        opening = self.text[at : at + 1]
        if opening == "{":
            value, after = self._object(pointer, at, depth)
        elif opening == "[":
            value, after = self._list(pointer, at, depth)
        else:
            value, after = self._scalar(pointer, at)
        return value, self._past_blanks(after)

    def _object(self, pointer: str, at: int, depth: int) -> tuple[Any, int]:
        values: dict[str, Any] = {}
        seen: set[str] = set()
        at = self._past_blanks(at + 1)
        closed = self.text[at : at + 1] == "}"
        while not closed:
            place = self.lines.place(at)
            name, at = self._name(at)
            child = below(pointer, name)
            fresh = self.found.named(child, place, seen)
            value, at = self._value(child, self._past(":", at), depth + 1)
            if fresh and value is not NOTHING and self.found.whole_text(pointer, name, place) is not NOTHING:
                values[name] = value
            closed = self.text[at : at + 1] == "}"
            at = at if closed else self._past(",", at, "}")
        return values, at + 1

    def _list(self, pointer: str, at: int, depth: int) -> tuple[Any, int]:
        values: list[Any] = []
        at = self._past_blanks(at + 1)
        closed = self.text[at : at + 1] == "]"
        while not closed:
            value, at = self._value(f"{pointer}/{len(values)}", at, depth + 1)
            values.append(value)
            closed = self.text[at : at + 1] == "]"
            at = at if closed else self._past(",", at, "]")
        return NOTHING if NOTHING in values else values, at + 1

    def _name(self, at: int) -> tuple[str, int]:
        if self.text[at : at + 1] != '"':
            raise self._end("a name in double quotes must stand here", at)
        name, after = self._decoded(at)
        return str(name), self._past_blanks(after)

    def _scalar(self, pointer: str, at: int) -> tuple[Any, int]:
        number = _NUMBER.match(self.text, at)
        if number and len(number[0]) > LONGEST_NUMBER:
            says = f"a number of {len(number[0]):,} characters is too long; at most {LONGEST_NUMBER} are read"
            self.found.refuse(pointer, "unreadable", f"{dotted(pointer)}: {says}", self.lines.place(at))
            return NOTHING, number.end()
        value, after = self._decoded(at)
        return self.found.whole_text(pointer, value, self.lines.place(at)), after

    def _decoded(self, at: int) -> tuple[Any, int]:
        try:
            return self.scalars.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            words = "a value must stand here" if error.msg == "Expecting value" else error.msg
            raise self._end(words, error.pos) from error

    def _past(self, mark: str, at: int, other: str = "") -> int:
        """The offset of what follows a mark that must stand here."""
        if self.text[at : at + 1] != mark:
            raise self._end(f"{mark} must stand here" if not other else f"{mark} or {other} must stand here", at)
        return self._past_blanks(at + 1)

    def _past_blanks(self, at: int) -> int:
        blanks = _BLANKS.match(self.text, at)
        return blanks.end() if blanks else at

    def _end(self, says: str, at: int) -> Unreadable:
        return self.found.end("unreadable", f"this is not JSON: {says}", self.lines.place(at))
