"""Audience attributes: affinities from the events, segments from people and habits."""

from __future__ import annotations

import datetime as dt

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform
from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.entities.audience import homes_with_children, is_affluent
from generation.entities.habits import habits
from generation.spec.catalog.audience_attributes import AUDIENCE_ATTRIBUTES
from generation.spec.segments import SEGMENTS

BILLION = 1_000_000_000


def audience_attributes(engine: Engine, households: DataFrame, people: DataFrame, events: DataFrame) -> DataFrame:
    """One row a person."""
    frame = _profiles(engine, households, people).join(_affinities(engine, events), "individual_id", "left")
    applies = {name: F.when(condition, True).otherwise(False) for name, condition in _conditions(engine).items()}
    names = [segment.name for segment in SEGMENTS]
    first = F.when(applies[names[0]], names[0])
    for name in names[1:]:
        first = first.when(applies[name], name)
    all_that_apply = F.array(*(F.when(applies[name], name) for name in sorted(names)))
    frame = frame.select(
        F.col("individual_id").alias("attribute_id"),
        "individual_id",
        first.alias("segment"),
        F.coalesce(F.col("affinity_scores"), F.expr("cast(map() as map<string, double>)")).alias("affinity_scores"),
        F.array_compact(all_that_apply).alias("classifications"),
    )
    return conform(frame, AUDIENCE_ATTRIBUTES)


def _profiles(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    homes = homes_with_children(people).withColumn("has_children", F.lit(True))
    frame = households.select("household_id", "income_bracket").join(homes, "household_id", "left")
    return frame.join(people.select("individual_id", "household_id", "age", "employment"), "household_id")


def _affinities(engine: Engine, events: DataFrame) -> DataFrame:
    """Per person with events: events, last, affinity_scores and the affinities that segments ask for.

    Shares are whole billionths with the remainder on the largest, so that they add up to 1; without any second watched
    they are shares of events.
    """
    frame = habits(engine, events)
    total = F.when(F.col("seconds") > 0, F.col("seconds")).otherwise(F.col("events"))
    frame = frame.withColumn("total", total)
    share = F.transform(
        "parts",
        lambda part: whole(
            F.when(F.col("seconds") > 0, part["seconds"]).otherwise(part["events"])
            * F.lit(float(BILLION))
            / F.col("total")
        ),
    )
    frame = frame.withColumn("shares", share)
    rest = F.lit(BILLION) - F.aggregate("shares", F.lit(0).cast("bigint"), lambda sum_, value: sum_ + value)
    frame = frame.withColumn("rest", rest)
    scores = F.transform(
        "shares", lambda value, at: (value + F.when(at == 0, F.col("rest")).otherwise(0)) / F.lit(float(BILLION))
    )
    frame = frame.withColumn("scores", scores).withColumn("names", F.col("parts.category"))
    wanted = {"sports": "sports_share", "news": "news_share", "gaming": "gaming_share"}
    return frame.select(
        "individual_id",
        "events",
        "last",
        F.map_from_arrays("names", "scores").alias("affinity_scores"),
        *(_score_of(category).alias(name) for category, name in wanted.items()),
    )


def _score_of(category: str) -> Column:
    """The score of a category, null without it."""
    at = F.array_position("names", category)
    return F.when(at > 0, F.element_at("scores", at.cast("int")))


def _conditions(engine: Engine) -> dict[str, Column]:
    """When each segment applies; null counts as no."""
    rules, engagement = engine.config.engagement.audiences, engine.config.engagement
    days = F.lit(engagement.history_days).cast("double")
    fan = F.col("events") >= rules.minimum_events
    as_of: dt.date = engine.config.output.as_of
    return {
        "heavy_viewers": F.col("events") * F.lit(30.0) / days >= rules.heavy_frequency,
        "sports_fans": fan & (F.col("sports_share") >= rules.affinity),
        "news_followers": fan & (F.col("news_share") >= rules.affinity),
        "gamers": fan & (F.col("gaming_share") >= rules.affinity),
        "lapsed_viewers": F.datediff(F.lit(as_of), F.to_date("last")) >= rules.lapsed_days,
        "parents": (F.col("age") >= 18) & F.col("has_children"),
        "students": F.col("employment") == "student",
        "affluent_households": is_affluent(),
        "young_adults": F.col("age").between(18, 34),
        "retirees": F.col("employment") == "retired",
        "general_audience": F.lit(True),
    }
