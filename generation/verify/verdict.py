"""What the judge says: a verdict with its findings, or that the dataset cannot be judged."""

from __future__ import annotations

from dataclasses import dataclass


class Unverifiable(Exception):
    """The dataset cannot be judged: `what` names the part and its fault, `remedy` what to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True)
class Finding:
    """`count` rows of `table` break `rule`; `says` is the sentence they break, `samples` are keys of a few of them."""

    rule: str
    table: str
    says: str
    count: int
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The outcome of all rules on one dataset: `rows` rows in all tables were judged by `rules_checked` rules."""

    ok: bool
    findings: tuple[Finding, ...]
    rules_checked: int
    rows: int
