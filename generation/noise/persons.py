"""What is true of the people that source systems may know: names, contacts, homes now and before, and who is near them."""

from __future__ import annotations

import functools

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.engine.lookup import Lookup
from generation.entities.composition import FIRST_CHILD, FIRST_EXTRA
from generation.entities.devices import CTV_SLOT, USER_AGE, device_id, has_phone, with_shared_devices
from generation.entities.identifier_values import device_uuid, with_address, with_home_address
from generation.entities.identifiers import CTV_ID
from generation.entities.names import surnames
from generation.entities.places import atlas_of, with_phone_number, with_state
from generation.noise.registry import NICKNAMES
from generation.spec.keys import PERSON

STREET_STARTS = (
    "Ander", "Brenwick", "Calder", "Dunmar", "Elder", "Farrow", "Glen", "Harrow", "Inver", "Juniper", "Kestrel", "Lark",
    "Marlow", "Norwick", "Orchard", "Pemb", "Quill", "Rowan", "Sedge", "Tarn", "Upper", "Vesper", "Willow", "Yarrow",
)  # fmt: skip
STREET_ENDS = ("brook", "croft", "dale", "field", "gate", "hollow", "leigh", "mere", "moor", "stead", "ton", "wood")
STREET_KINDS = ("Street", "Avenue", "Road", "Lane", "Drive", "Court")


@functools.cache
def streets() -> Lookup:
    """Invented streets, which no gazetteer holds."""
    names = [f"{start}{end} {kind}" for start in STREET_STARTS for end in STREET_ENDS for kind in STREET_KINDS]
    return Lookup("streets", {"street": names})


@functools.cache
def nicknames() -> Lookup:
    """Given names and what people of that name are called."""
    return Lookup("nicknames", {"name": list(NICKNAMES), "nickname": list(NICKNAMES.values())})


OWN = (
    "individual_id", "household_id", "first_name", "last_name", "birth_date", "gender", "marital_status", "age", "moved_in",
)  # fmt: skip
"""What of `individuals` records are made from."""


