"""Viewership patterns: habits derived from the events."""

from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, DOUBLE, INT, STRING, Array

VIEWERSHIP_PATTERNS = Table(
    name="viewership_patterns",
    comment="Habits derived from content_engagements; one row a person with events.",
    primary_key="pattern_id",
    foreign_keys=(ForeignKey("individual_id", "individuals", "individual_id"),),
    columns=(
        Column("pattern_id", BIGINT, "Key of the pattern; equals individual_id."),
        Column("individual_id", BIGINT, "Whose habits."),
        Column("frequency", DOUBLE, "Events per 30 days: events * 30 / history days."),
        Column("recency", INT, "Days from the UTC date of the last event to as_of."),
        Column("preferred_categories", Array(STRING), "Categories by seconds spent, most first, ties by name."),
        Column("events", BIGINT, "Events in the history window."),
        Column("watch_seconds", BIGINT, "Seconds spent in the history window."),
    ),
)
