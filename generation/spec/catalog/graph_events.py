"""Graph events: the history of identifiers, people and profiles."""

from generation.spec.graph import EVENT_TYPES, SECTION
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, STRING, TIMESTAMP

GRAPH_EVENTS = Table(
    name="graph_events",
    comment="What happened to identifiers, people and profiles, and when; replayed to any moment of the history window it "
    "gives the identity_mappings valid then.",
    primary_key="graph_event_id",
    home="supporting",
    section=SECTION,
    foreign_keys=(
        ForeignKey("individual_id", "individuals", "individual_id"),
        ForeignKey("mapping_id", "identity_mappings", "mapping_id"),
        ForeignKey("previous_mapping_id", "identity_mappings", "mapping_id"),
        ForeignKey("household_id", "households", "household_id"),
        ForeignKey("profile_id", "canonical_ids", "profile_id"),
        ForeignKey("into_profile_id", "canonical_ids", "profile_id"),
    ),
    columns=(
        Column("graph_event_id", BIGINT, "Key of the event: individual_id * 32768 + number of what it happens to."),
        Column("event_type", STRING, "What happened.", values=EVENT_TYPES),
        Column("occurred_at", TIMESTAMP, "When, UTC; of moves only the day is known."),
        Column("individual_id", BIGINT, "The person whose identifier, home or profile it is."),
        Column(
            "mapping_id",
            BIGINT,
            "The mapping that begins (created, reset, replaced, transferred) or ends with the person's opt-out (withdrawn).",
            nullable=True,
        ),
        Column("previous_mapping_id", BIGINT, "The mapping that a reset or replacement ends.", nullable=True),
        Column(
            "previous_individual_id",
            BIGINT,
            "Who had a transferred identifier before: somebody of another household, who has another one now.",
            nullable=True,
        ),
        Column(
            "household_id",
            BIGINT,
            "The household that was moved or joined; null for one that was left, as it is not part of the dataset.",
            nullable=True,
        ),
        Column("profile_id", BIGINT, "The profile that was created, merged or split off.", nullable=True),
        Column("into_profile_id", BIGINT, "What it was merged into, or split off from.", nullable=True),
    ),
)
