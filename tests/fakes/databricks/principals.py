"""Who is who: users, service principals, groups within groups, and the tokens they hold."""

from __future__ import annotations

import secrets
import threading
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.databricks.wire import Request

EVERYBODY = "account users"
ENGINE = "(engine)"
"""The compute's own identity: it resolves names and locations for whoever was already checked."""

OBO_SCOPES = frozenset(
    {
        "sql",
        "catalog.catalogs:read",
        "catalog.schemas:read",
        "catalog.tables:read",
        "iam.current-user:read",
        "iam.access-control:read",
    }
)
"""What an on-behalf-of token of a user may carry; there is no scope for jobs among them, nor one to change grants."""


class Unauthenticated(Exception):
    """No token, one nobody holds, or one that has expired."""


@dataclass(frozen=True)
class Principal:
    """A user or a service principal as it calls: `scopes` limits an on-behalf-of token, None allows everything.

    `unbound` is past all privileges, as no one is on the platform: the compute's engine, and the tester's own statements.
    """

    name: str
    kind: Literal["user", "service_principal"] = "user"
    id: str = ""
    display_name: str = ""
    admin: bool = False
    scopes: frozenset[str] | None = None
    unbound: bool = False

    def may(self, scope: str) -> bool:
        """Whether the token carries a scope; routes without a scope are open to every token."""
        return not scope or self.scopes is None or scope in self.scopes


ANONYMOUS = Principal("(anonymous)")


@dataclass(frozen=True)
class Token:
    """A bearer token's holder and its end (seconds since 1970)."""

    principal: Principal
    expires: float


@dataclass
class Directory:
    """All principals of the workspace."""

    token_seconds: float = 3600
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _principals: dict[str, Principal] = field(default_factory=dict)
    _secrets: dict[str, str] = field(default_factory=dict)
    _members: dict[str, set[str]] = field(default_factory=dict)
    _group_ids: dict[str, str] = field(default_factory=dict)
    _tokens: dict[str, Token] = field(default_factory=dict)

    def add_user(self, name: str, groups: Collection[str] = (), *, admin: bool = False) -> Principal:
        """A user, named by e-mail address, in these groups."""
        shown = name.split("@")[0].replace(".", " ").title()
        return self._add(Principal(name, "user", _number(), shown, admin), groups)

    def add_service_principal(self, display_name: str, groups: Collection[str] = ()) -> tuple[Principal, str]:
        """A service principal, named by its application id, and its OAuth secret."""
        principal = Principal(str(uuid.uuid4()), "service_principal", _number(), display_name)
        self._secrets[principal.name] = "dose" + secrets.token_hex(16)
        return self._add(principal, groups), self._secrets[principal.name]

    def _add(self, principal: Principal, groups: Collection[str]) -> Principal:
        with self._lock:
            self._principals[principal.name] = principal
            for group in groups:
                self.join(principal.name, group)
        return principal

    def join(self, member: str, group: str) -> None:
        """Makes a principal, or a group, a member of a group."""
        with self._lock:
            self._members.setdefault(group, set()).add(member)
            self._group_ids.setdefault(group, _number())

    def named(self, name: str) -> Principal:
        """The principal of that name; KeyError if there is none."""
        return self._principals[name]

    def knows(self, name: str) -> bool:
        """Whether grants can be made to that name."""
        return name == EVERYBODY or name in self._principals or name in self._members

    def groups_of(self, name: str) -> list[tuple[str, str]]:
        """Names and ids of the groups a principal is a direct member of: those that SCIM shows."""
        with self._lock:
            return sorted(
                (group, self._group_ids[group]) for group, members in self._members.items() if name in members
            )

    def identities(self, name: str) -> set[str]:
        """The principal and all groups it belongs to, through other groups as well."""
        found, new = {name, EVERYBODY}, {name}
        while new:
            new = {group for member in new for group, _ in self.groups_of(member)} - found
            found |= new
        return found

    def issue(self, name: str, scopes: Collection[str] | None = None, seconds: float | None = None) -> str:
        """A new token of a principal."""
        principal = self._principals[name]
        limited = None if scopes is None else frozenset(scopes)
        held = Principal(principal.name, principal.kind, principal.id, principal.display_name, principal.admin, limited)
        token = f"{'obo' if limited is not None else 'dapi'}-{secrets.token_urlsafe(24)}"
        end = time.time() + (self.token_seconds if seconds is None else seconds)
        with self._lock:
            self._tokens[token] = Token(held, end)
        return token

    def engine_token(self) -> str:
        """A token of the compute itself."""
        token = f"engine-{secrets.token_urlsafe(24)}"
        with self._lock:
            self._tokens[token] = Token(Principal(ENGINE, unbound=True), time.time() + 10**6)
        return token

    def expire_tokens(self) -> None:
        """Ends all tokens of users and service principals."""
        with self._lock:
            for text, token in self._tokens.items():
                if token.principal.name != ENGINE:
                    self._tokens[text] = Token(token.principal, 0)

    def secret_fits(self, client_id: str, secret: str) -> bool:
        """Whether a service principal has this secret."""
        return secrets.compare_digest(self._secrets.get(client_id, ""), secret) and bool(secret)

    def caller(self, request: Request, *, anonymous: bool = False) -> Principal:
        """Who makes a request."""
        if anonymous:
            return ANONYMOUS
        kind, _, text = _header(request, "authorization").partition(" ")
        token = self._tokens.get(text) if kind == "Bearer" else None
        if token is None:
            raise Unauthenticated("Credential was not sent or was of an unsupported type for this API.")
        if token.expires <= time.time():
            raise Unauthenticated("Access token has expired.")
        return token.principal


def _header(request: Request, name: str) -> str:
    return next((text for key, text in request.headers.items() if key.lower() == name), "")


def _number() -> str:
    return str(10**14 + secrets.randbelow(9 * 10**14))
