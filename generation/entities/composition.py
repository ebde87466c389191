"""Who lives together: the type of each household, the ages of the couple or head, how many children and further adults.

Person 0 is the male partner of a mixed couple or the head, person 1 the partner, 2 to 6 children, 7 to 9 further adults.
Tables and rules: reference/households.json (CPS ASEC structure raked to CPS HH-4 2023, AD-3 2023 and ACS 2024).
"""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine, Span
from generation.engine.draw import whole
from generation.engine.lookup import Choice, Lookup, choice
from generation.entities.household_tables import (
    AGES,
    COUPLES,
    FIRST_AGE,
    MARRIED,
    female_heads,
    partner_gaps,
)
from generation.entities.market import CHILDREN, PARTNER_REFERENCE, Market, market

FIRST_CHILD, FIRST_EXTRA = 2, 7
GRANDPARENT_FROM = 57
"""Mothers of this age and over do not have own children under 18: the children are grandchildren."""


def composition(engine: Engine, span: Span) -> DataFrame:
    """One row a household with type (number), head_age, partner_age (null without partner), head_female,
    partner_female, partner_is_reference, children, extras and size.
    """
    return engine.shared("composition", lambda: _composition(engine, span))


def _composition(engine: Engine, span: Span) -> DataFrame:
    household = F.col("household_id")
    draws, frames = engine.draws, engine.frames
    types, ages, children, extras = _choices(market(engine.config))
    frame = engine.household_ids(span)
    frame = frames.choose(frame, "type", types, draws.bits("household type", household))
    frame = frames.choose(frame, "head_age", ages, draws.bits("head age", household), F.col("type"))
    at = F.col("type") * AGES + F.col("head_age") - FIRST_AGE
    frame = frames.choose(frame, "children", children, draws.bits("children", household), at)
    adults = F.col("type") * CHILDREN + F.col("children")
    frame = frames.choose(frame, "extras", extras, draws.bits("extras", household), adults)
    frame = frames.choose(frame, "gap", partner_gaps(), draws.bits("partner gap", household))
    frame = frames.look_up(frame, female_heads(), at, _p_female="share")
    return _couple(engine, frame)


@functools.lru_cache(maxsize=8)
def _choices(of: Market) -> tuple[Choice, Choice, Choice, Choice]:
    """Type; age of the head by type; children by type and age; further adults by type and children."""
    return (
        choice("household types", of.types[None, :]),
        choice("head ages", of.ages, [list(range(FIRST_AGE, FIRST_AGE + AGES))]),
        choice("children counts", of.children.reshape(-1, of.children.shape[-1])),
        choice("extra counts", of.extras.reshape(-1, of.extras.shape[-1])),
    )


def _couple(engine: Engine, frame: DataFrame) -> DataFrame:
    """Ages and genders of the couple or head."""
    household, draws = F.col("household_id"), engine.draws
    couple = F.col("type").isin(*COUPLES)
    same_sex = couple & draws.chance(
        "same sex", F.when(F.col("type").isin(*MARRIED), 0.012).otherwise(0.060), household
    )
    head_female = F.when(same_sex, draws.chance("same sex women", 0.5, household)).otherwise(
        draws.chance("head female", F.col("_p_female"), household)
    )
    return frame.select(
        "household_id",
        "type",
        "head_age",
        "children",
        "extras",
        head_female.alias("head_female"),
        F.when(couple, F.when(same_sex, head_female).otherwise(F.lit(True))).alias("partner_female"),
        F.when(couple, _partner_age(engine)).alias("partner_age"),
        (couple & draws.chance("reference is partner", PARTNER_REFERENCE, household)).alias("partner_is_reference"),
        (couple.cast("bigint") + 1 + F.col("children") + F.col("extras")).alias("size"),
    )


def _partner_age(engine: Engine) -> Column:
    """Head's age less the gap, which shrinks for the young; never under 18."""
    head_age = F.col("head_age")
    shrink = F.least(F.lit(1.0), F.greatest(F.lit(0.1), (head_age - 20) / F.lit(20.0)))
    age = head_age - whole(F.col("gap") * shrink + 0.5)
    young = engine.draws.integer("young partner", 5, F.col("household_id")) + FIRST_AGE
    return F.when(age < FIRST_AGE, young).otherwise(F.least(age, F.lit(100).cast("bigint")))


def members(engine: Engine, households: DataFrame) -> DataFrame:
    """One row a person of a composition frame: its columns, `ordinal` and `individual_id`."""
    couple = F.col("partner_age").isNotNull().cast("bigint")
    pattern = (couple * 6 + F.col("children")) * 4 + F.col("extras")
    rows = engine.frames.frame(roster()).select("pattern", "ordinal")
    joined = rows.join(households.withColumn("pattern", pattern), "pattern").drop("pattern")
    return joined.withColumn("individual_id", F.col("household_id") * 16 + F.col("ordinal"))


@functools.cache
def roster() -> Lookup:
    """The ordinals of every pattern of partner, children and further adults."""
    patterns = [(p, c, e) for p in range(2) for c in range(6) for e in range(4)]
    rows = [
        ((p * 6 + c) * 4 + e, ordinal)
        for p, c, e in patterns
        for ordinal in (0, *range(1, 1 + p), *range(FIRST_CHILD, FIRST_CHILD + c), *range(FIRST_EXTRA, FIRST_EXTRA + e))
    ]
    return Lookup("roster", {"pattern": np.array([r[0] for r in rows]), "ordinal": np.array([r[1] for r in rows])})
