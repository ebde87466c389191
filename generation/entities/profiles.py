"""Profiles that a platform keeps of people: who has which, which are merged when, and what they resolve to.

Everybody of 13 or over has a profile of their own. Where a cookie was reset, a share of browsers begins a provisional one,
which is merged when its user is recognised: into their own, or into the provisional one before if that was still live. A
share of partners is merged into the profile of the household's first person by mistake; most are split off again. Each
profile is merged at most once and always into an earlier one, so there are no cycles.
"""

from __future__ import annotations

import datetime as dt

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.entities.devices import USER_AGE
from generation.entities.identifiers import DAY, window_seconds
from generation.spec.keys import IDENTIFIER_SLOT, MAPPING, PERSON

OLDEST_PROFILE_DAYS = 2_500
RECOGNISED_DAYS = 14
"""A provisional profile is merged within so many days after its cookie began, or ended (design choice)."""
MISTAKEN_DAYS = 30
"""A mistaken merge is undone within so many days (design choice)."""
CHAINED_SHARE = 0.5


def second_of(day: dt.date) -> int:
    """Seconds of a date's midnight since 1970, UTC."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.timezone.utc).timestamp())


def own_profile(person: Column) -> Column:
    """The profile that everybody has."""
    return person * MAPPING


def begins_profile(engine: Engine, mapping: Column) -> Column:
    """Whether a mapping of a first-party cookie began a provisional profile: never the first of a browser."""
    share = engine.config.demographics.graph.new_profile_share
    reset = F.pmod(mapping, F.lit(IDENTIFIER_SLOT)) > 0
    return reset & engine.draws.chance("new profile", share, mapping)


def provisional(engine: Engine, mappings: DataFrame) -> DataFrame:
    """Provisional profiles: profile_id, individual_id, created and merged (seconds since 1970, merged null if it was not),
    into, and canonical.
    """
    mapping, as_of = F.col("mapping_id"), second_of(engine.config.output.as_of)
    frame = mappings.filter((F.col("identifier_type") == "first_party_cookie") & begins_profile(engine, mapping))
    even = F.pmod(mapping, F.lit(2)) == 0
    begun, ended = F.unix_timestamp("first_seen"), F.unix_timestamp("last_seen") + 1
    delay = _delay(engine, mapping)
    merged = F.when(even, begun + delay).otherwise(ended + delay)
    # The one before has an odd number, and waits from the same moment on: when its cookie ended.
    earlier = _delay(engine, mapping - 1)
    chained = even & begins_profile(engine, mapping - 1) & (delay < earlier)
    chained = chained & engine.draws.chance("merged with the one before", CHAINED_SHARE, mapping)
    latest = F.least(F.lit(as_of), F.coalesce(F.unix_timestamp("opted_out_at"), F.lit(as_of)))
    own = own_profile(F.col("individual_id"))
    rows = frame.select(
        mapping.alias("profile_id"),
        "individual_id",
        begun.alias("created"),
        F.when(merged < latest, merged).alias("merged"),
        F.when(chained, mapping - 1).otherwise(own).alias("into"),
        (chained & (begun + earlier >= latest)).alias("_waits"),
    )
    retired = F.col("merged").isNotNull()
    resolved = F.when(F.col("_waits"), F.col("into")).otherwise(own)
    return rows.select(
        *("profile_id", "individual_id", "created", "merged"),
        F.when(retired, F.col("into")).alias("into"),
        F.when(retired, resolved).otherwise(F.col("profile_id")).alias("canonical"),
    )


def _delay(engine: Engine, mapping: Column) -> Column:
    return engine.draws.integer("recognised after", RECOGNISED_DAYS * DAY, mapping) + 1


def own_profiles(engine: Engine, people: DataFrame) -> DataFrame:
    """Everybody's own profile: as `provisional`, and split (seconds since 1970, null if it was not)."""
    person, draws = F.col("individual_id"), engine.draws
    start, as_of = second_of(engine.config.window_start), second_of(engine.config.output.as_of)
    partner = F.pmod(person, F.lit(PERSON)) == 1
    mistaken = partner & draws.chance("merged by mistake", engine.config.demographics.graph.wrong_merge_share, person)
    merged = F.when(mistaken, draws.integer("mistaken at", window_seconds(engine), person) + start)
    noticed = merged + draws.integer("noticed after", MISTAKEN_DAYS * DAY, person) + 1
    split = F.when(noticed < as_of, noticed)
    head = own_profile(person - 1)
    return people.filter(F.col("age") >= USER_AGE).select(
        own_profile(person).alias("profile_id"),
        "individual_id",
        (F.lit(start - 1) - draws.integer("profile age", OLDEST_PROFILE_DAYS * DAY, person)).alias("created"),
        merged.alias("merged"),
        F.when(mistaken, head).alias("into"),
        F.when(mistaken & split.isNull(), head).otherwise(own_profile(person)).alias("canonical"),
        split.alias("split"),
    )


def profiles(engine: Engine, mappings: DataFrame, people: DataFrame) -> DataFrame:
    """All profiles; what a provisional one resolves to follows its person's own."""
    return engine.shared("profiles", lambda: _profiles(engine, mappings, people))


def _profiles(engine: Engine, mappings: DataFrame, people: DataFrame) -> DataFrame:
    own = own_profiles(engine, people)
    stands = own.select(F.col("profile_id").alias("_own"), F.col("canonical").alias("_stands"))
    first = provisional(engine, mappings).withColumn("_own", own_profile(F.col("individual_id")))
    follows = F.when(F.col("canonical") == F.col("_own"), F.col("_stands")).otherwise(F.col("canonical"))
    joined = stands.join(first, "_own").withColumn("canonical", follows)
    columns = ("profile_id", "individual_id", "created", "merged", "into", "canonical")
    later = joined.select(*columns, F.lit(None).cast("bigint").alias("split"))
    return own.select(*columns, "split").unionByName(later)
