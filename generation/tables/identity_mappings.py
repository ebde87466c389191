"""Identity mappings: every identifier of every user.

A user's slots are unrolled, then every slot's epochs, and a row's value follows from its slot. So users are worked out once,
however many kinds of identifiers there are; e-mail addresses stand apart, since they ask for a provider each.
"""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, label, moment
from generation.engine.context import Engine
from generation.engine.lifetime import Lifetime
from generation.engine.lookup import Quantiles, grid, quantiles
from generation.engine.permute import permuted
from generation.entities import identifiers as ids
from generation.entities.devices import (
    COMPUTER_SLOT,
    CTV_SLOT,
    TABLET_SLOT,
    USER_AGE,
    device_id,
    own_computer,
    own_tablet,
)
from generation.entities.identifier_kinds import MATCHES, kind_number, kinds_by_slot
from generation.entities.identifier_values import dotted, home_address, spelled, uuid_digits, with_address
from generation.entities.places import with_phone_number, with_state
from generation.entities.users import users
from generation.spec.catalog.identity_mappings import IDENTITY_MAPPINGS

CONFIDENCE_BITS = 8
OLDEST_ACCOUNT_DAYS = 2_500
"""Accounts and addresses are up to this old at the window's start (design choice)."""


def identity_mappings(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row an identifier, person and epoch of the given households and people."""
    families = {
        "mappings of addresses": lambda: _emails(engine, people),
        "mappings of slots": lambda: _others(engine, users(engine, people, households)),
    }
    union = functools.reduce(DataFrame.unionByName, engine.shared_each(families))
    return conform(_finished(engine, union), IDENTITY_MAPPINGS)


CARRIED = ("individual_id", "opt_out")
"""Columns of users that finishing needs."""


def _bigint(number: Column | int | None) -> Column:
    return (number if isinstance(number, Column) else F.lit(number)).cast("bigint")


def _unrolled(*slots: Column) -> Column:
    """One row each slot that is not null."""
    return F.explode(F.array_compact(F.array(*slots)))


def _emails(engine: Engine, people: DataFrame) -> DataFrame:
    """E-mail addresses and, for some, their hashes: SHA-256 of the trimmed lower-case address."""
    person, number, slot = F.col("individual_id"), F.col("number"), F.col("slot")

    def hashed(kind: str, first: int) -> Column:
        return F.when(ids.covered(engine, kind, number, person), _bigint(number + first))

    frame = people.filter(F.col("age") >= USER_AGE).withColumn("opt_out", ids.opt_out_second(engine))
    frame = with_address(engine, frame, *CARRIED)
    slots = (
        _bigint(number + ids.EMAIL),
        hashed("hashed_email", ids.HASHED_EMAIL),
        hashed("hashed_email_base64", ids.HASHED_EMAIL_BASE64),
    )
    frame = frame.select(*CARRIED, "email", _unrolled(*slots).alias("slot"))
    digest = F.sha2(F.col("email"), 256)
    value = F.when(slot < ids.HASHED_EMAIL, F.col("email")).when(slot < ids.HASHED_EMAIL_BASE64, digest)
    value = value.otherwise(F.base64(F.unhex(digest)))
    absent = [_bigint(None).alias(name) for name in ("device_id", "period", "phase")]
    epoch = _bigint(0).alias("epoch")
    return frame.select(*CARRIED, "slot", slot.alias("kind"), value.alias("identifier_value"), epoch, *absent)


def _others(engine: Engine, frame: DataFrame) -> DataFrame:
    """Identifiers of phones, browsers, TVs, homes and accounts."""
    frame = frame.select(
        *CARRIED, "household_id", "ordinal", "ios", "ctvs", F.array_compact(F.array(*_slots(engine))).alias("slots")
    )
    frame = with_phone_number(engine, with_state(engine, frame))
    frame = _with_epochs(engine, frame.withColumn("slot", F.explode("slots")))
    frame = _with_digits(engine, frame.withColumn("device_id", _device()))
    known = ~_within(ids.CTV_ID, ids.HOME_IP) | ids.covered(engine, "ctv_id", 0, F.col("device_id"))
    return frame.filter(known).select(
        *CARRIED,
        "slot",
        kind_number(F.col("slot"), F.col("ios")).alias("kind"),
        _value(engine).alias("identifier_value"),
        "epoch",
        "device_id",
        "period",
        "phase",
    )


def _within(first: int, end: int) -> Column:
    """Whether a row's slot is one from `first` on, before `end`."""
    return (F.col("slot") >= first) & (F.col("slot") < end)


def _slots(engine: Engine) -> list[Column]:
    """The slots in which a user (with `phone` for having one) has something, else null; TVs all by the first one's."""
    person, phone, adult = F.col("individual_id"), F.col("phone"), F.col("age") >= 18
    computer, tablet = _bigint(own_computer() + ids.COMPUTER_COOKIE), _bigint(own_tablet() + ids.TABLET_COOKIE)

    def cookie(slot: Column) -> Column:
        return ids.covered(engine, "first_party_cookie", slot, person)

    def account(kind: str, slot: int) -> Column:
        return adult & ids.covered(engine, kind, slot, person)

    numbered = phone & ids.covered(engine, "phone", 0, person)
    filled = (
        (_bigint(ids.PHONE), numbered),
        (_bigint(ids.HASHED_PHONE), numbered & ids.covered(engine, "hashed_phone", 0, person)),
        (_bigint(ids.MAID), ids.gives_advertising_id(engine)),
        (_bigint(ids.PHONE_COOKIE), phone & cookie(_bigint(ids.PHONE_COOKIE))),
        (computer, (F.col("computers") > 0) & cookie(computer)),
        (tablet, (F.col("tablets") > 0) & cookie(tablet)),
        (_bigint(ids.CTV_ID), F.col("ctvs") > 0),
        (_bigint(ids.HOME_IP), ids.covered(engine, "home_ip", 0, F.col("household_id"))),
        (_bigint(ids.MOBILE_IP), phone & ids.covered(engine, "mobile_ip", 0, person)),
        (_bigint(ids.CUSTOMER_ID), account("customer_id", ids.CUSTOMER_ID)),
        (_bigint(ids.LOYALTY_ID), account("loyalty_id", ids.LOYALTY_ID)),
        (_bigint(ids.RAMPID), account("synthetic_rampid", ids.RAMPID)),
        (_bigint(ids.UID2), account("synthetic_uid2", ids.UID2)),
    )
    return [F.when(known, slot) for slot, known in filled]


def _with_epochs(engine: Engine, frame: DataFrame) -> DataFrame:
    """One row an epoch in the window of what changes, with `period` and `phase`, and one row a TV."""
    slot = F.col("slot")
    own, home = ids.lifetime(engine, F.col("individual_id"), slot), ids.lease(engine, F.col("household_id"))
    changes, leased, tvs = _within(ids.MAID, ids.CTV_ID), slot == ids.HOME_IP, slot == ids.CTV_ID
    frame = frame.withColumns(
        {
            "period": F.when(changes, own.period).when(leased, home.period),
            "phase": F.when(changes, own.phase).when(leased, home.phase),
        }
    )
    epochs = Lifetime(F.col("period"), F.col("phase")).epochs(ids.window_seconds(engine))
    rows = F.when(tvs, _bigint(F.col("ctvs"))).otherwise(F.coalesce(epochs, _bigint(1)))
    frame = frame.withColumn("_row", F.explode(F.sequence(_bigint(0), rows - 1)))
    tv = F.when(tvs, F.col("_row")).otherwise(_bigint(0))
    return frame.withColumns({"slot": slot + tv, "epoch": F.col("_row") - tv})


def _device() -> Column:
    """The key of the device that carries what is in the slot, null where none does."""
    slot, ordinal = F.col("slot"), F.col("ordinal")
    place = (
        F.when(slot < ids.COMPUTER_COOKIE, ordinal)
        .when(slot < ids.TABLET_COOKIE, slot + (COMPUTER_SLOT - ids.COMPUTER_COOKIE))
        .when(slot < ids.CTV_ID, slot + (TABLET_SLOT - ids.TABLET_COOKIE))
        .when(slot < ids.HOME_IP, slot + (CTV_SLOT - ids.CTV_ID))
    )
    return device_id(F.col("household_id"), place)


def _with_digits(engine: Engine, frame: DataFrame) -> DataFrame:
    """With the digits of a UUID for every slot, since what is drawn inside a condition is drawn again in each use of it."""
    owner = F.when(_within(ids.CTV_ID, ids.HOME_IP), F.col("device_id")).otherwise(F.col("individual_id"))
    high, low = uuid_digits(engine, owner, F.col("slot"), F.col("epoch"))
    return frame.withColumns({"_high": high, "_low": low})


def _value(engine: Engine) -> Column:
    """What is in the slot: the family's first slot decides how it is made."""
    slot, epoch, phone = F.col("slot"), F.col("epoch"), F.col("phone")
    uuid = spelled(F.col("_high"), F.col("_low"))
    return (
        F.when(slot == ids.PHONE, phone)
        .when(slot == ids.HASHED_PHONE, F.base64(F.unhex(F.sha2(phone, 256))))
        .when((slot == ids.MAID) & F.col("ios"), F.upper(uuid))
        .when(slot < ids.HOME_IP, uuid)
        .when(slot == ids.HOME_IP, home_address(engine, epoch))
        .when(slot == ids.MOBILE_IP, _mobile_address(engine))
        .otherwise(_account(engine))
    )


def _mobile_address(engine: Engine) -> Column:
    """Of the range that carriers share, 100.64.0.0/10: many phones have one at a time."""
    pool = F.shiftright(engine.draws.bits("mobile address", F.col("individual_id")), 63 - 22)
    return dotted(pool + (64 << 16), 100)


def _account(engine: Engine) -> Column:
    """Customer and loyalty numbers and two ids shaped like those of identity partners, marked synthetic."""
    person, slot = F.col("individual_id"), F.col("slot")

    def number(decision: str, letter: str) -> Column:
        return F.concat(F.lit(letter), F.lpad(permuted(engine.draws, decision, person, 36).cast("string"), 11, "0"))

    secret = F.concat_ws(
        ":", F.lit("partner"), engine.draws.bits("partner id", person).cast("string"), person.cast("string")
    )
    digest = F.sha2(secret, 256)
    return (
        F.when(slot == ids.CUSTOMER_ID, number("customer number", "C"))
        .when(slot == ids.LOYALTY_ID, number("loyalty number", "L"))
        .when(slot == ids.RAMPID, F.concat(F.lit("SYN-XY"), F.substring(digest, 1, 43)))
        .otherwise(F.concat(F.lit("SYN-"), F.base64(F.unhex(digest))))
    )


@functools.cache
def confidences() -> Quantiles:
    """Confidence of a link: Beta(8, 2) for deterministic, Beta(4, 4) for probabilistic matches."""
    u = tuple(float(value) for value in grid(CONFIDENCE_BITS))
    return quantiles("confidence", np.array([ids.beta_quantile(8, 2, u), ids.beta_quantile(4, 4, u)]), CONFIDENCE_BITS)


def _finished(engine: Engine, frame: DataFrame) -> DataFrame:
    """Keys, kind, confidence, lifetime, consent. Identifiers whose life would begin after the opt-out never come to be."""
    frame = frame.withColumn("mapping_id", ids.mapping_id(F.col("individual_id"), F.col("slot"), F.col("epoch")))
    frame = engine.frames.look_up(
        frame,
        kinds_by_slot(),
        F.col("kind"),
        identifier_type="type",
        hash_scheme="scheme",
        source="source",
        match="match",
    )
    bits = engine.draws.bits("confidence", F.col("mapping_id"))
    frame = engine.frames.quantile(frame, "confidence", confidences(), bits, F.col("match").cast("bigint"))
    last, start = ids.window_seconds(engine) - 1, engine.config.window_start
    old = -engine.draws.integer("identifier age", OLDEST_ACCOUNT_DAYS * ids.DAY, F.col("mapping_id")) - 1
    born, dies = Lifetime(F.col("period"), F.col("phase")).interval(F.col("epoch"))
    frame = frame.withColumn("_first", F.coalesce(born, old)).withColumn("_end", F.coalesce(dies - 1, F.lit(last)))
    frame = frame.filter(F.col("opt_out").isNull() | (F.col("_first") < F.col("opt_out")))
    opted_out = F.col("opt_out").isNotNull()
    seen = F.least(F.col("_end"), F.lit(last), F.coalesce(F.col("opt_out") - 1, F.lit(last)))
    return frame.select(
        "*",
        label(F.col("match"), MATCHES).alias("match_type"),
        moment(start, F.col("_first")).alias("first_seen"),
        moment(start, seen).alias("last_seen"),
        ((F.col("_end") >= last) & ~opted_out).alias("is_active"),
        *((ids.consents(engine, purpose) & ~opted_out).alias(f"consent_{purpose}") for purpose in ids.CONSENT_SHARES),
        F.when(opted_out, moment(start, F.col("opt_out"))).alias("opted_out_at"),
    )
