"""Content engagements: the events of every user in the history window."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import band, conform, moment
from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.entities import identifiers as ids
from generation.entities.activity import AGE_BANDS, device_thresholds, event_counts
from generation.entities.calendar import engagement_hours, time_zones
from generation.entities.content import SHORT_CURVE, TV_CURVE, completion, popularity, tastes, title_facts
from generation.entities.devices import COMPUTER_SLOT, CTV_SLOT, TABLET_SLOT, device_id, own_computer, own_tablet
from generation.entities.users import has_device, users
from generation.spec.catalog.content_engagements import CONTENT_ENGAGEMENTS
from generation.spec.keys import EVENT

PHONE, TV, TABLET, COMPUTER = range(4)

FIRST_CHOICE, SECOND_CHOICE = 0.40, 0.60
"""Events below the first go to the favourite category, below the second to the runner-up, the rest anywhere."""

IN_APP = 0.60
"""Share of a phone's events inside apps, which see the advertising id; the others happen in its browser."""

# Cumulative shares of reactions among events: like, share, save, click (design choice).
REACTIONS = ((0.020, "like"), (0.025, "share"), (0.035, "save"), (0.060, "click"))


def content_engagements(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row an event of the given people."""
    frame = _events(engine, _viewers(engine, users(engine, people, households)))
    frame = _seen_as(engine, _when(engine, frame))
    frame = _how_long(engine, _what(engine, frame))
    return conform(_reaction(engine, frame), CONTENT_ENGAGEMENTS)


def _viewers(engine: Engine, frame: DataFrame) -> DataFrame:
    """Users with events: how many, their taste and which devices they share their time between."""
    person, draws = F.col("individual_id"), engine.draws
    frame = frame.filter(has_device()).withColumn("_band", band(F.col("age"), AGE_BANDS))
    frame = engine.frames.quantile(
        frame, "_events", event_counts(engine.config), draws.bits("events", person), F.col("_band")
    )
    frame = frame.filter(F.col("_events") > 0)
    frame = frame.withColumn("_taste", F.greatest(F.col("_band") - 1, F.lit(0)) * 2 + F.col("female").cast("bigint"))
    frame = engine.frames.choose(frame, "_favourite", tastes(), draws.uniform("favourite", person), F.col("_taste"))
    frame = engine.frames.choose(frame, "_runner_up", tastes(), draws.uniform("runner-up", person), F.col("_taste"))
    to_tv, to_tablet, to_computer = device_thresholds(F.col("_band"))
    frame = ids.with_lives(engine, frame, ids.consents(engine, "measurement"))
    return frame.select(
        *ids.lives(),
        "individual_id", "household_id", "zone", "ctvs", "_events", "_taste", "_favourite", "_runner_up",
        to_tv.alias("_to_tv"), to_tablet.alias("_to_tablet"), to_computer.alias("_to_computer"),
        F.col("ordinal").alias("_phone_slot"),
        (own_tablet() + TABLET_SLOT).alias("_tablet_slot"),
        (own_computer() + COMPUTER_SLOT).alias("_computer_slot"),
        F.col("_maid_period").isNotNull().alias("_has_maid"),
    )  # fmt: skip


def _events(engine: Engine, viewers: DataFrame) -> DataFrame:
    """One row an event with its device."""
    numbers = F.explode(F.sequence(F.lit(0).cast("bigint"), F.col("_events") - 1)).alias("_number")
    frame = viewers.select("*", numbers)
    frame = frame.withColumn("event_id", F.col("individual_id") * EVENT + F.col("_number"))
    u = engine.draws.uniform("event device", F.col("event_id"))
    kind = F.when(u < F.col("_to_tv"), PHONE).when(u < F.col("_to_tablet"), TV).when(u < F.col("_to_computer"), TABLET)
    frame = frame.withColumn("_class", kind.otherwise(COMPUTER).cast("bigint"))
    tv = engine.draws.integer("event tv", F.col("ctvs"), F.col("event_id"))
    slot = (
        F.when(F.col("_class") == PHONE, F.col("_phone_slot"))
        .when(F.col("_class") == TV, tv + CTV_SLOT)
        .when(F.col("_class") == TABLET, F.col("_tablet_slot"))
        .otherwise(F.col("_computer_slot"))
    )
    return frame.withColumn("_slot", slot).withColumn("device_id", device_id(F.col("household_id"), F.col("_slot")))


def _when(engine: Engine, frame: DataFrame) -> DataFrame:
    """The second of the window, by the local habits of the device."""
    event, draws = F.col("event_id"), engine.draws
    at = F.col("_class") * len(time_zones()) + F.col("zone")
    frame = engine.frames.choose(
        frame, "_hour", engagement_hours(engine.config), draws.uniform("event hour", event), at
    )
    return frame.withColumn("_second", F.col("_hour") * 3600 + draws.integer("event second", 3600, event))


def _what(engine: Engine, frame: DataFrame) -> DataFrame:
    """Category by taste, then a title of it by popularity."""
    event, draws = F.col("event_id"), engine.draws
    frame = engine.frames.choose(frame, "_any", tastes(), draws.uniform("event category", event), F.col("_taste"))
    u = draws.uniform("event choice", event)
    category = (
        F.when(u < FIRST_CHOICE, F.col("_favourite"))
        .when(u < SECOND_CHOICE, F.col("_runner_up"))
        .otherwise(F.col("_any"))
    )
    frame = frame.withColumn("_category", category)
    return engine.frames.choose(
        frame, "content_id", popularity(engine.config), draws.uniform("title", event), F.col("_category")
    )


def _how_long(engine: Engine, frame: DataFrame) -> DataFrame:
    """Completion by format and device; the duration follows from it."""
    facts = title_facts(engine.config)
    frame = engine.frames.look_up(frame, facts, F.col("content_id") - 1, _length="length", _curve="curve")
    on_tv = (F.col("_class") == TV) & (F.col("_curve") != 0) & (F.col("_curve") != SHORT_CURVE)
    curve = F.when(on_tv, TV_CURVE).otherwise(F.col("_curve"))
    bits = engine.draws.bits("completion", F.col("event_id"))
    frame = engine.frames.quantile(frame, "completion", completion(), bits, curve)
    return frame.withColumn("duration", whole(F.col("completion") * F.col("_length")))


def _seen_as(engine: Engine, frame: DataFrame) -> DataFrame:
    """With `mapping_id`, the identifier the publisher saw, if it was known, may be used to measure and was not opted out.

    Its columns go before further lookups carry them along.
    """
    in_app = F.col("_has_maid") & engine.draws.chance("in app", IN_APP, F.col("event_id"))
    slot = (
        F.when(F.col("_class") == TV, F.col("_slot") - CTV_SLOT + ids.CTV_ID)
        .when(F.col("_class") == TABLET, F.col("_slot") - TABLET_SLOT + ids.TABLET_COOKIE)
        .when(F.col("_class") == COMPUTER, F.col("_slot") - COMPUTER_SLOT + ids.COMPUTER_COOKIE)
        .when(in_app, ids.MAID)
        .otherwise(ids.PHONE_COOKIE)
    )
    return ids.with_seen_mapping(engine, frame, slot, "_second", F.col("device_id")).select(
        "event_id", "individual_id", "device_id", "mapping_id",
        "_class", "_second", "_taste", "_favourite", "_runner_up",
    )  # fmt: skip


def _reaction(engine: Engine, frame: DataFrame) -> DataFrame:
    """With the kind of engagement and the moment."""
    u = engine.draws.uniform("reaction", F.col("event_id"))
    reaction = F.when(u < REACTIONS[0][0], REACTIONS[0][1])
    for share, name in REACTIONS[1:]:
        reaction = reaction.when(u < share, name)
    plain = F.when(F.col("completion") >= 0.95, "complete").otherwise("view")
    return frame.select(
        "event_id", "individual_id", "content_id", "duration", "completion", "device_id", "mapping_id",
        moment(engine.config.window_start, F.col("_second")).alias("timestamp"),
        reaction.otherwise(plain).alias("engagement_type"),
    )  # fmt: skip
