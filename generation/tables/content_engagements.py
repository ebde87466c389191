"""Content engagements: the events of every user in the history window."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, moment
from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.engine.lifetime import Lifetime
from generation.entities.calendar import engagement_hours
from generation.entities.content import CURVE_OF, LENGTH_OF, ON_TV, TITLE_OF, completion, mixed_tastes, popularity
from generation.entities.users import users
from generation.entities.viewers import events, is_on_tv, screens, viewers
from generation.spec.catalog.content_engagements import CONTENT_ENGAGEMENTS
from generation.spec.keys import EVENT

# Cumulative shares of reactions among events: like, share, save, click (design choice).
REACTIONS = ((0.020, "like"), (0.025, "share"), (0.035, "save"), (0.060, "click"))

ENOUGH = 0.95
"""Who watches so much of something completes it."""


def content_engagements(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row an event of the given people."""
    frame = screens(engine, viewers(engine, users(engine, people, households)))
    frame = events(frame, "device_id", "mapping", "period", "phase", "until", "hours", "taste")
    frame = _seen_as(_when(engine, _what(engine, frame)))
    return conform(_reaction(engine, _how_long(engine, frame)), CONTENT_ENGAGEMENTS)


def _what(engine: Engine, frame: DataFrame) -> DataFrame:
    """With `_title`: one of a category of the person's taste, as popular as it is there."""
    event, draws = F.col("event_id"), engine.draws
    bits = draws.bits("event category", event)
    frame = engine.frames.choose(frame, "_category", mixed_tastes(), bits, F.col("taste")).drop("taste")
    popular = popularity(engine.config)
    frame = engine.frames.choose(frame, "_title", popular, draws.bits("title", event), F.col("_category"))
    on_tv = is_on_tv(F.col("hours")).cast("bigint") * ON_TV
    return frame.withColumn("_title", F.col("_title") + on_tv).drop("_category")


def _when(engine: Engine, frame: DataFrame) -> DataFrame:
    """With `_second` of the window, by the local habits of the device."""
    event, draws = F.col("event_id"), engine.draws
    hours = engagement_hours(engine.config)
    frame = engine.frames.choose(frame, "_hour", hours, draws.bits("event hour", event), F.col("hours"))
    second = F.col("_hour") * 3600 + draws.integer("event second", 3600, event)
    return frame.withColumn("_second", second).drop("_hour", "hours")


def _seen_as(frame: DataFrame) -> DataFrame:
    """With `mapping_id`, the identifier the publisher saw, if it was known, may be used to measure and was not opted out."""
    epoch = Lifetime(F.col("period"), F.col("phase")).epoch_at(F.col("_second"))
    return frame.select(
        "event_id",
        "device_id",
        "_second",
        "_title",
        F.when(F.col("_second") < F.col("until"), F.col("mapping") + epoch).alias("mapping_id"),
    )


def _how_long(engine: Engine, frame: DataFrame) -> DataFrame:
    """Completion by format and device; the duration follows from it."""
    bits = engine.draws.bits("completion", F.col("event_id"))
    frame = engine.frames.quantile(frame, "completion", completion(), bits, CURVE_OF.of(F.col("_title")))
    return frame.withColumn("duration", whole(F.col("completion") * LENGTH_OF.of(F.col("_title"))))


def _reaction(engine: Engine, frame: DataFrame) -> DataFrame:
    """With the kind of engagement and the moment."""
    return frame.select(
        "event_id",
        F.floor(F.col("event_id") / EVENT).cast("bigint").alias("individual_id"),
        TITLE_OF.of(F.col("_title")).alias("content_id"),
        "duration",
        "completion",
        "device_id",
        "mapping_id",
        moment(engine.config.window_start, F.col("_second")).alias("timestamp"),
        _kind(engine).alias("engagement_type"),
    )


def _kind(engine: Engine) -> Column:
    """Most events are plain; the commonest come first, for a condition costs what is left for it."""
    u, complete = engine.draws.uniform("reaction", F.col("event_id")), F.col("completion") >= ENOUGH
    plain = u >= REACTIONS[-1][0]
    kind = F.when(plain & ~complete, "view").when(plain, "complete")
    for share, name in REACTIONS:
        kind = kind.when(u < share, name)
    return kind
