"""Edges between identifiers and profiles, and how they come to be false.

An edge's confidence is drawn first and decides its chance to be correct, so confidences are calibrated by construction.
A false edge gives what was seen of one person to a real other one, for a reason that fits the identifier.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.engine.exact import power
from generation.engine.lookup import TAIL, Quantiles, grid, quantiles
from generation.engine.permute import permuted
from generation.entities.devices import USER_AGE
from generation.entities.identifiers import HASHED_PHONE, PHONE, mapping_id
from generation.entities.profiles import begins_profile, own_profile, second_of
from generation.spec.graph import CAUSES_AT_HOME, CAUSES_ELSEWHERE
from generation.spec.keys import IDENTIFIER_SLOT, MAPPING, PERSON

CONFIDENCE_BITS = 10
EDGE_WIDTH = 48
MOST_OBSERVATIONS = 40


def doubts(share: float) -> Quantiles:
    """Confidences whose mean is one less the share of false edges: most near 1, some anywhere between."""
    u = grid(CONFIDENCE_BITS)
    doubt = power(u, 1 / share - 1) if share else u * 0.0
    cells = 1 << CONFIDENCE_BITS
    inner, low, high = doubt[1 : cells - 1], doubt[cells : cells + TAIL], doubt[cells + TAIL :]
    mean = float((inner.sum() + low.mean() + high.mean()) / cells)
    scaled = (doubt * (share / mean if share else 1.0)).clip(0.0, 1.0)
    return quantiles("edge confidence", (1_000_000 - (scaled * 1_000_000).round()) / 1_000_000, CONFIDENCE_BITS)


def fact() -> Column:
    """What an edge of a mapping (mapping_id, individual_id) rests on: a phone number and its hash on the same."""
    slot = F.shiftright("mapping_id", 6).bitwiseAND(F.lit(MAPPING // IDENTIFIER_SLOT - 1))
    return F.when(slot.isin(PHONE, HASHED_PHONE), mapping_id(F.col("individual_id"), PHONE)).otherwise(
        F.col("mapping_id")
    )


def with_doubt(engine: Engine, frame: DataFrame) -> DataFrame:
    """Mappings with `confidence` of a probabilistic edge, `mistaken` if such an edge is false, and `stranger`: the first
    person of another household that comes into question.
    """
    share = engine.config.demographics.graph.false_edge_share
    bits = engine.draws.bits("edge confidence", fact())
    frame = engine.frames.quantile(frame, "confidence", doubts(share), bits)
    wrong = engine.draws.uniform("edge is correct", fact()) >= F.col("confidence")
    home = F.shiftright("individual_id", 4)
    # An earlier household, so that growth changes none; the first one has none before it.
    stranger = F.when(home > 1, (engine.draws.integer("stranger", home - 1, fact()) + 1) * PERSON)
    return frame.withColumn("mistaken", wrong).withColumn("stranger", stranger)


def edges(engine: Engine, mappings: DataFrame, people: DataFrame) -> DataFrame:
    """One row an edge: the columns of both tables of edges."""
    known = mappings.select(
        *("mapping_id", "individual_id", "identifier_type", "identifier_value", "source", "match_type"),
        *("first_seen", "last_seen"),
    ).withColumn("household_id", F.shiftright("individual_id", 4))
    frame = with_doubt(engine, _with_mates(known, people))
    frame = frame.withColumn("number", F.explode(_numbers(engine)))
    inferred = (F.col("match_type") == "probabilistic") | (F.col("number") == 1)
    frame = _with_other(engine, frame.withColumn("inferred", inferred))
    false = F.col("inferred") & F.col("mistaken")
    frame = frame.filter(~false | F.col("other").isNotNull())
    return _observed(engine, _linked(engine, frame.withColumn("false", false)))


def _numbers(engine: Engine) -> Column:
    """0 for what the mapping itself says; 1 for what partners infer, for some that rest on a login."""
    share = engine.config.demographics.graph.inferred_share
    also = (F.col("match_type") == "deterministic") & engine.draws.chance("inferred edge", share, F.col("mapping_id"))
    zero, one = F.lit(0).cast("bigint"), F.lit(1).cast("bigint")
    return F.sequence(zero, F.when(also, one).otherwise(zero))


def _with_mates(frame: DataFrame, people: DataFrame) -> DataFrame:
    """With `mates`: the users of a household, in the order of their keys."""
    grown = people.filter(F.col("age") >= USER_AGE).groupBy("household_id")
    mates = grown.agg(F.sort_array(F.collect_list("individual_id")).alias("mates"))
    return mates.join(frame, "household_id")


def _with_other(engine: Engine, frame: DataFrame) -> DataFrame:
    """With `other`, whom a false edge gives the observations to, and `cause`."""
    size = F.size("mates").cast("bigint")
    step = engine.draws.integer("mate", F.greatest(size - 1, F.lit(1)), F.col("mapping_id"), F.col("number")) + 1
    place = F.array_position("mates", F.col("individual_id")).cast("bigint") - 1
    mate = F.element_at("mates", (F.pmod(place + step, size) + 1).cast("int"))
    kind = F.col("identifier_type")
    at_home = (size > 1) & kind.isin(*CAUSES_AT_HOME)
    cause = F.when(at_home, _named(kind, CAUSES_AT_HOME)).otherwise(_named(kind, CAUSES_ELSEWHERE))
    return frame.withColumn("other", F.when(at_home, mate).otherwise(F.col("stranger"))).withColumn("cause", cause)


def _named(kind: Column, names: dict[str, str]) -> Column:
    """What a kind is called, null where it has no name."""
    found = F.when(F.lit(False), F.lit(""))
    for name, cause in names.items():
        found = found.when(kind == name, cause)
    return found


def _linked(engine: Engine, frame: DataFrame) -> DataFrame:
    """With key, profile, confidence and truth."""
    began = (F.col("identifier_type") == "first_party_cookie") & begins_profile(engine, F.col("mapping_id"))
    own = F.when(began, F.col("mapping_id")).otherwise(own_profile(F.col("individual_id")))
    number = F.col("mapping_id") * 2 + F.col("number")
    return frame.withColumns(
        {
            "edge_id": permuted(engine.draws, "edge", number, EDGE_WIDTH),
            "profile_id": F.when(F.col("false"), own_profile(F.col("other"))).otherwise(own),
            "match_type": F.when(F.col("inferred"), "probabilistic").otherwise("deterministic"),
            "confidence": F.when(F.col("inferred"), F.col("confidence")).otherwise(1.0),
            "source": F.when(F.col("number") == 1, "identity_partner").otherwise(F.col("source")),
            "is_correct": ~F.col("false"),
            "cause": F.when(F.col("false"), F.col("cause")),
        }
    )


def _observed(engine: Engine, frame: DataFrame) -> DataFrame:
    """With how often and when; drawn for the edge, inside the identifier's life and the window."""
    draws, edge = engine.draws, F.col("edge_id")
    u = draws.uniform("edge observations", edge)
    count = whole(u * u * F.col("confidence") * MOST_OBSERVATIONS) + 1
    seen, end = F.unix_timestamp("first_seen"), F.unix_timestamp("last_seen")
    start = F.least(F.greatest(seen, F.lit(second_of(engine.config.window_start))), end)
    span = end - start + 1
    one, two = draws.integer("first observation", span, edge), draws.integer("last observation", span, edge)
    first = start + F.least(one, two)
    last = F.when(count == 1, first).otherwise(start + F.greatest(one, two))
    return frame.withColumns(
        {
            "observations": count,
            "first_observed": F.timestamp_seconds(first),
            "last_observed": F.timestamp_seconds(last),
        }
    )
