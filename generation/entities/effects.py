"""What a campaign does to a person: both potential outcomes, told by one draw.

Below the rate without exposure they convert anyway; between that and the rate with their exposures the campaign causes it.
The conversions and the truth tables are made from the same columns, so they cannot disagree.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.entities.audience import audience
from generation.entities.campaigns import deliveries, eligible
from generation.entities.outcomes import intents, order_cents


def outcomes(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """Eligible pairs with `intent`, `p0` and `p1` (chance to convert without and with their exposures), `y0`, `y1` (whether
    they would), `y` (whether they do, in their arm), and whether the campaign `caused` it.
    """
    settings, draws = engine.config.campaigns.measurement, engine.draws
    keys = (F.col("individual_id"), F.col("campaign_id"))
    frame = deliveries(engine, eligible(engine, audience(engine, people, households)))
    frame = engine.frames.quantile(frame, "intent", intents(settings.intent_spread), draws.bits("intent", *keys))
    seen, base = F.col("delivered").cast("double"), F.col("intent") * settings.conversion_rate
    raised = base * (1.0 + F.col("lift") * (seen / (seen + settings.saturation_exposures)))
    frame = frame.withColumn("p0", F.least(base, F.lit(1.0))).withColumn("p1", F.least(raised, F.lit(1.0)))
    frame = frame.withColumn("_u", draws.uniform("converts", *keys))
    frame = frame.withColumn("y0", F.col("_u") < F.col("p0")).withColumn("y1", F.col("_u") < F.col("p1")).drop("_u")
    frame = frame.withColumn("y", F.when(F.col("held_out"), F.col("y0")).otherwise(F.col("y1")))
    return frame.withColumn("caused", F.col("y") & ~F.col("y0"))


def causing_touch(engine: Engine) -> Column:
    """The number of the exposure that causes a caused conversion: any of the delivered ones alike."""
    keys = (F.col("individual_id"), F.col("campaign_id"))
    return engine.draws.integer("causing touch", F.greatest(F.col("delivered"), F.lit(1)), *keys) + 1


def valued(engine: Engine, pairs: DataFrame) -> DataFrame:
    """Pairs with `cents`: the value of their order, should they convert."""
    bits = engine.draws.bits("order value", F.col("individual_id"), F.col("campaign_id"))
    return engine.frames.quantile(pairs, "cents", order_cents(), bits, F.col("vertical"))
