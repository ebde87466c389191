"""What has to change in the values of an older file, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from generation.spec.nested import ABSENT, Path, value_at, with_value, without

Values = dict[str, Any]


class Step(Protocol):
    """One change from a version of the format to the next."""

    def applied(self, values: Values, version: int) -> tuple[Values, str | None]:
        """The changed values and a note; the same values without a note where there is nothing to change."""

    @property
    def moved(self) -> tuple[str, str] | None:
        """JSON pointers to where something was and where it is; None where it stays."""


@dataclass(frozen=True)
class Renamed:
    """A setting or section that had another dotted name. A file with both keeps the old one, to be refused."""

    old: str
    new: str

    def applied(self, values: Values, version: int) -> tuple[Values, str | None]:
        """The value under its new name."""
        value = value_at(values, _path(self.old))
        if value is ABSENT or value_at(values, _path(self.new)) is not ABSENT:
            return values, None
        left = _without_empty_above(without(values, [_path(self.old)]), _path(self.old))
        moved = with_value(left, _path(self.new), value)
        return moved, f"version {version} named {self.new} `{self.old}`; renamed"

    @property
    def moved(self) -> tuple[str, str]:
        """From the old name to the new one."""
        return _pointer(self.old), _pointer(self.new)


@dataclass(frozen=True)
class Rewritten:
    """A setting that meant something else. A value its change cannot take stays, to be refused by its own name."""

    name: str
    change: Callable[[Any], Any]
    says: str

    def applied(self, values: Values, version: int) -> tuple[Values, str | None]:
        """The value in today's meaning."""
        value = value_at(values, _path(self.name))
        if value is ABSENT:
            return values, None
        try:
            changed = self.change(value)
        except (TypeError, ValueError, ArithmeticError, LookupError):
            return values, None
        return with_value(values, _path(self.name), changed), f"version {version} {self.says}"

    @property
    def moved(self) -> None:
        """It stays where it is."""


def _without_empty_above(values: Values, path: Path) -> Values:
    """A section whose last setting moved away is gone too."""
    for length in range(len(path) - 1, 0, -1):
        values = without(values, [path[:length]]) if value_at(values, path[:length]) == {} else values
    return values


def _path(name: str) -> Path:
    return tuple(name.split("."))


def _pointer(name: str) -> str:
    return "/" + name.replace(".", "/")
