"""Which devices a household has: a phone a person, and TVs, tablets and computers that the household shares.

A device's slot in its household tells its kind: phones have their owner's ordinal, then follow the blocks below.
"""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation import reference
from generation.engine.context import Engine
from generation.engine.lookup import Choice, choice
from generation.spec.keys import DEVICE

CTV_SLOT, TABLET_SLOT, COMPUTER_SLOT = 16, 32, 40
"""First slots of the shared kinds; phones have slots 0 to 15."""

USER_AGE = 13
"""Younger children have no device or identifier of their own and no events (COPPA's age of consent)."""


def device_id(household: Column, slot: Column | int) -> Column:
    """The key of the device in a slot of a household."""
    return household * DEVICE + (F.lit(slot) if isinstance(slot, int) else slot).cast("bigint")


SHARED = ("ctvs", "tablets", "computers")
"""What members of a household share."""


def with_shared_devices(engine: Engine, frame: DataFrame, kinds: tuple[str, ...] = SHARED) -> DataFrame:
    """A frame with household_id, plus how many devices of the kinds the household has."""
    household, draws, frames = F.col("household_id"), engine.draws, engine.frames
    identity = engine.config.demographics.identity
    shares = {
        "ctvs": identity.ctv_household_share,
        "tablets": identity.tablet_household_share,
        "computers": identity.computer_household_share,
    }
    for kind in kinds:
        frame = frames.choose(frame, kind, counts(kind, shares[kind]), draws.bits(f"{kind} in household", household))
    return frame


def has_phone(engine: Engine) -> Column:
    """Whether a person (individual_id, age) has a smartphone: Pew 2024 level, declining with age."""
    factor = engine.config.demographics.identity.smartphone_share / 0.91
    age = F.col("age")
    share = F.when(age < USER_AGE, 0.0).when(age < 18, min(1.0, 0.95 * factor))
    for top, rate in ((30, 0.98), (50, 0.97), (65, 0.91)):
        share = share.when(age < top, min(1.0, rate * factor))
    return engine.draws.chance("has smartphone", share.otherwise(min(1.0, 0.79 * factor)), F.col("individual_id"))


def is_ios(engine: Engine) -> Column:
    """Whether a person's phone runs iOS."""
    return engine.draws.chance("phone is ios", engine.config.demographics.identity.ios_share, F.col("individual_id"))


@functools.cache
def counts(kind: str, share: float) -> Choice:
    """Devices of a kind per household: the published distribution with its share of non-zero set to `share`."""
    published = np.array(published_counts(kind))
    some = published[1:] / published[1:].sum() * share
    return choice(f"{kind} {share}", np.concatenate([[1.0 - share], some])[None, :])


def published_counts(kind: str) -> list[float]:
    """Share of households with 0, 1, 2 ... devices of a kind; the last published class of TVs, 8 to 14, is spread evenly."""
    table = reference.activity()[{"ctvs": "ctv_devices"}.get(kind, kind)]
    shares = [float(share) for share in table["share"]]
    if kind == "ctvs":
        low, high = table["last_entry_range"]
        shares = [*shares[:-1], *[shares[-1] / (high - low + 1)] * (high - low + 1)]
    return shares


def own_computer() -> Column:
    """Which of the household's computers a user (ordinal, computers) sits at: members take turns through them."""
    return F.pmod(F.col("ordinal"), F.greatest(F.col("computers"), F.lit(1)))


def own_tablet() -> Column:
    """Which of the household's tablets a user (ordinal, tablets) holds."""
    return F.pmod(F.col("ordinal"), F.greatest(F.col("tablets"), F.lit(1)))
