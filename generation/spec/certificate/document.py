"""The report of a dataset as a document: every figure in it is a plain number, so that anybody can query it again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from generation.spec.report import NOTICE, Shape

REPORT_VERSION = 1

FigureKind = Literal["bars", "lines", "pyramid", "ranks", "heat", "intervals"]
Outcome = Literal["within", "outside", "shown", "not measured"]


def _rounded(value: float) -> float:
    return float(f"{value:.10g}")


Number = Annotated[float, AfterValidator(_rounded)]
"""Ten digits: the last ones of a sum depend on the order in which threads add."""


class Line(Shape):
    """A named row of values, one a label."""

    name: str
    values: list[Number]


class Figure(Shape):
    """A chart's numbers: `labels` or `x` across, one or more series, and a target where there is one."""

    id: str
    topic: str
    title: str
    says: str
    kind: FigureKind
    n: int
    labels: list[str] = Field(default_factory=list)
    x: list[float] = Field(default_factory=list)
    series: list[Line]
    target: list[Number] = Field(default_factory=list)
    over: str = ""
    unit: str = "%"
    log: bool = False


class Knob(Shape):
    """A setting beside what the rows say of it. `tolerance` is the largest difference that is still within."""

    setting: str
    says: str
    unit: str
    target: Number | str | None
    actual: Number | str | None
    tolerance: Number | None
    n: int
    outcome: Outcome


class RuleResult(Shape):
    """A rule and how many rows break it."""

    name: str
    table: str
    says: str
    violations: int
    samples: list[str] = Field(default_factory=list)


class TableFacts(Shape):
    """A table as the manifest has it."""

    name: str
    rows: int
    bytes: int
    version: int
    location: str
    fingerprint: str | None


class IdentifierFacts(Shape):
    """One identifier type: how many there are, of how many people, and how many people share a value at most."""

    type: str
    mappings: int
    people: int
    values: int
    per_person: Number
    most_per_person: int
    people_per_value: Number
    most_people_per_value: int


class OverLinked(Shape):
    """A value that stands for many people."""

    type: str
    value: str
    people: int
    households: int


class Facts(Shape):
    """What was made, by what, from what."""

    name: str
    generator: str
    engine: str
    seed: int
    as_of: str
    window_start: str
    config_hash: str
    serial: int


class Report(Shape):
    """The report of one dataset. `ok` is the verdict of the rules; settings outside their tolerance do not change it."""

    report_version: int = REPORT_VERSION
    notice: str = NOTICE
    ok: bool
    rows: int
    dataset: Facts
    config: dict[str, Any]
    changed: list[str]
    rules: list[RuleResult]
    tables: list[TableFacts]
    knobs: list[Knob] = Field(default_factory=list)
    figures: list[Figure] = Field(default_factory=list)
    identifiers: list[IdentifierFacts] = Field(default_factory=list)
    over_linked: list[OverLinked] = Field(default_factory=list)

    @property
    def broken(self) -> list[RuleResult]:
        """The rules that some rows break."""
        return [rule for rule in self.rules if rule.violations]
