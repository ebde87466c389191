"""Who may do what: grants, inheritance from catalog to schema to table, groups, owners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.fakes.databricks.principals import Directory, Principal
from tests.fakes.databricks.securables import Kind, Securable, Securables

ALL, MANAGE = "ALL PRIVILEGES", "MANAGE"

ON_TABLE = {"SELECT", "MODIFY", "APPLY TAG"}
ON_VOLUME = {"READ VOLUME", "WRITE VOLUME", "APPLY TAG"}
ON_SCHEMA = {"USE SCHEMA", "CREATE TABLE", "CREATE VOLUME", "CREATE FUNCTION", "CREATE MATERIALIZED VIEW", "EXECUTE"}
ON_CATALOG = {"USE CATALOG", "CREATE SCHEMA", "BROWSE"}
GRANTABLE: dict[Kind, set[str]] = {
    "METASTORE": {"CREATE CATALOG"},
    "TABLE": ON_TABLE,
    "VOLUME": ON_VOLUME,
    "SCHEMA": ON_SCHEMA | ON_TABLE | ON_VOLUME,
    "CATALOG": ON_CATALOG | ON_SCHEMA | ON_TABLE | ON_VOLUME,
}
"""What can be granted on each kind of object; ALL PRIVILEGES and MANAGE can be on all but the metastore."""


class Denied(Exception):
    """A privilege that is missing, in the platform's words."""

    def __init__(self, privilege: str, kind: Kind, full_name: str) -> None:
        super().__init__(f"User does not have {privilege} on {kind.title()} '{full_name}'")
        self.privilege, self.kind, self.full_name = privilege, kind, full_name


@dataclass(frozen=True)
class Grant:
    """One privilege of a principal, and the object it was granted on."""

    principal: str
    privilege: str
    on: Securable


class Privileges:
    """The judge of all requests."""

    def __init__(self, directory: Directory, securables: Securables) -> None:
        self._directory, self._securables = directory, securables

    def grant(self, names: Iterable[str], kind: Kind, full_name: str, principal: str) -> None:
        """Afterwards the principal holds these privileges (spelt with spaces or underscores) on the object."""
        securable = self._securables.get(kind, full_name)
        with self._securables.lock:
            securable.grants.setdefault(principal, set()).update(known(name, kind) for name in names)

    def revoke(self, names: Iterable[str], kind: Kind, full_name: str, principal: str) -> None:
        """Afterwards the principal does not hold these privileges by a grant on this very object."""
        securable = self._securables.get(kind, full_name)
        with self._securables.lock:
            held = securable.grants.get(principal, set())
            held -= {known(name, kind) for name in names}
            if not held:
                securable.grants.pop(principal, None)

    def grants_on(self, securable: Securable) -> list[Grant]:
        """All grants that reach an object: its own and those on its parents that apply to its kind."""
        return [
            Grant(principal, privilege, on)
            for on in self._securables.lineage(securable)
            for principal, privileges in sorted(on.grants.items())
            for privilege in sorted(privileges)
            if on is securable or _reaches(privilege, securable.kind)
        ]

    def holds(self, principal: Principal, privilege: str, securable: Securable) -> bool:
        """Whether a principal has a privilege on an object: as its owner, or by a grant to itself or one of its groups."""
        if principal.unbound or self.owns(principal, securable, privilege):
            return True
        identities = self._directory.identities(principal.name)
        held = {grant.privilege for grant in self.grants_on(securable) if grant.principal in identities}
        return privilege in held or (ALL in held and privilege != MANAGE)

    def owns(self, principal: Principal, securable: Securable, privilege: str = MANAGE) -> bool:
        """Whether ownership suffices: an owner may do all with the object and manage, use and create in what is below
        it, but reads and writes data below only with a grant."""
        data = privilege in ON_TABLE | ON_VOLUME
        owned = [securable] if data else self._securables.lineage(securable)[1:] or [securable]
        identities = self._directory.identities(principal.name)
        return any(other.owner in identities for other in owned)

    def manages(self, principal: Principal, securable: Securable) -> bool:
        """Whether a principal may grant on, alter and drop an object."""
        return principal.unbound or self.owns(principal, securable) or self.holds(principal, MANAGE, securable)

    def sees(self, principal: Principal, securable: Securable) -> bool:
        """Whether a principal sees that an object exists: it holds anything on it, on a parent or on something in it."""
        identities = self._directory.identities(principal.name)
        if principal.unbound or self.owns(principal, securable):
            return True
        if any(grant.principal in identities for grant in self.grants_on(securable)):
            return True
        depth = len(securable.parts)
        within = [
            s for kind in ("SCHEMA", "TABLE", "VOLUME") for s in self._all(kind) if s.parts[:depth] == securable.parts
        ]
        return any(s.owner in identities or identities & set(s.grants) for s in within)

    def _all(self, kind: Kind) -> list[Securable]:
        catalogs = self._securables.below("CATALOG")
        schemas = [s for c in catalogs for s in self._securables.below("SCHEMA", c.full_name)]
        return schemas if kind == "SCHEMA" else [t for s in schemas for t in self._securables.below(kind, s.full_name)]

    def require(self, principal: Principal, privilege: str, securable: Securable) -> None:
        """Raises `Denied` for the first privilege missing on the way: USE CATALOG, USE SCHEMA, then the one asked for."""
        for parent in self._securables.lineage(securable)[1:]:
            use = {"CATALOG": "USE CATALOG", "SCHEMA": "USE SCHEMA"}.get(parent.kind)
            if use and parent is not securable and not self.holds(principal, use, parent):
                raise Denied(use, parent.kind, parent.full_name)
        own_use = {"CATALOG": "USE CATALOG", "SCHEMA": "USE SCHEMA"}.get(securable.kind)
        if own_use and privilege != own_use and not self.holds(principal, own_use, securable):
            raise Denied(own_use, securable.kind, securable.full_name)
        if not self.holds(principal, privilege, securable):
            raise Denied(privilege, securable.kind, securable.full_name)

    def require_managing(self, principal: Principal, securable: Securable) -> None:
        """Raises `Denied` unless the principal owns or manages the object."""
        if not self.manages(principal, securable):
            raise Denied(MANAGE, securable.kind, securable.full_name)


def known(name: str, kind: Kind) -> str:
    """A privilege spelt with spaces; ValueError if it cannot be granted on that kind of object."""
    spelt = " ".join(name.upper().replace("_", " ").split())
    spelt = ALL if spelt == "ALL" else spelt
    if spelt not in GRANTABLE[kind] and (spelt not in (ALL, MANAGE) or kind == "METASTORE"):
        raise ValueError(f"Privilege {spelt} is not applicable to this entity [{kind}]")
    return spelt


def _reaches(privilege: str, kind: Kind) -> bool:
    return privilege in (ALL, MANAGE) or privilege in GRANTABLE[kind]
