"""People as users of devices: what identifiers, events and exposures need to know about a person."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import position
from generation.engine.context import Engine
from generation.entities.calendar import time_zones
from generation.entities.devices import USER_AGE, has_phone, is_ios, with_shared_devices
from generation.entities.identifiers import opt_out_second
from generation.spec.keys import PERSON


def users(engine: Engine, people: DataFrame, households: DataFrame) -> DataFrame:
    """One row a person of 13 or over, from the finished tables: individual_id, household_id, size (of the household), ordinal,
    age, female, names, gender, employment, zone (number), state, income_bracket, phone, ios, ctvs, tablets, computers and
    opt_out (seconds after the window's start, or null).
    """
    return engine.kept("users", lambda: _users(engine, people, households))


def _users(engine: Engine, people: DataFrame, households: DataFrame) -> DataFrame:
    homes = with_shared_devices(engine, households).select(
        "household_id",
        "size",
        "ctvs",
        "tablets",
        "computers",
        "income_bracket",
        F.col("location.state").alias("state"),
        position(F.col("location.time_zone"), time_zones()).alias("zone"),
    )
    grown = people.filter(F.col("age") >= USER_AGE).select(
        "individual_id", "household_id", "first_name", "last_name", "age", "gender", "employment"
    )
    frame = homes.join(grown, "household_id")
    return frame.select(
        "*",
        F.pmod(F.col("individual_id"), F.lit(PERSON)).alias("ordinal"),
        (F.col("gender") == "female").alias("female"),
        has_phone(engine).alias("phone"),
        is_ios(engine).alias("ios"),
        opt_out_second(engine).alias("opt_out"),
    )


def has_device() -> Column:
    """Whether a user can be reached on any device."""
    return F.col("phone") | (F.col("ctvs") + F.col("tablets") + F.col("computers") > 0)
