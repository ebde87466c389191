"""Individuals: the members of the households, with names and what follows from age and gender."""

from __future__ import annotations

import datetime as dt

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, label
from generation.engine.context import Engine, Span
from generation.engine.lookup import Lookup
from generation.entities.household_tables import MARRIED
from generation.entities.names import with_first_name, with_last_name
from generation.entities.people import people
from generation.entities.schooling import AGES, educations, employments, unmarried_statuses
from generation.spec.catalog.individuals import EDUCATIONS, EMPLOYMENTS, INDIVIDUALS


def individuals(engine: Engine, span: Span) -> DataFrame:
    """One row a person of the span's households."""
    person, draws, frames = F.col("individual_id"), engine.draws, engine.frames
    frame = frames.look_up(people(engine, span), birthdays(engine.config.output.as_of), F.col("age"), _birthday="day")
    born = F.date_add(
        F.lit(dt.date(1970, 1, 1)), (F.col("_birthday") - draws.integer("birthday", 365, person)).cast("int")
    )
    frame = frame.withColumn("birth_date", born)
    frame = with_first_name(engine, with_last_name(engine, frame), F.year("birth_date"))
    at = F.col("female").cast("bigint") * AGES + F.col("age")
    frame = frames.choose(frame, "_education", educations(), draws.uniform("education", person), at)
    frame = frames.choose(frame, "_employment", employments(), draws.uniform("employment", person), at)
    frame = frames.choose(frame, "_unmarried", unmarried_statuses(), draws.uniform("marital status", person), at)
    frame = frame.select(
        "*",
        F.when(F.col("female"), "female").otherwise("male").alias("gender"),
        label(F.col("_education"), EDUCATIONS).alias("education"),
        label(F.col("_employment"), EMPLOYMENTS).alias("employment"),
        F.when(_is_married(), "married").otherwise(F.col("_unmarried")).alias("marital_status"),
    )
    return conform(frame, INDIVIDUALS)


def _is_married() -> Column:
    return F.col("type").isin(*MARRIED) & (F.col("ordinal") <= 1)


def birthdays(as_of: dt.date) -> Lookup:
    """The day, counted from 1970, on which somebody of each age had their last birthday if it was today."""
    days = []
    for age in range(AGES):
        try:
            day = as_of.replace(year=as_of.year - age)
        except ValueError:  # 29 February in a year without one
            day = as_of.replace(year=as_of.year - age, day=28)
        days.append((day - dt.date(1970, 1, 1)).days)
    return Lookup(f"birthdays {as_of}", {"day": np.array(days, dtype=np.int64)})
