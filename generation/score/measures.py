"""What a score is made of: exact counts of pairs and exact means over records, and the ratios they give."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Pairs:
    """Pairs of records: those of one person, those the predictions put together, and those that are both."""

    right: int
    claimed: int
    true: int

    def __add__(self, other: Pairs) -> Pairs:
        return Pairs(self.right + other.right, self.claimed + other.claimed, self.true + other.true)

    @property
    def precision(self) -> Fraction | None:
        """The share of claimed pairs that are right; None where none are claimed."""
        return Fraction(self.right, self.claimed) if self.claimed else None

    @property
    def recall(self) -> Fraction | None:
        """The share of true pairs that are claimed; None where there are none."""
        return Fraction(self.right, self.true) if self.true else None

    @property
    def f1(self) -> Fraction | None:
        """The harmonic mean of both; None where no pair is claimed or true."""
        both = self.claimed + self.true
        return Fraction(2 * self.right, both) if both else None


@dataclass(frozen=True)
class BCubed:
    """Sums over `records` records: of the share of its cluster that is of its person, and of its person in its cluster."""

    records: int
    precisions: Fraction
    recalls: Fraction

    def __add__(self, other: BCubed) -> BCubed:
        return BCubed(self.records + other.records, self.precisions + other.precisions, self.recalls + other.recalls)

    @property
    def precision(self) -> Fraction | None:
        """The mean share; None without records."""
        return self.precisions / self.records if self.records else None

    @property
    def recall(self) -> Fraction | None:
        """The mean share; None without records."""
        return self.recalls / self.records if self.records else None

    @property
    def f1(self) -> Fraction | None:
        """The harmonic mean of both; None without records."""
        if self.precision is None or self.recall is None:
            return None
        return 2 * self.precision * self.recall / (self.precision + self.recall)


NO_PAIRS = Pairs(0, 0, 0)
NO_RECORDS = BCubed(0, Fraction(0), Fraction(0))


@dataclass(frozen=True)
class Measure:
    """The score of some records: of the pairs that any of them is in, and of themselves."""

    pairs: Pairs
    bcubed: BCubed


@dataclass(frozen=True)
class CaseMeasure:
    """The score of the records in a kind of hard case.

    `traps` are pairs of records that the same cause affects and that are not of one person; of these, the predictions
    put `caught` together.
    """

    measure: Measure
    traps: int
    caught: int


@dataclass(frozen=True)
class Score:
    """How well predictions resolve a dataset. `as_given` is the score of predicted pairs before they are closed."""

    records: int
    people: int
    clusters: int
    overall: Measure
    by_source: dict[str, Measure]
    by_source_pair: dict[tuple[str, str], Pairs]
    by_case: dict[str, CaseMeasure]
    as_given: Pairs | None = None
    notes: tuple[str, ...] = ()
