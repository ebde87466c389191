"""Content catalog: the titles, authored on the driver."""

from __future__ import annotations

import numpy as np
from pyspark.sql import DataFrame

from generation.engine.columns import conform
from generation.engine.context import Engine
from generation.engine.lookup import Lookup
from generation.entities.content import titles
from generation.spec.catalog.content_catalog import CONTENT_CATALOG


def content_catalog(engine: Engine) -> DataFrame:
    """One row a title."""
    rows = titles(engine.config)
    lookup = Lookup(
        "content catalog",
        {
            "content_id": np.array([row.content_id for row in rows], dtype=np.int64),
            "title": [row.name for row in rows],
            "category": [row.category for row in rows],
            "format": [row.format for row in rows],
            "length_seconds": np.array([row.length_seconds for row in rows], dtype=np.int64),
        },
    )
    return conform(engine.frames.frame(lookup), CONTENT_CATALOG)
