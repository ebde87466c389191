"""Devices: phones of people, and the TVs, tablets and computers of households."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, moment
from generation.engine.context import Engine
from generation.entities.devices import (
    COMPUTER_SLOT,
    CTV_SLOT,
    TABLET_SLOT,
    USER_AGE,
    device_id,
    has_phone,
    is_ios,
    with_shared_devices,
)
from generation.entities.identifiers import DAY, window_seconds
from generation.spec.catalog.devices import DEVICES
from generation.spec.keys import PERSON

OLDEST_DEVICE_DAYS = {"smartphone": 1_000, "ctv": 1_800, "tablet": 1_800, "computer": 2_200}
"""Devices are up to this old at the window's start (phones are replaced about every 34 months; others design choice)."""

# Shares of operating systems of shared devices (design choices on public market shares).
SHARED_SYSTEMS = {
    "ctv": (("roku", 0.34), ("fire_tv", 0.22), ("tizen", 0.20), ("webos", 0.08), ("google_tv", 0.10), ("tvos", 0.06)),
    "tablet": (("ipados", 0.55), ("android", 0.45)),
    "computer": (("windows", 0.68), ("macos", 0.24), ("chromeos", 0.08)),
}


def devices(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row a device of the given households and people."""
    homes = with_shared_devices(engine, households.select("household_id", "size"))
    parts = [
        _phones(engine, people),
        _shared(engine, homes, "ctv", "ctvs", CTV_SLOT),
        _shared(engine, homes, "tablet", "tablets", TABLET_SLOT),
        _shared(engine, homes, "computer", "computers", COMPUTER_SLOT),
    ]
    frame = parts[0]
    for part in parts[1:]:
        frame = frame.unionByName(part)
    return conform(frame, DEVICES)


def _phones(engine: Engine, people: DataFrame) -> DataFrame:
    owners = people.filter((F.col("age") >= USER_AGE) & has_phone(engine))
    slot = F.pmod(F.col("individual_id"), F.lit(PERSON))
    frame = owners.select(
        "household_id",
        "individual_id",
        device_id(F.col("household_id"), slot).alias("device_id"),
        is_ios(engine).alias("ios"),
    )
    system = F.when(F.col("ios"), "ios").otherwise("android")
    return _finished(engine, frame.withColumn("os", system).withColumn("shared", F.lit(False)), "smartphone")


def _shared(engine: Engine, homes: DataFrame, kind: str, count: str, slot: int) -> DataFrame:
    """Devices of the household; the only member of a one-person household owns them."""
    frame = homes.filter(F.col(count) > 0).select(
        "household_id", "size", F.explode(F.sequence(F.lit(0).cast("bigint"), F.col(count) - 1)).alias("number")
    )
    alone = F.col("size") == 1
    frame = frame.select(
        "household_id",
        device_id(F.col("household_id"), F.col("number") + slot).alias("device_id"),
        F.when(alone, F.col("household_id") * PERSON).alias("individual_id"),
        (~alone).alias("shared"),
    )
    return _finished(engine, frame.withColumn("os", _system(engine, kind)), kind)


def _system(engine: Engine, kind: str) -> Column:
    u = engine.draws.uniform(f"{kind} system", F.col("device_id"))
    names, shares = zip(*SHARED_SYSTEMS[kind], strict=True)
    system = F.when(u < shares[0], names[0])
    for number in range(1, len(names) - 1):
        system = system.when(u < sum(shares[: number + 1]), names[number])
    return system.otherwise(names[-1])


def _finished(engine: Engine, frame: DataFrame, kind: str) -> DataFrame:
    """With type and lifetime: every device was there before the window began and is there at its end."""
    start, age = (
        engine.config.window_start,
        engine.draws.integer("device age", OLDEST_DEVICE_DAYS[kind] * DAY, F.col("device_id")),
    )
    return frame.select(
        "device_id",
        "household_id",
        F.col("individual_id").cast("bigint").alias("individual_id"),
        F.lit(kind).alias("device_type"),
        "os",
        "shared",
        moment(start, -age - 1).alias("first_seen"),
        moment(start, F.lit(window_seconds(engine) - 1)).alias("last_seen"),
    )
