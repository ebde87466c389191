"""Content engagements: the events."""

from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, DOUBLE, INT, STRING, TIMESTAMP

ENGAGEMENT_TYPES = ("view", "complete", "click", "like", "share", "save")

CONTENT_ENGAGEMENTS = Table(
    name="content_engagements",
    comment="Engagement of people with content in the history window; one row an event.",
    primary_key="event_id",
    foreign_keys=(
        ForeignKey("individual_id", "individuals", "individual_id"),
        ForeignKey("content_id", "content_catalog", "content_id"),
        ForeignKey("device_id", "devices", "device_id"),
        ForeignKey("mapping_id", "identity_mappings", "mapping_id"),
    ),
    columns=(
        Column("event_id", BIGINT, "Key of the event: individual_id * 65536 + number of the event."),
        Column("individual_id", BIGINT, "Who engaged."),
        Column("content_id", BIGINT, "With what."),
        Column("timestamp", TIMESTAMP, "When the engagement began, UTC."),
        Column("engagement_type", STRING, "What happened.", values=ENGAGEMENT_TYPES),
        Column("duration", INT, "Time spent, seconds."),
        Column("completion", DOUBLE, "Share of the title's length that was consumed, 0 to 1."),
        Column("device_id", BIGINT, "On which device."),
        Column(
            "mapping_id", BIGINT, "The identifier the publisher saw; null when it saw none it may use.", nullable=True
        ),
    ),
)
