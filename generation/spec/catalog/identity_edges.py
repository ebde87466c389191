"""Identity edges: which profile an identifier was seen with, and how sure that is."""

from generation.spec.catalog.identity_mappings import IDENTIFIER_TYPES, MAPPING_SOURCES, MATCH_TYPES
from generation.spec.graph import SECTION
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, DOUBLE, STRING, TIMESTAMP

IDENTITY_EDGES = Table(
    name="identity_edges",
    comment="Pairs of identifier and profile with match type, confidence and observations; one row an edge. Keys and order say "
    "nothing about who is behind an edge.",
    primary_key="edge_id",
    axis="blinded",
    home="supporting",
    growth="recomputed",
    section=SECTION,
    foreign_keys=(ForeignKey("profile_id", "canonical_ids", "profile_id"),),
    columns=(
        Column("edge_id", BIGINT, "Key of the edge: a keyed permutation of a fixed domain."),
        Column("identifier_type", STRING, "Kind of identifier.", values=IDENTIFIER_TYPES),
        Column("identifier_value", STRING, "The identifier."),
        Column(
            "profile_id", BIGINT, "The profile the observations were given to; merged ones resolve in canonical_ids."
        ),
        Column("match_type", STRING, "Whether the edge rests on a login or on inference.", values=MATCH_TYPES),
        Column(
            "confidence",
            DOUBLE,
            "Probability that the edge is correct: 1 for deterministic edges; of probabilistic edges with confidence c, the "
            "share c is correct.",
        ),
        Column("source", STRING, "The system that contributed the edge.", values=MAPPING_SOURCES),
        Column("observations", BIGINT, "How often the pair was seen in the history window."),
        Column("first_observed", TIMESTAMP, "First observation, UTC."),
        Column("last_observed", TIMESTAMP, "Last observation, UTC."),
    ),
)
