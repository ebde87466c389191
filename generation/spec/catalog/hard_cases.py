"""Hard cases: which records are hard to resolve, and why."""

from generation.spec.catalog.source_records import SECTION
from generation.spec.sources import CASE_TYPES
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, STRING

HARD_CASES = Table(
    name="hard_cases",
    comment="Records in a situation that misleads identity resolution; one row a record and kind of case.",
    primary_key="case_id",
    axis="blinded",
    home="truth",
    growth="recomputed",
    section=SECTION,
    foreign_keys=(
        ForeignKey("record_id", "source_records", "record_id"),
        ForeignKey("individual_id", "individuals", "individual_id"),
    ),
    columns=(
        Column("case_id", BIGINT, "Key: record_id * 32 + number of the kind."),
        Column("case_type", STRING, "Kind of case.", values=CASE_TYPES),
        Column(
            "group_id",
            BIGINT,
            "Cases of one kind with one number have their cause in common.",
        ),
        Column("record_id", BIGINT, "The record."),
        Column("individual_id", BIGINT, "The person the record is of."),
    ),
)
