"""Identity edges and their truth: two views of the same edges."""

from pyspark.sql import DataFrame

from generation.engine.columns import conform
from generation.spec.catalog.identity_edges import IDENTITY_EDGES
from generation.spec.catalog.identity_edges_truth import IDENTITY_EDGES_TRUTH


def identity_edges(edges: DataFrame) -> DataFrame:
    """What a platform knows of the edges."""
    return conform(edges, IDENTITY_EDGES).orderBy("edge_id")


def identity_edges_truth(edges: DataFrame) -> DataFrame:
    """What is true of them."""
    return conform(edges, IDENTITY_EDGES_TRUTH).orderBy("edge_id")
