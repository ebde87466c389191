"""The settings of the configuration one by one, and the closed sets of names that some of them take."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from generation.spec.catalog.campaigns import CHANNELS
from generation.spec.config import Config
from generation.spec.values import US_STATES, Section

NAMES_IN_LISTS: Final = {
    "households.states": US_STATES, "households.state_shares": US_STATES, "campaigns.channels": CHANNELS,
}  # fmt: skip
"""What the lists and open mappings of names may hold. Other mappings hold the names of their default, choices those of
their type."""


@dataclass(frozen=True)
class Leaf:
    """A setting that is no section: its dotted name and its field."""

    name: str
    field: FieldInfo

    @property
    def names(self) -> tuple[str, ...]:
        """The closed set that its names come from; empty where it has none."""
        if self.name in NAMES_IN_LISTS:
            return NAMES_IN_LISTS[self.name]
        if get_origin(self.field.annotation) is Literal:
            return tuple(choice for choice in get_args(self.field.annotation) if isinstance(choice, str))
        return tuple(self.field.default) if isinstance(self.field.default, dict) else ()


def section_of(field: FieldInfo) -> type[Section] | None:
    """The section a field holds; None for a setting."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def leaves(section: type[Section] = Config, path: str = "") -> Iterator[Leaf]:
    """Every setting below a section, in order."""
    for key, field in section.model_fields.items():
        name = f"{path}.{key}" if path else key
        inner = section_of(field)
        if inner is None:
            yield Leaf(name, field)
        else:
            yield from leaves(inner, name)


LEAVES: Final = {leaf.name: leaf for leaf in leaves()}


def leaf_at(path: Iterable[str]) -> Leaf | None:
    """The setting that a path leads to or into."""
    name = ""
    for part in path:
        name = f"{name}.{part}" if name else part
        if name in LEAVES:
            return LEAVES[name]
    return None


def closest(name: str, names: Iterable[str]) -> str | None:
    """The one of some names that was probably meant; case and the kind of dash do not matter, nor do left-out words."""
    plain = {_plain(known): known for known in names}
    close = difflib.get_close_matches(_plain(name), plain, n=1)
    if close:
        return plain[close[0]]
    words = set(_plain(name).split("_"))
    longer = [known for key, known in plain.items() if words <= set(key.split("_"))]
    return longer[0] if len(longer) == 1 else None


def _plain(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")
