"""What a campaign does to a person: both potential outcomes, told by one draw.

Below the rate without exposure they convert anyway; between that and the rate with their exposures the campaign causes it.
Where exposures spill over, those of the others at home raise both rates: what they add to the first is caused by the campaign
through somebody else.
The conversions and the truth tables are made from the same columns, so they cannot disagree.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.entities.audience import audience
from generation.entities.campaigns import deliveries, eligible
from generation.entities.outcomes import intents, order_cents
from generation.spec.keys import EXPOSURE, PERSON


def outcomes(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """Eligible pairs with `intent`, `p0` and `p1` (chance to convert without and with their exposures, the others at home
    having theirs), `y0`, `y1` (whether they would), `y` (whether they do, in their arm), and whether the campaign `caused`
    it, through themselves or as `spilled_over` from home. `toucher`, `toucher_planned` and `toucher_delivered` are whose
    exposures these are and how many.
    """
    settings, draws = engine.config.campaigns.measurement, engine.draws
    keys = (F.col("individual_id"), F.col("campaign_id"))
    frame = deliveries(engine, eligible(engine, audience(engine, people, households)))
    frame = engine.frames.quantile(frame, "intent", intents(settings.intent_spread), draws.bits("intent", *keys))
    frame = _with_household(engine, frame)
    at_home = F.col("household_exposures") * settings.spillover
    frame = frame.withColumns(
        {
            "p0": _chance(engine, at_home),
            "p1": _chance(engine, at_home + F.col("delivered")),
            "_alone": _chance(engine, F.lit(0.0)),
            "_u": draws.uniform("converts", *keys),
        }
    )
    frame = frame.withColumns({"y0": F.col("_u") < F.col("p0"), "y1": F.col("_u") < F.col("p1")})
    frame = frame.withColumn("y", F.when(F.col("held_out"), F.col("y0")).otherwise(F.col("y1")))
    frame = frame.withColumn("caused", F.col("y") & ~F.col("y0"))
    frame = frame.withColumn("spilled_over", F.col("y0") & (F.col("_u") >= F.col("_alone")))
    return _with_toucher(engine, frame).drop("_u", "_alone", "_home", "_own")


def _chance(engine: Engine, exposures: Column) -> Column:
    """Of a person (intent) with so many exposures to convert to a campaign (lift)."""
    settings = engine.config.campaigns.measurement
    seen, base = exposures.cast("double"), F.col("intent") * settings.conversion_rate
    return F.least(base * (1.0 + F.col("lift") * (seen / (seen + settings.saturation_exposures))), F.lit(1.0))


def _with_household(engine: Engine, frame: DataFrame) -> DataFrame:
    """With `household_exposures`, those of the other members in their arms, where they spill over; and `_home`, who has any,
    as numbers of which the own one would be `_own`.
    """
    if not engine.config.campaigns.measurement.spillover:
        return frame.withColumn("household_exposures", F.lit(0).cast("bigint"))
    number = (F.col("ordinal") * EXPOSURE + F.col("exposures")) * EXPOSURE + F.col("delivered")
    frame = frame.withColumn("_own", F.when(~F.col("held_out"), number).otherwise(-1).cast("bigint"))
    exposed = frame.filter(~F.col("held_out") & (F.col("delivered") > 0))
    homes = exposed.groupBy("household_id", "campaign_id").agg(
        F.sum("delivered").alias("_all"), F.sort_array(F.collect_list("_own")).alias("_members")
    )
    frame = frame.join(homes, ["household_id", "campaign_id"], "left")
    own = F.when(F.col("held_out"), 0).otherwise(F.col("delivered"))
    others = F.coalesce(F.col("_all") - own, F.lit(0)).cast("bigint")
    home = F.array_remove(F.col("_members"), F.col("_own"))
    return frame.withColumns({"household_exposures": others, "_home": home}).drop("_all", "_members")


def _with_toucher(engine: Engine, frame: DataFrame) -> DataFrame:
    """With whose exposures cause what the campaign causes: one of the exposed others at home if it spilled over, else own."""
    own = (F.col("individual_id"), F.col("exposures"), F.col("delivered"))
    names = ("toucher", "toucher_planned", "toucher_delivered")
    if not engine.config.campaigns.measurement.spillover:
        return frame.withColumns(dict(zip(names, own, strict=True)))
    among = engine.draws.integer(
        "toucher", F.greatest(F.size("_home"), F.lit(1)), F.col("individual_id"), F.col("campaign_id")
    )
    frame = frame.withColumn("_by", F.when(F.col("spilled_over"), F.element_at("_home", (among + 1).cast("int"))))
    delivered, left = F.pmod(F.col("_by"), F.lit(EXPOSURE)), F.floor(F.col("_by") / EXPOSURE).cast("bigint")
    other = (
        F.col("household_id") * PERSON + F.floor(left / EXPOSURE).cast("bigint"),
        F.pmod(left, F.lit(EXPOSURE)),
        delivered,
    )
    touched = {
        name: F.when(F.col("_by").isNotNull(), theirs).otherwise(mine)
        for name, theirs, mine in zip(names, other, own, strict=True)
    }
    return frame.withColumns(touched).drop("_by")


def causing_touch(engine: Engine) -> Column:
    """The number of the exposure that causes a caused conversion: any of the toucher's delivered ones alike."""
    keys = (F.col("toucher"), F.col("campaign_id"))
    return engine.draws.integer("causing touch", F.greatest(F.col("toucher_delivered"), F.lit(1)), *keys) + 1


def valued(engine: Engine, pairs: DataFrame) -> DataFrame:
    """Pairs with `cents`: the value of their order, should they convert."""
    bits = engine.draws.bits("order value", F.col("individual_id"), F.col("campaign_id"))
    return engine.frames.quantile(pairs, "cents", order_cents(), bits, F.col("vertical"))
