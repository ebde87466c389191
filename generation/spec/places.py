"""Where things stand in a text, and what a strict reader finds there."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from generation.spec.problems import Problem, cut

DEEPEST = 20
MOST_VALUES = 10_000
LONGEST_NUMBER = 400
"""Characters; the largest finite number has 309 digits."""
NOTHING: Final = object()
"""What a reader makes of a value it refuses."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class Place(NamedTuple):
    """Where something stands in a text, counted from 1."""

    line: int
    column: int


START = Place(1, 1)


class Lines:
    """Lines and columns of a text's offsets."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def place(self, at: int) -> Place:
        """Line and column of an offset."""
        line = bisect_right(self.starts, at)
        return Place(line, at - self.starts[line - 1] + 1)


class Unreadable(Exception):
    """Reading cannot go on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass
class Found:
    """What a reader has come across so far."""

    name: str
    places: dict[str, Place] = field(default_factory=dict)
    names: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    values: int = 0

    def enter(self, pointer: str, place: Place, depth: int) -> None:
        """A value begins; ends the reading when there are too many or too deep ones."""
        self.values += 1
        if depth > DEEPEST:
            raise self.end("too_deep", f"values lie more than {DEEPEST} levels deep", place)
        if self.values > MOST_VALUES:
            raise self.end("too_many", f"there are more than {MOST_VALUES:,} values", place)
        self.places.setdefault(pointer, place)

    def refuse(self, pointer: str, code: str, says: str, place: Place) -> None:
        """One more problem; reading goes on."""
        self.problems.append(Problem(pointer, code, f"{self.name}: {says}", *place))

    def end(self, code: str, says: str, place: Place) -> Unreadable:
        """The problem that ends the reading."""
        return Unreadable(Problem("", code, f"{self.name}: {says}", *place))

    def named(self, pointer: str, place: Place, seen: set[str]) -> bool:
        """Whether a name in a mapping is its first; a repeated one is refused."""
        first = self.names.setdefault(pointer, place)
        if pointer not in seen:
            seen.add(pointer)
            return True
        says = f"{dotted(pointer)} stands twice, first in line {first.line}; keep one of them"
        self.refuse(pointer, "repeated", says, place)
        return False

    def whole_text(self, pointer: str, value: Any, place: Place) -> Any:
        """The value, unless it is text that no file can hold."""
        if not isinstance(value, str) or not _HALF_CHARACTER.search(value):
            return value
        self.refuse(pointer, "half_character", f"{dotted(pointer)} holds half a character; write it in full", place)
        return NOTHING


def below(pointer: str, name: str) -> str:
    """The JSON pointer to a name in a mapping."""
    return f"{pointer}/" + name.replace("~", "~0").replace("/", "~1")


def parts(pointer: str) -> list[str]:
    """The names a JSON pointer leads along."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def dotted(pointer: str) -> str:
    """A JSON pointer as people write it; the whole file for the empty one."""
    return cut(".".join(parts(pointer)), 200) or "the file"
