"""What somebody may do in a governed catalog, as far as it is known: the port between pages and whoever knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol

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