def persons(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row a person of 13 or over, with everything that a source may have or mistake."""
    grown = people.filter(F.col("age") >= USER_AGE).select(*OWN)
    homes, adults, emails = engine.shared_each(
        {
            "homes of persons": lambda: _homes(engine, households),
            "persons by themselves": lambda: _by_themselves(engine, grown),
            "e-mails of persons": lambda: _emails(engine, grown),
        }
    )
    frame = homes.join(adults.join(emails, "individual_id", "left"), "household_id")
    return _with_others(_with_family_cases(frame, grown))


def _homes(engine: Engine, households: DataFrame) -> DataFrame:
    """Homes with street, place, TV, network address and the phone number that has come to them from others."""
    home = F.col("household_id")
    homes = households.select(
        home,
        F.col("location.city").alias("city"),
        F.col("location.state").alias("state_code"),
        F.col("location.postal_code").alias("postal_code"),
    )
    homes = with_shared_devices(engine, homes, ("ctvs",))
    tv = F.when(F.col("ctvs") > 0, device_uuid(engine, device_id(home, CTV_SLOT), CTV_ID))
    homes = homes.withColumn("tv_id", tv).drop("ctvs")
    homes = _with_street(engine, homes, home, "street_address", "street")
    homes = with_home_address(engine, homes, F.lit(0).cast("bigint")).withColumnRenamed("home_address", "ip_address")
    return _with_former_holder(engine, homes)


def _by_themselves(engine: Engine, frame: DataFrame) -> DataFrame:
    """People with phone number, former street and place, and other names."""
    frame = frame.withColumn("ordinal", F.pmod(F.col("individual_id"), F.lit(PERSON)))
    frame = with_phone_number(engine, with_state(engine, frame))
    frame = frame.withColumn("phone", F.when(has_phone(engine), F.col("phone"))).drop("rank")
    together = F.col("ordinal") < FIRST_EXTRA
    mover = F.when(together, F.col("household_id") * PERSON).otherwise(F.col("individual_id"))
    frame = _with_street(engine, frame.withColumn("_mover", mover), F.col("_mover"), "old_street_address", "old street")
    return _with_former_names(engine, _with_former_place(engine, frame))


def _with_street(engine: Engine, frame: DataFrame, key: Column, into: str, decision: str) -> DataFrame:
    count = len(STREET_STARTS) * len(STREET_ENDS) * len(STREET_KINDS)
    frame = engine.frames.look_up(frame, streets(), engine.draws.integer(decision, count, key), _street="street")
    number = (engine.draws.integer(f"{decision} number", 9_899, key) + 101).cast("string")
    return frame.withColumn(into, F.concat_ws(" ", number, "_street")).drop("_street")


def _with_former_place(engine: Engine, frame: DataFrame) -> DataFrame:
    """People (_mover, state) with where they lived before they moved in: another place of the state."""
    frames, atlas = engine.frames, atlas_of(engine.config)
    frame = frames.look_up(frame, atlas.state_cells, F.col("state"), _from="first", _size="size")
    bits = engine.draws.bits("old place", F.col("_mover"))
    frame = frames.choose_among(frame, "_place", atlas.place_cells, bits, (F.col("_from"), F.col("_size")))
    frame = frames.look_up(
        frame.drop("_from", "_size", "state"), atlas.places, F.col("_place"),
        old_city="city", old_state="state", old_postal_code="postal_code",
    )  # fmt: skip
    return frame.drop("_place", "_mover")


def _emails(engine: Engine, grown: DataFrame) -> DataFrame:
    """The first e-mail address of people who have one."""
    named = grown.select("individual_id", "first_name", "last_name", "age")
    return with_address(engine, named, "individual_id").filter(F.col("number") == 0).drop("number")


def _with_former_names(engine: Engine, frame: DataFrame) -> DataFrame:
    """With `maiden_name`, the surname a woman was born with where marriage gave her another, and `nickname`."""
    frame = engine.frames.choose(frame, "_born", surnames(), engine.draws.bits("surname", F.col("individual_id")))
    changed = (F.col("gender") == "female") & (F.col("marital_status") == "married") & (F.col("ordinal") <= 1)
    changed = changed & (F.col("last_name") != F.col("_born"))
    frame = frame.withColumn("maiden_name", F.when(changed, F.col("_born"))).drop("_born")
    known = engine.frames.frame(nicknames()).select(F.col("name").alias("first_name"), "nickname")
    return frame.join(known, "first_name", "left")


def _with_family_cases(frame: DataFrame, grown: DataFrame) -> DataFrame:
    """With `twins` and `juniors`: numbers of siblings born on one day, and of people of one name in one household."""
    place = F.pmod(F.col("individual_id"), F.lit(PERSON))
    is_child = place.between(FIRST_CHILD, FIRST_EXTRA - 1)
    twins = _repeated(grown.filter(is_child), ("household_id", "birth_date"), "twins")
    juniors = _repeated(grown, ("household_id", "first_name", "last_name"), "juniors")
    frame = frame.join(twins, ["household_id", "birth_date"], "left")
    frame = frame.join(juniors, ["household_id", "first_name", "last_name"], "left")
    return frame.withColumn("twins", F.when(is_child, F.col("twins")))


def _repeated(frame: DataFrame, keys: tuple[str, ...], into: str) -> DataFrame:
    groups = frame.groupBy(*keys).agg(F.count(F.lit(1)).alias("_size"), F.min("individual_id").alias(into))
    return groups.filter(F.col("_size") > 1).drop("_size")


SHARED = ("first_name", "birth_date", "email", "phone")
"""What may be mistaken for another member's."""


def _with_others(frame: DataFrame) -> DataFrame:
    """With what may be mistaken for a person's own: the head's values, and for the head those of person 1."""
    # A window and no join of the frame to itself, which would make everything before it twice.
    home = Window.partitionBy("household_id")
    members = {
        f"_{ordinal}_{name}": F.max(F.when(F.col("ordinal") == ordinal, F.col(name))).over(home)
        for ordinal in (0, 1)
        for name in SHARED
    }
    head = F.col("ordinal") == 0
    others = {f"other_{name}": F.when(head, F.col(f"_1_{name}")).otherwise(F.col(f"_0_{name}")) for name in SHARED}
    return frame.withColumns(members).withColumns(others).drop(*members)


def _with_former_holder(engine: Engine, homes: DataFrame) -> DataFrame:
    """With `recycled_phone`, the number of the head of the household before (of the second household, for the first)."""
    home = F.col("household_id")
    before = F.when(home == 1, 2).otherwise(home - 1).cast("bigint")
    turned = homes.withColumn("_of", home).withColumns({"household_id": before, "ordinal": F.lit(0).cast("bigint")})
    numbered = with_phone_number(engine, with_state(engine, turned)).withColumn("household_id", F.col("_of"))
    return numbered.withColumnRenamed("phone", "recycled_phone").drop("_of", "ordinal", "state", "rank")
