"""Canonical ids: which live profile stands for every profile there ever was."""

from generation.spec.graph import SECTION
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, BOOLEAN, TIMESTAMP

CANONICAL_IDS = Table(
    name="canonical_ids",
    comment="Profiles of people and the live profile each resolves to at as_of; one row a profile. A profile that was merged "
    "resolves to one that is live, in one step.",
    primary_key="profile_id",
    home="supporting",
    section=SECTION,
    foreign_keys=(
        ForeignKey("individual_id", "individuals", "individual_id"),
        ForeignKey("canonical_id", "canonical_ids", "profile_id"),
    ),
    columns=(
        Column(
            "profile_id",
            BIGINT,
            "Key of the profile: individual_id * 8192 for a person's own, the mapping_id for one that a new cookie began.",
        ),
        Column("individual_id", BIGINT, "The person it was made of."),
        Column(
            "canonical_id",
            BIGINT,
            "The live profile that stands for it; itself where it was not merged or was split off.",
        ),
        Column("is_retired", BOOLEAN, "True when it was merged and not split off again before as_of."),
        Column("retired_at", TIMESTAMP, "When it was merged, UTC; null while it is live.", nullable=True),
    ),
)
