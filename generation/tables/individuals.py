"""Individuals: the members of the households, with names and what follows from age and gender."""

from __future__ import annotations

import datetime as dt

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import band, conform, label
from generation.engine.context import Engine, Span
from generation.engine.draw import whole
from generation.engine.lookup import Lookup
from generation.entities.composition import FIRST_EXTRA
from generation.entities.household_tables import MARRIED
from generation.entities.moves import LONGEST_STAY_DAYS, MOVE_BANDS, lengths_of_stay, mean_stay_days
from generation.entities.names import is_junior, with_first_name, with_last_name
from generation.entities.people import DAYS, people
from generation.entities.schooling import AGES, unmarried_statuses, with_schooling
from generation.spec.catalog.individuals import EDUCATIONS, EMPLOYMENTS, INDIVIDUALS
from generation.spec.keys import PERSON

EPOCH = dt.date(1970, 1, 1)


def individuals(engine: Engine, span: Span) -> DataFrame:
    """One row a person of the span's households."""
    person, draws, frames = F.col("individual_id"), engine.draws, engine.frames
    frame = with_schooling(engine, people(engine, span))
    frame = frames.look_up(frame, birthdays(engine.config.output.as_of), F.col("age"), _birthday="day")
    born = F.date_from_unix_date((F.col("_birthday") - F.col("birthday")).cast("int"))
    frame = _with_names(engine, frame.withColumn("birth_date", born))
    at = F.col("female").cast("bigint") * AGES + F.col("age")
    frame = frames.choose(frame, "_unmarried", unmarried_statuses(), draws.bits("marital status", person), at)
    frame = _with_move(engine, frame)
    frame = frame.withColumns(
        {
            "gender": F.when(F.col("female"), "female").otherwise("male"),
            "education": label(F.col("education"), EDUCATIONS),
            "employment": label(F.col("employment"), EMPLOYMENTS),
            "marital_status": F.when(_is_married(), "married").otherwise(F.col("_unmarried")),
        }
    )
    return conform(frame, INDIVIDUALS)


def _with_names(engine: Engine, frame: DataFrame) -> DataFrame:
    """With last_name and first_name: sons named after their father have the name of his decade."""
    frame = with_last_name(engine, frame).withColumn("_namesake", is_junior(engine))
    father = F.col("household_id") * PERSON
    age = F.when(F.col("_namesake"), F.col("head_age")).otherwise(F.col("age"))
    frame = engine.frames.look_up(frame, birthdays(engine.config.output.as_of), age, _named="day")
    his = engine.draws.integer("birthday", DAYS, father)
    since = F.when(F.col("_namesake"), his).otherwise(F.col("birthday"))
    year = F.year(F.date_from_unix_date((F.col("_named") - since).cast("int")))
    owner = F.when(F.col("_namesake"), father).otherwise(F.col("individual_id"))
    return with_first_name(engine, frame, owner, year)


def _with_move(engine: Engine, frame: DataFrame) -> DataFrame:
    """With `moved_in`: couples and their children move together, further adults by themselves; nobody before birth."""
    together = F.col("ordinal") < FIRST_EXTRA
    mover = F.when(together, F.col("household_id") * PERSON).otherwise(F.col("individual_id"))
    reference = F.when(F.col("partner_is_reference"), F.col("partner_age")).otherwise(F.col("head_age"))
    age = F.when(together, reference).otherwise(F.col("age"))
    frame = engine.frames.quantile(frame, "_stay", lengths_of_stay(), engine.draws.bits("length of stay", mover))
    # Columns step by step: engines write an expression into a plan as often as it is used.
    frame = frame.withColumn("_age", age).withColumn("_band", band(F.col("_age"), MOVE_BANDS))
    days = whole(F.col("_stay") * mean_stay_days(F.col("_band")))
    today = (engine.config.output.as_of - EPOCH).days
    moved = F.date_from_unix_date((F.lit(today - 1) - F.least(days, F.lit(LONGEST_STAY_DAYS))).cast("int"))
    return frame.withColumn("moved_in", F.greatest(moved, F.col("birth_date")))


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
        days.append((day - EPOCH).days)
    return Lookup(f"birthdays {as_of}", {"day": np.array(days, dtype=np.int64)})
