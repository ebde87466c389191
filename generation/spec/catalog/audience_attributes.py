"""Audience attributes: segments and affinities derived from people and events."""

from generation.spec.segments import SEGMENTS
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, DOUBLE, STRING, Array, Map

AUDIENCE_ATTRIBUTES = Table(
    name="audience_attributes",
    comment="Audience segments and category affinities; one row a person.",
    primary_key="attribute_id",
    foreign_keys=(ForeignKey("individual_id", "individuals", "individual_id"),),
    columns=(
        Column("attribute_id", BIGINT, "Key of the row; equals individual_id."),
        Column("individual_id", BIGINT, "Whom the row describes."),
        Column(
            "segment",
            STRING,
            "The first segment, in declared priority, that applies.",
            values=tuple(segment.name for segment in SEGMENTS),
        ),
        Column(
            "affinity_scores",
            Map(STRING, DOUBLE),
            "Share of seconds spent by category; sums to 1; empty without events.",
        ),
        Column("classifications", Array(STRING), "All segments that apply, by name."),
    ),
)
