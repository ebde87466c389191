"""Mappings within mappings, addressed by paths of names; none of these functions changes its argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

ABSENT: Final = object()
Path = tuple[str, ...]


def value_at(values: Any, path: Path) -> Any:
    """The value a path leads to; `ABSENT` where it leads nowhere."""
    for part in path:
        if not isinstance(values, Mapping) or part not in values:
            return ABSENT
        values = values[part]
    return values


def with_value(values: Any, path: Path, value: Any) -> Any:
    """The values with another one at a path."""
    if not path:
        return value
    base = values if isinstance(values, Mapping) else {}
    return {**base, path[0]: with_value(base.get(path[0]), path[1:], value)}


def without(values: Any, paths: Iterable[Path]) -> Any:
    """The values without those the paths lead to; a name that is no text is found by its text."""
    after: dict[str, set[Path]] = {}
    for path in paths:
        if path:
            after.setdefault(path[0], set()).add(path[1:])
    if not after or not isinstance(values, Mapping):
        return values
    kept = {key: value for key, value in values.items() if () not in after.get(str(key), ())}
    return {key: without(value, after.get(str(key), ())) for key, value in kept.items()}
