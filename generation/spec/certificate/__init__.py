"""The certificate of a dataset for people: the report as a document, as a page of its own and as part of another page."""

from generation.spec.certificate.document import (
    Facts,
    Figure,
    IdentifierFacts,
    Knob,
    Line,
    OverLinked,
    Report,
    RuleResult,
    TableFacts,
)
from generation.spec.certificate.document import Outcome as KnobOutcome

__all__ = [
    "Facts",
    "Figure",
    "IdentifierFacts",
    "Knob",
    "KnobOutcome",
    "Line",
    "OverLinked",
    "Report",
    "RuleResult",
    "TableFacts",
]
