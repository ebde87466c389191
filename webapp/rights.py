"""What somebody may do in a governed catalog, as far as it is known: the port between pages and whoever knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from generation.spec.config import Config

Verdict = Literal["allowed", "missing", "unknown"]


@dataclass(frozen=True)
class Right:
    """A privilege that a run needs. `whose` is `you` or `writer`; `grant` is the statement that would give it."""

    whose: str
    principal: str
    privilege: str
    on: str
    verdict: Verdict
    grant: str
    note: str = ""

    def unknown(self) -> Right:
        """The same, with nothing known about it."""
        return replace(self, verdict="unknown", note="the app may not see the rights of this principal")


class Rights(Protocol):
    """Knows who may write where."""

    def rights(self, config: Config, user: str, token: str | None) -> list[Right]:
        """Everything a run of the configuration needs, and who has it. Never raises for what the catalog answers."""

    def counts(self, manifest: Mapping[str, Any], token: str | None) -> dict[str, int]:
        """The rows of each table of a manifest as the catalog's warehouse counts them, for the user who asks.

        Raises `NotCounted` with the reason.
        """


class NotCounted(Exception):
    """The rows could not be counted just now, or not by this user."""
