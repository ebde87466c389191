"""One comparison of a dataset with a published figure: what was found, how far it is off and how far it may be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

CONFIGURED = "the configuration"
"""The source of targets that the dataset's own configuration sets."""

Weight = Literal["limit", "reported"]
"""Whether the comparison decides the verdict, or is shown because the published figure is of another year or concept."""


@dataclass(frozen=True)
class Measure:
    """A comparison. `off` is the effect size; the dataset passes while it is at most `limit`."""

    topic: str
    says: str
    target: str
    actual: str
    off: float
    limit: float
    n: int
    source: str
    weight: Weight = "limit"

    @property
    def ok(self) -> bool:
        """Whether the effect is within its limit; NaN is not."""
        return self.off <= self.limit


@cache
def targets() -> dict[str, Any]:
    """The published figures, by topic."""
    loaded: dict[str, Any] = json.loads(files(__package__).joinpath("targets.json").read_text(encoding="utf-8"))
    return loaded


def wanted_share(asked: Sequence[float], us: Sequence[float], topic: str) -> tuple[Sequence[float], str]:
    """A distribution's target and source: the published one, unless the configuration asks for another."""
    return (targets()[topic]["share"], targets()[topic]["source"]) if tuple(asked) == tuple(us) else (asked, CONFIGURED)


def shares(counts: Sequence[float]) -> list[float]:
    """Counts as shares of their sum; zeros when there is nothing."""
    total = sum(counts)
    return [count / total if total else 0.0 for count in counts]


def distance(found: Sequence[float], wanted: Sequence[float]) -> float:
    """Total variation distance of two distributions: half the sum of absolute differences of their shares."""
    return sum(abs(a - b) for a, b in zip(shares(found), shares(wanted), strict=True)) / 2


def counted(rows: Sequence[Sequence[Any]], bins: Sequence[Any]) -> list[float]:
    """The counts of a result of (bin, count) rows in the order of the bins."""
    found = {row[0]: float(row[1]) for row in rows}
    return [found.get(name, 0.0) for name in bins]


def spread(topic: str, says: str, found: Sequence[float], wanted: Sequence[float], limit: float, source: str,
           weight: Weight = "limit") -> Measure:  # fmt: skip
    """A distribution against a published one, by total variation distance."""
    off = distance(found, wanted)
    return Measure(topic, says, f"TVD <= {limit:g}", f"{off:.4f}", off, limit, round(sum(found)), source, weight)


def near(topic: str, says: str, found: float, wanted: float, limit: float, n: int, source: str,
         weight: Weight = "limit") -> Measure:  # fmt: skip
    """A number against a published one, by absolute difference."""
    target = f"{wanted:.4g} ± {limit:g}"
    return Measure(topic, says, target, f"{found:.4f}", abs(found - wanted), limit, n, source, weight)


def between(topic: str, says: str, found: float, limits: tuple[float, float], n: int, source: str,
            weight: Weight = "limit") -> Measure:  # fmt: skip
    """A number that lies in a range; the effect is its distance from it."""
    low, high = limits
    off = max(low - found, found - high, 0.0)
    return Measure(topic, says, f"{low:g} to {high:g}", f"{found:.3f}", off, 0.0, n, source, weight)


def most(topic: str, says: str, found: Mapping[str, float], limit: float, n: int, source: str, unit: str = "",
         weight: Weight = "limit") -> Measure:  # fmt: skip
    """The largest of several effects, with the name of the one it belongs to."""
    name = max(found, key=lambda key: found[key]) if found else "none"
    off = found.get(name, 0.0)
    return Measure(topic, says, f"<= {limit:g}{unit}", f"{off:.4g}{unit} ({name})", off, limit, n, source, weight)


def none(topic: str, says: str, violations: int, n: int, source: str, share: float = 0.0) -> Measure:
    """A rule without exceptions, or with at most a share of them."""
    off = violations / n if n else 0.0
    target = "0 violations" if share == 0 else f"<= {share:.1%}"
    return Measure(topic, says, target, f"{violations:,}", off, share, n, source)
