"""Person links: the answer key of identity resolution."""

from generation.spec.catalog.source_records import SECTION
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT

PERSON_LINKS = Table(
    name="person_links",
    comment="Which person each source record is of; one row a record.",
    primary_key="record_id",
    axis="blinded",
    home="truth",
    section=SECTION,
    foreign_keys=(
        ForeignKey("record_id", "source_records", "record_id"),
        ForeignKey("individual_id", "individuals", "individual_id"),
    ),
    columns=(
        Column("record_id", BIGINT, "The source record."),
        Column("individual_id", BIGINT, "The person it is of."),
    ),
)
