"""Every problem of plain values, also those that others hide: in as many passes as it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generation.spec.nested import value_at, with_value, without
from generation.spec.places import below, parts
from generation.spec.problems import InvalidConfig, Problem, cut, shown, validated
from generation.spec.settings import LEAVES, NAMES_IN_LISTS, Leaf, closest, leaf_at

_WORD = re.compile(r"[a-z_0-9]+(?:\.[a-z_0-9]+)*")


def every_problem(values: Any, doubtful: Iterable[str] = ()) -> list[Problem]:
    """All that is wrong with plain values, each thing once; empty for a configuration.

    A wrong value hides the rules it takes part in, so it is taken out and the rest is looked at again. A rule that such
    a value or one of the `doubtful` JSON pointers takes part in is then not held against the rest.
    """
    repair = _names_repaired(values)
    found, values, out = list(repair.problems), repair.values, {*doubtful, *repair.doubtful}
    while problems := _problems(values):
        involved = {problem: settings_of(problem) for problem in problems}
        found += [repair.told(problem) for problem, its in involved.items() if not _hidden(problem, its, out)]
        taken = set().union(*involved.values())
        out |= taken
        paths = [tuple(parts(pointer)) for pointer in taken]
        smaller = without(values, paths)
        if smaller == values:
            break
        values = smaller
    return found


def settings_of(problem: Problem) -> frozenset[str]:
    """JSON pointers to the settings a problem is about: those a rule's sentence names, else the one it stands at."""
    path = parts(problem.pointer)
    if problem.code == "contradiction":
        named = {name for word in _WORD.findall(problem.message) for name in (word, ".".join([*path, word]))}
        pointers = frozenset(_pointer(name.split(".")) for name in named if name in LEAVES)
        if pointers:
            return pointers
    leaf = leaf_at(path)
    return frozenset([_pointer(leaf.name.split(".")) if leaf else problem.pointer])


def _problems(values: Any) -> list[Problem]:
    try:
        validated(values)
    except InvalidConfig as error:
        return error.problems
    return []


def _hidden(problem: Problem, settings: Iterable[str], out: Iterable[str]) -> bool:
    """Whether a broken rule rests on a value that was taken out."""
    return problem.code == "contradiction" and any(
        f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/") for one in settings for other in out
    )


def _pointer(path: Iterable[str]) -> str:
    pointer = ""
    for part in path:
        pointer = below(pointer, part)
    return pointer


@dataclass
class _Repair:
    """Values whose names are all known, the problems of those that were not, and where some had to go or to change."""

    values: Any
    problems: list[Problem] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)

    def told(self, problem: Problem) -> Problem:
        """The problem at the name that the values came with."""
        return replace(problem, pointer=self.renamed.get(problem.pointer, problem.pointer))


def _names_repaired(values: Any) -> _Repair:
    """Names that are not of their setting's closed set, replaced by those probably meant."""
    repair = _Repair(values)
    for leaf in LEAVES.values():
        path = tuple(leaf.name.split("."))
        found = value_at(values, path)
        value = list(found) if isinstance(found, tuple) else found
        known = _known(leaf, value, repair)
        if known != value:
            repair.values = with_value(repair.values, path, known) if known else without(repair.values, [path])
    return repair


def _known(leaf: Leaf, value: Any, repair: _Repair) -> Any:
    if isinstance(value, Mapping) and isinstance(leaf.field.default, dict):
        return _known_keys(leaf, value, repair)
    if isinstance(value, list) and leaf.name in NAMES_IN_LISTS:
        return _known_items(leaf, value, repair)
    return value


def _known_keys(leaf: Leaf, value: Mapping[Any, Any], repair: _Repair) -> dict[Any, Any]:
    """A mapping by known names; two names for one thing leave the one that is right."""
    known = {key: item for key, item in value.items() if key in leaf.names or not isinstance(key, str)}
    pointer = _pointer(leaf.name.split("."))
    for key in value:
        if key in known:
            continue
        meant = closest(key, leaf.names)
        repair.problems.append(
            Problem(below(pointer, key), "unknown_name", _unknown(f"{leaf.name}.{key}", leaf, meant))
        )
        if meant is None or meant in known:
            repair.doubtful.add(pointer)
        else:
            known[meant] = value[key]
            repair.renamed[below(pointer, meant)] = below(pointer, key)
    return known


def _known_items(leaf: Leaf, value: Sequence[Any], repair: _Repair) -> list[Any]:
    """A list of known names, each once; what is no text stays, to be refused as such.

    Others stand in for names that are wrong, so that the items after them keep their numbers.
    """
    known: list[Any] = []
    spare = [name for name in leaf.names if name not in value]
    for index, item in enumerate(value):
        right = not isinstance(item, str) or (item in leaf.names and item not in known)
        if not right:
            repair.problems.append(_wrong_item(leaf, index, item))
        if right or spare:
            known.append(item if right else spare.pop())
    return known


def _wrong_item(leaf: Leaf, index: int, item: str) -> Problem:
    pointer, name = _pointer([*leaf.name.split("."), str(index)]), f"{leaf.name}.{index}"
    if item in leaf.names:
        return Problem(pointer, "repeated", f"{name}: {item} stands twice; keep one")
    return Problem(pointer, "unknown_name", _unknown(f"{name} {shown(item)}", leaf, closest(item, leaf.names)))


def _unknown(what: str, leaf: Leaf, meant: str | None) -> str:
    hint = f"did you mean {meant}?" if meant else f"there are {', '.join(leaf.names)}"
    return f"{cut(what, 200)} is not known; {hint}"
