"""Unity Catalog's objects: catalogs, schemas, tables and volumes, with owners, comments, tags and grants."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.fakes.databricks.wire import now_ms

Kind = Literal["METASTORE", "CATALOG", "SCHEMA", "TABLE", "VOLUME"]
PARTS: dict[Kind, int] = {"METASTORE": 0, "CATALOG": 1, "SCHEMA": 2, "TABLE": 3, "VOLUME": 3}
SYSTEM_SCHEMA = "information_schema"


class Missing(Exception):
    """An object that does not exist."""

    def __init__(self, kind: Kind, full_name: str) -> None:
        super().__init__(f"{kind.title()} '{full_name}' does not exist.")
        self.kind, self.full_name, self.code = kind, full_name, f"{kind}_DOES_NOT_EXIST"


class Existing(Exception):
    """An object that is there already."""

    def __init__(self, kind: Kind, full_name: str) -> None:
        super().__init__(f"{kind.title()} '{full_name}' already exists")
        self.kind, self.full_name, self.code = kind, full_name, f"{kind}_ALREADY_EXISTS"


@dataclass
class Securable:
    """An object that can be owned and granted on. Names are kept in lower case, as the platform keeps them."""

    kind: Kind
    full_name: str
    owner: str
    comment: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    column_tags: dict[str, dict[str, str]] = field(default_factory=dict)
    grants: dict[str, set[str]] = field(default_factory=dict)
    clustering: list[str] = field(default_factory=list)
    constraints: list[dict[str, Any]] = field(default_factory=list)
    location: Path | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: int = field(default_factory=now_ms)

    @property
    def name(self) -> str:
        """The last part of the name."""
        return self.full_name.split(".")[-1]

    @property
    def parts(self) -> list[str]:
        """The parts of the name."""
        return self.full_name.split(".") if self.full_name else []


class Securables:
    """All objects of the metastore; tables and volumes have folders below `root`."""

    def __init__(self, root: Path, owner: str) -> None:
        self.lock = threading.RLock()
        self._root = root
        self._all: dict[tuple[Kind, str], Securable] = {}
        self._all["METASTORE", ""] = Securable("METASTORE", "", owner)

    def get(self, kind: Kind, full_name: str) -> Securable:
        """The object; raises `Missing` for it, or for the first of its parents that is not there."""
        with self.lock:
            for parent_kind, parent in _lineage(kind, full_name.lower()):
                if (parent_kind, parent) not in self._all:
                    raise Missing(parent_kind, parent)
            return self._all[kind, full_name.lower()]

    def find(self, kind: Kind, full_name: str) -> Securable | None:
        """The object, or None."""
        return self._all.get((kind, full_name.lower()))

    def create(self, kind: Kind, full_name: str, owner: str, comment: str | None = None) -> Securable:
        """A new object below existing parents; a catalog comes with its default schema."""
        full_name = full_name.lower()
        with self.lock:
            if (kind, full_name) in self._all:
                raise Existing(kind, full_name)
            if kind != "CATALOG":
                self.get("SCHEMA" if PARTS[kind] == 3 else "CATALOG", full_name.rpartition(".")[0])
            made = Securable(kind, full_name, owner, comment, location=self._folder(kind, full_name))
            self._all[kind, full_name] = made
            if kind == "VOLUME" and made.location is not None:
                made.location.mkdir(parents=True, exist_ok=True)
            if kind == "CATALOG":
                self.create("SCHEMA", f"{full_name}.default", owner)
        return made

    def drop(self, kind: Kind, full_name: str) -> None:
        """Afterwards the object and all below it are gone from the metastore."""
        with self.lock:
            gone = self.get(kind, full_name)
            for key, other in list(self._all.items()):
                if other.parts[: len(gone.parts)] == gone.parts and (
                    other is gone or len(other.parts) > len(gone.parts)
                ):
                    del self._all[key]

    def below(self, kind: Kind, parent: str = "") -> list[Securable]:
        """The objects of a kind directly below a parent, by name."""
        depth = PARTS[kind]
        with self.lock:
            found = [s for (k, _), s in self._all.items() if k == kind and s.parts[: depth - 1] == _split(parent)]
        return sorted(found, key=lambda s: s.full_name)

    def lineage(self, securable: Securable) -> list[Securable]:
        """The object and its parents, the metastore first."""
        return [self._all[key] for key in _lineage(securable.kind, securable.full_name)]

    def _folder(self, kind: Kind, full_name: str) -> Path | None:
        if kind == "TABLE":
            return self._root.joinpath("tables", *full_name.split("."))
        return self._root.joinpath("Volumes", *full_name.split(".")) if kind == "VOLUME" else None


def _split(full_name: str) -> list[str]:
    return full_name.lower().split(".") if full_name else []


def _lineage(kind: Kind, full_name: str) -> Iterator[tuple[Kind, str]]:
    parts = _split(full_name)
    yield "METASTORE", ""
    for depth, parent in ((1, "CATALOG"), (2, "SCHEMA")):
        if PARTS[kind] > depth:
            yield parent, ".".join(parts[:depth])
    if kind != "METASTORE":
        yield kind, full_name
