"""People as targets of campaigns: what criteria ask for and where they can be reached."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.entities.users import users
from generation.spec.catalog.households import INCOME_BRACKETS

ADULT = 18
UPPER_INCOME = INCOME_BRACKETS[5:]
AFFLUENT_INCOME = INCOME_BRACKETS[7:]


def homes_with_children(people: DataFrame) -> DataFrame:
    """The household_id of every household with a child or grandchild under 18."""
    minor = (F.col("age") < ADULT) & F.col("relationship").isin("child", "grandchild")
    return people.filter(minor).select("household_id").distinct()


def is_affluent() -> Column:
    """Whether a person (age, income_bracket) belongs to an affluent household."""
    return (F.col("age") >= 25) & F.col("income_bracket").isin(*AFFLUENT_INCOME)


def audience(engine: Engine, people: DataFrame, households: DataFrame) -> DataFrame:
    """One row an adult with a device: the columns of users that delivery needs, upper_income, parent, affluent, on_tv and
    on_personal.
    """
    homes = (
        homes_with_children(people)
        .withColumn("_home", F.col("household_id"))
        .withColumn("_children", F.lit(True))
        .drop("household_id")
    )
    adults = users(engine, people, households).filter(F.col("age") >= ADULT)
    frame = adults.join(homes, adults["household_id"] == F.col("_home"), "left")
    personal = F.col("phone") | (F.col("tablets") + F.col("computers") > 0)
    return frame.select(
        "individual_id", "household_id", "size", "ordinal", "age", "gender", "state", "zone", "opt_out", "phone", "ios", "ctvs",
        "tablets", "computers", "income_bracket",
        F.col("income_bracket").isin(*UPPER_INCOME).alias("upper_income"),
        F.coalesce(F.col("_children"), F.lit(False)).alias("parent"),
        is_affluent().alias("affluent"),
        (F.col("ctvs") > 0).alias("on_tv"),
        personal.alias("on_personal"),
    )  # fmt: skip
