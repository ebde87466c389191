"""Graph events: one history of identifiers, homes and profiles, from the decisions that make identity_mappings.

- An identifier is created, or replaces the one before it: a reset cookie or advertising id, a network address after its
  lease. A phone number may be transferred from somebody of another household. What ends without a successor was withdrawn
  by its person's opt-out.
- People moved with their household, joined it later, or were born into it. Who joined later left another household, which
  is not part of the dataset; nobody has left a household that is. After replay everybody lives where `individuals` says.
- Profiles are created, merged and split as `generation.entities.profiles` says.
"""

from __future__ import annotations

import datetime as dt
import functools

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform
from generation.engine.context import Engine
from generation.entities.edges import with_doubt
from generation.entities.identifiers import DAY
from generation.entities.profiles import profiles
from generation.spec.catalog.graph_events import GRAPH_EVENTS
from generation.spec.keys import GRAPH_EVENT, IDENTIFIER_SLOT, MAPPING, PERSON

WITHDRAWN, MERGED, CREATED = MAPPING, 2 * MAPPING, 3 * MAPPING
SPLIT, ARRIVED, LEFT = MERGED + 1, CREATED + 1, CREATED + 2
"""Where the numbers of a person's events begin; 0 upwards for what begins. No profile has the numbers 1 and 2: those are of
e-mail addresses.
"""


def graph_events(engine: Engine, mappings: DataFrame, people: DataFrame) -> DataFrame:
    """All events of the given people and their mappings."""
    parts = [
        _begun(engine, mappings),
        _withdrawn(mappings),
        *_moves(people),
        *_of_profiles(profiles(engine, mappings, people)),
    ]
    return conform(functools.reduce(DataFrame.unionByName, parts), GRAPH_EVENTS)


def _event(frame: DataFrame, kind: str | Column, at: Column, number: Column, **columns: Column) -> DataFrame:
    nothing = F.lit(None).cast("bigint")
    default = {
        column.name: nothing for column in GRAPH_EVENTS.columns if column.nullable
    }  # every nullable column is a key
    chosen = default | columns
    return frame.select(
        (F.col("individual_id") * GRAPH_EVENT + number).alias("graph_event_id"),
        (F.lit(kind) if isinstance(kind, str) else kind).alias("event_type"),
        at.alias("occurred_at"),
        "individual_id",
        *(value.cast("bigint").alias(name) for name, value in chosen.items()),
    )


def _offset(key: str) -> Column:
    return F.pmod(F.col(key), F.lit(MAPPING))


def _begun(engine: Engine, mappings: DataFrame) -> DataFrame:
    """How every mapping began."""
    frame = with_doubt(engine, mappings.drop("confidence"))
    kind = F.col("identifier_type")
    follows = F.pmod(F.col("mapping_id"), F.lit(IDENTIFIER_SLOT)) > 0
    recycled = kind.isin("phone", "hashed_phone") & F.col("mistaken") & F.col("stranger").isNotNull()
    event = (
        F.when(follows & (kind == "home_ip"), "identifier_replaced")
        .when(follows, "identifier_reset")
        .when(recycled, "identifier_transferred")
        .otherwise("identifier_created")
    )
    return _event(
        frame, event, F.col("first_seen"), _offset("mapping_id"),
        mapping_id=F.col("mapping_id"),
        previous_mapping_id=F.when(follows, F.col("mapping_id") - 1),
        previous_individual_id=F.when(recycled, F.col("stranger")),
    )  # fmt: skip


def _withdrawn(mappings: DataFrame) -> DataFrame:
    """What was alive at its person's opt-out."""
    at = F.col("opted_out_at")
    alive = mappings.filter(at.isNotNull() & (F.unix_timestamp("last_seen") + 1 == F.unix_timestamp("opted_out_at")))
    return _event(alive, "identifier_withdrawn", at, _offset("mapping_id") + WITHDRAWN, mapping_id=F.col("mapping_id"))


def _moves(people: DataFrame) -> list[DataFrame]:
    """How everybody came to live where they live."""
    head = F.pmod(F.col("individual_id"), F.lit(PERSON)) == 0
    heads = people.filter(head).select("household_id", F.col("moved_in").alias("_head"))
    frame = heads.join(people.select("individual_id", "household_id", "moved_in", "birth_date"), "household_id")
    born, together = F.col("moved_in") == F.col("birth_date"), F.col("moved_in") == F.col("_head")
    day = F.datediff(F.col("moved_in"), F.lit(dt.date(1970, 1, 1))).cast("bigint") * DAY
    at = F.timestamp_seconds(day)
    kind = F.when(together & ~born, "person_moved").otherwise("person_joined_household")
    arrived = _event(frame, kind, at, F.lit(ARRIVED), household_id=F.col("household_id"))
    alone = frame.filter(~together & ~born)
    return [arrived, _event(alone, "person_left_household", at, F.lit(LEFT))]


def _of_profiles(frame: DataFrame) -> list[DataFrame]:
    profile, into = F.col("profile_id"), F.col("into")
    merged = frame.filter(F.col("merged").isNotNull())
    split = frame.filter(F.col("split").isNotNull())
    both = {"profile_id": profile, "into_profile_id": into}

    def at(name: str) -> Column:
        return F.timestamp_seconds(name)

    number = _offset("profile_id")
    return [
        _event(frame, "profile_created", at("created"), number + CREATED, profile_id=profile),
        _event(merged, "profile_merged", at("merged"), number + MERGED, **both),
        _event(split, "profile_split", at("split"), number + SPLIT, **both),
    ]
