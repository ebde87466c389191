"""Truth of the identity edges: who was seen, and why a false edge is false."""

from generation.spec.graph import FALSE_EDGE_CAUSES, SECTION
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, BOOLEAN, STRING

IDENTITY_EDGES_TRUTH = Table(
    name="identity_edges_truth",
    comment="Whether each identity edge is correct, who was behind it, and why a false one is false; one row an edge.",
    primary_key="edge_id",
    axis="blinded",
    home="truth",
    growth="recomputed",
    section=SECTION,
    foreign_keys=(
        ForeignKey("edge_id", "identity_edges", "edge_id"),
        ForeignKey("individual_id", "individuals", "individual_id"),
    ),
    columns=(
        Column("edge_id", BIGINT, "The edge."),
        Column("individual_id", BIGINT, "The person who was seen."),
        Column("is_correct", BOOLEAN, "True when the edge's profile is that person's."),
        Column(
            "cause",
            STRING,
            "Why the observations were given to another person; null for correct edges.",
            nullable=True,
            values=FALSE_EDGE_CAUSES,
        ),
    ),
)
