"""Campaign effects: the potential outcomes behind assignments, exposures and conversions."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, money
from generation.engine.context import Engine
from generation.entities.campaigns import assignment_id
from generation.entities.effects import causing_touch, outcomes, valued
from generation.spec.catalog.campaign_effects import CAMPAIGN_EFFECTS
from generation.spec.keys import EXPOSURE


def campaign_effects(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row an eligible person and campaign."""
    frame = valued(engine, outcomes(engine, households, people))
    assignment = assignment_id(F.col("individual_id"), F.col("campaign_id"))
    cause = F.when(F.col("caused"), "campaign").when(F.col("spilled_over"), "household").when(F.col("y"), "baseline")
    causing = assignment_id(F.col("toucher"), F.col("campaign_id")) * EXPOSURE + causing_touch(engine)
    frame = frame.withColumns(
        {
            "effect_id": assignment,
            "arm": F.when(F.col("held_out"), "holdout").otherwise("treatment"),
            "exposures": F.col("delivered"),
            "cause": cause.otherwise("none"),
            "caused_by": F.when(F.col("caused") | F.col("spilled_over"), causing),
            "value": money(F.col("cents")),
        }
    )
    return conform(frame, CAMPAIGN_EFFECTS)
