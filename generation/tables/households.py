"""Households: place, income, size and type."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import band, conform, label, moment
from generation.engine.context import Engine, Span
from generation.engine.draw import whole
from generation.entities.composition import composition
from generation.entities.identifiers import DAY
from generation.entities.market import AGE_BANDS
from generation.entities.people import people
from generation.entities.places import atlas_of, with_place, with_state
from generation.entities.schooling import with_schooling
from generation.entities.wealth import amounts, brackets, income_cell, owner_shares
from generation.spec.catalog.households import HOUSEHOLD_TYPES, HOUSEHOLDS, INCOME_BRACKETS
from generation.spec.catalog.individuals import EMPLOYMENTS

OLDEST_RECORD_DAYS = 3_650
"""Records of households begin up to ten years before the history window (design choice)."""

EARNING = ("full_time", "part_time", "self_employed", "armed_forces")
"""Kinds of employment that bring earnings."""

SCATTER_DEGREES = 0.03
"""Spread of homes about the centre of their ZIP code, about 1.5 km on average."""


def households(engine: Engine, span: Span) -> DataFrame:
    """One row a household of the span."""
    household, draws = F.col("household_id"), engine.draws
    frame = _with_income(engine, span)
    frame = with_place(engine, with_state(engine, frame))
    names = ("city", "state", "postal_code", "latitude", "longitude", "time_zone")
    frame = engine.frames.look_up(
        frame.drop("state"),
        atlas_of(engine.config).places,
        F.col("place"),
        **{name: name for name in names},
    )
    age = draws.integer("record age", OLDEST_RECORD_DAYS * DAY, household) + 1
    frame = frame.select(
        "household_id",
        _location(engine).alias("location"),
        label(F.col("bracket"), INCOME_BRACKETS).alias("income_bracket"),
        F.col("household_income"),
        "size",
        label(F.col("type"), HOUSEHOLD_TYPES).alias("household_type"),
        F.when(F.col("owner"), "owner").otherwise("renter").alias("tenure"),
        moment(engine.config.window_start, -age).alias("created_at"),
    )
    return conform(frame, HOUSEHOLDS)


def _with_income(engine: Engine, span: Span) -> DataFrame:
    """Composition with income, by age of the reference person, type, earners, size and schooling, and ownership by age."""
    household, draws = F.col("household_id"), engine.draws
    frame = composition(engine, span).join(_earners(engine, span), "household_id")
    age = F.when(F.col("partner_is_reference"), F.col("partner_age")).otherwise(F.col("head_age"))
    frame = frame.withColumn("age_band", band(age, AGE_BANDS))
    cell = income_cell(F.col("age_band"), F.col("type"), F.col("earners"), F.col("size"), F.col("education"))
    frame = engine.frames.choose(
        frame, "bracket", brackets(engine.config), draws.bits("income bracket", household), cell
    )
    bits = draws.bits("income amount", household)
    frame = engine.frames.quantile(frame, "household_income", amounts(), bits, F.col("bracket"))
    share = F.lit(0.0)
    for number, value in enumerate(owner_shares()):
        share = F.when(F.col("age_band") == number, value).otherwise(share)
    return frame.withColumn("owner", draws.chance("owner", share, household))


def _earners(engine: Engine, span: Span) -> DataFrame:
    """One row a household: how many members earn, and the reference person's education (its number)."""
    members = with_schooling(engine, people(engine, span))
    earns = F.col("employment").isin(*(EMPLOYMENTS.index(name) for name in EARNING))
    schooling = F.when(F.col("relationship") == "reference_person", F.col("education"))
    return members.groupBy("household_id").agg(
        F.sum(earns.cast("bigint")).alias("earners"), F.max(schooling).alias("education")
    )


def _location(engine: Engine) -> Column:
    def near(name: str) -> Column:
        scatter = engine.draws.uniform(f"{name} east", F.col("household_id")) + engine.draws.uniform(
            f"{name} west", F.col("household_id")
        )
        return whole((F.col(name) + (scatter - 1.0) * SCATTER_DEGREES) * 100_000 + 0.5) / 100_000

    return F.struct(
        F.col("city"),
        F.col("state"),
        F.col("postal_code"),
        near("latitude").alias("latitude"),
        near("longitude").alias("longitude"),
        F.col("time_zone"),
    )
