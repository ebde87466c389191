"""Identity mappings: every identifier of every user.

Identifiers come in families: what each is made from, how long it lives and on which device it is differ between them and are
the same within. A family's slots are unrolled, then their epochs, and a row's value follows from its slot.
"""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, moment
from generation.engine.context import Engine
from generation.engine.lifetime import Lifetime
from generation.engine.lookup import Quantiles, grid, quantiles
from generation.engine.permute import permuted
from generation.entities import identifiers as ids
from generation.entities.devices import COMPUTER_SLOT, CTV_SLOT, TABLET_SLOT, device_id, own_computer, own_tablet
from generation.entities.identifier_kinds import DETERMINISTIC, PROBABILISTIC, kind_number, kinds_by_slot
from generation.entities.identifier_values import device_uuid, dotted, with_address, with_home_address
from generation.entities.places import with_phone_number, with_state
from generation.entities.users import users
from generation.spec.catalog.identity_mappings import IDENTITY_MAPPINGS

CONFIDENCE_BITS = 10
OLDEST_ACCOUNT_DAYS = 2_500
"""Accounts and addresses are up to this old at the window's start (design choice)."""


def identity_mappings(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row an identifier, person and epoch of the given households and people."""
    frame = users(engine, people, households)
    families = {
        "mappings of addresses": lambda: _emails(engine, frame),
        "mappings of phones and browsers": lambda: _changing(engine, frame),
        "mappings of TVs": lambda: _tvs(engine, frame),
        "mappings of homes": lambda: _homes(engine, frame),
        "mappings of accounts": lambda: _accounts(engine, frame),
    }
    union = functools.reduce(DataFrame.unionByName, engine.shared_each(families))
    return conform(_finished(engine, union), IDENTITY_MAPPINGS)


def _bigint(number: Column | int | None) -> Column:
    return (number if isinstance(number, Column) else F.lit(number)).cast("bigint")


def _unrolled(filled: list[tuple[Column | int, Column]]) -> Column:
    """One row for each slot that is filled."""
    return F.explode(F.array_compact(F.array(*(F.when(known, _bigint(slot)) for slot, known in filled))))


def _family(frame: DataFrame, value: Column, kind: Column, match: Column | int = DETERMINISTIC) -> DataFrame:
    """Identifiers (device_id, and their lives) with their value as finishing needs them."""
    return frame.select(
        "individual_id",
        "opt_out",
        "mapping_id",
        _bigint(kind).alias("kind"),
        _bigint(match).alias("match"),
        value.alias("identifier_value"),
        _bigint(F.col("device_id")).alias("device_id"),
        "_first",
        "_end",
    )


def _lasting(engine: Engine, frame: DataFrame) -> DataFrame:
    """Slots whose identifier was there before the window and stays: with `mapping_id` and their life."""
    mapping, oldest = ids.mapping_id(F.col("individual_id"), F.col("slot")), OLDEST_ACCOUNT_DAYS * ids.DAY
    return frame.withColumns(
        {
            "mapping_id": mapping,
            "_first": -engine.draws.integer("identifier age", oldest, mapping) - 1,
            "_end": _bigint(ids.window_seconds(engine) - 1),
        }
    )


def _emails(engine: Engine, frame: DataFrame) -> DataFrame:
    """E-mail addresses and, for some, their hashes: SHA-256 of the trimmed lower-case address."""
    person, number, slot = F.col("individual_id"), F.col("number"), F.col("slot")
    frame = with_address(engine, frame, "individual_id", "opt_out")
    filled = [
        (number + ids.EMAIL, F.lit(True)),
        (number + ids.HASHED_EMAIL, ids.covered(engine, "hashed_email", number, person)),
        (number + ids.HASHED_EMAIL_BASE64, ids.covered(engine, "hashed_email_base64", number, person)),
    ]
    frame = frame.select("individual_id", "opt_out", "email", _unrolled(filled).alias("slot"))
    frame = _lasting(engine, frame.withColumn("device_id", _bigint(None)))
    digest = F.sha2(F.col("email"), 256)
    value = F.when(slot < ids.HASHED_EMAIL, F.col("email")).when(slot < ids.HASHED_EMAIL_BASE64, digest)
    return _family(frame, value.otherwise(F.base64(F.unhex(digest))), slot)


def _changing(engine: Engine, frame: DataFrame) -> DataFrame:
    """Advertising ids of phones, and cookies of the browsers on phones, computers and tablets: one row an epoch."""
    person, slot = F.col("individual_id"), F.col("slot")
    computer, tablet = own_computer() + ids.COMPUTER_COOKIE, own_tablet() + ids.TABLET_COOKIE

    def cookie(slot: Column) -> Column:
        return ids.covered(engine, "first_party_cookie", slot, person)

    filled = [
        (ids.MAID, ids.gives_advertising_id(engine)),
        (ids.PHONE_COOKIE, F.col("phone") & cookie(_bigint(ids.PHONE_COOKIE))),
        (computer, (F.col("computers") > 0) & cookie(_bigint(computer))),
        (tablet, (F.col("tablets") > 0) & cookie(_bigint(tablet))),
    ]
    own = ("individual_id", "opt_out", "household_id", "ordinal", "ios")
    frame = frame.select(*own, _unrolled(filled).alias("slot"))
    frame = _by_epoch(engine, ids.with_lifetimes(engine, frame, person, {"": slot}))
    place = F.when(slot < ids.COMPUTER_COOKIE, F.col("ordinal")).when(
        slot < ids.TABLET_COOKIE, slot + (COMPUTER_SLOT - ids.COMPUTER_COOKIE)
    )
    place = place.otherwise(slot + (TABLET_SLOT - ids.TABLET_COOKIE))
    frame = frame.withColumn("device_id", device_id(F.col("household_id"), place))
    frame = frame.withColumn("_uuid", device_uuid(engine, person, slot, F.col("epoch")))
    value = F.when((slot == ids.MAID) & F.col("ios"), F.upper("_uuid")).otherwise(F.col("_uuid"))
    return _family(frame, value, kind_number(slot, F.col("ios")))


def _by_epoch(engine: Engine, frame: DataFrame) -> DataFrame:
    """One row an `epoch` of a slot (period, phase) in the window, with `mapping_id` and its life; those after the opt-out
    never come to be.
    """
    lived = Lifetime(F.col("period"), F.col("phase"))
    until = F.coalesce(F.col("opt_out"), F.lit(ids.window_seconds(engine)).cast("bigint")) - 1
    latest = lived.epoch_at(until)
    frame = frame.withColumn("epoch", F.explode(F.when(latest >= 0, F.sequence(_bigint(0), latest))))
    born, dies = lived.interval(F.col("epoch"))
    mapping = ids.mapping_id(F.col("individual_id"), F.col("slot"), F.col("epoch"))
    return frame.withColumns({"mapping_id": mapping, "_first": born, "_end": dies - 1}).drop("period", "phase")


def _tvs(engine: Engine, frame: DataFrame) -> DataFrame:
    """The TVs of a user's home."""
    numbers = F.explode(F.sequence(_bigint(0), F.col("ctvs") - 1)).alias("number")
    frame = frame.filter(F.col("ctvs") > 0).select("individual_id", "opt_out", "household_id", numbers)
    frame = frame.withColumns(
        {
            "slot": F.col("number") + ids.CTV_ID,
            "device_id": device_id(F.col("household_id"), F.col("number") + CTV_SLOT),
        }
    )
    device, slot = F.col("device_id"), F.col("slot")
    frame = _lasting(engine, frame.filter(ids.covered(engine, "ctv_id", 0, device)))
    return _family(frame, device_uuid(engine, device, slot), slot, PROBABILISTIC)


def _homes(engine: Engine, frame: DataFrame) -> DataFrame:
    """Network addresses of users' homes, one row a lease."""
    household = F.col("household_id")
    frame = frame.filter(ids.covered(engine, "home_ip", 0, household)).select("individual_id", "opt_out", household)
    frame = frame.withColumns({"slot": _bigint(ids.HOME_IP), "device_id": _bigint(None)})
    life = ids.lease(engine, household)
    frame = _by_epoch(engine, frame.withColumns({"period": life.period, "phase": life.phase}))
    frame = with_home_address(engine, frame, F.col("epoch"))
    return _family(frame, F.col("home_address"), F.col("slot"), PROBABILISTIC)


def _accounts(engine: Engine, frame: DataFrame) -> DataFrame:
    """Phone numbers and their hashes, mobile addresses, customer and loyalty numbers, ids of identity partners."""
    person, phone, adult, slot = F.col("individual_id"), F.col("phone"), F.col("age") >= 18, F.col("slot")

    def account(kind: str, slot: int) -> tuple[int, Column]:
        return slot, adult & ids.covered(engine, kind, slot, person)

    numbered = phone & ids.covered(engine, "phone", 0, person)
    filled = [
        (ids.PHONE, numbered),
        (ids.HASHED_PHONE, numbered & ids.covered(engine, "hashed_phone", 0, person)),
        (ids.MOBILE_IP, phone & ids.covered(engine, "mobile_ip", 0, person)),
        account("customer_id", ids.CUSTOMER_ID),
        account("loyalty_id", ids.LOYALTY_ID),
        account("synthetic_rampid", ids.RAMPID),
        account("synthetic_uid2", ids.UID2),
    ]
    slots = F.array_compact(F.array(*(F.when(known, _bigint(number)) for number, known in filled)))
    frame = frame.select("individual_id", "opt_out", "household_id", "ordinal", slots.alias("slots"))
    frame = with_phone_number(engine, with_state(engine, frame))
    device = device_id(F.col("household_id"), F.col("ordinal"))
    frame = frame.select("individual_id", "opt_out", "phone", device.alias("_device"), F.explode("slots").alias("slot"))
    on_phone = F.when(slot < ids.MAID, F.col("_device"))
    frame = _lasting(engine, frame.withColumn("device_id", on_phone))
    guessed = (slot == ids.MOBILE_IP) | (slot >= ids.RAMPID)
    match = F.when(guessed, PROBABILISTIC).otherwise(DETERMINISTIC)
    return _family(frame, _account(engine), slot, match)


def _account(engine: Engine) -> Column:
    """What is in a slot of `_accounts`; the ids of identity partners have their shape and are marked synthetic."""
    slot, phone, person = F.col("slot"), F.col("phone"), F.col("individual_id")

    def number(decision: str, letter: str) -> Column:
        return F.concat(F.lit(letter), F.lpad(permuted(engine.draws, decision, person, 36).cast("string"), 11, "0"))

    secret = F.concat_ws(
        ":", F.lit("partner"), engine.draws.bits("partner id", person).cast("string"), person.cast("string")
    )
    digest = F.sha2(secret, 256)
    return (
        F.when(slot == ids.PHONE, phone)
        .when(slot == ids.HASHED_PHONE, F.base64(F.unhex(F.sha2(phone, 256))))
        .when(slot == ids.MOBILE_IP, _mobile_address(engine))
        .when(slot == ids.CUSTOMER_ID, number("customer number", "C"))
        .when(slot == ids.LOYALTY_ID, number("loyalty number", "L"))
        .when(slot == ids.RAMPID, F.concat(F.lit("SYN-XY"), F.substring(digest, 1, 43)))
        .otherwise(F.concat(F.lit("SYN-"), F.base64(F.unhex(digest))))
    )


def _mobile_address(engine: Engine) -> Column:
    """Of the range that carriers share, 100.64.0.0/10: many phones have one at a time."""
    pool = F.shiftright(engine.draws.bits("mobile address", F.col("individual_id")), 63 - 22)
    return dotted(pool + (64 << 16), 100)


@functools.cache
def confidences() -> Quantiles:
    """Confidence of a link: Beta(8, 2) for deterministic, Beta(4, 4) for probabilistic matches."""
    u = tuple(float(value) for value in grid(CONFIDENCE_BITS, tail=0))
    curves = np.array([ids.beta_quantile(8, 2, u), ids.beta_quantile(4, 4, u)])
    return quantiles("confidence", curves, CONFIDENCE_BITS, tail=0)


def _finished(engine: Engine, frame: DataFrame) -> DataFrame:
    """With kind, confidence, lifetime and consent."""
    bits = engine.draws.bits("confidence", F.col("mapping_id"))
    frame = engine.frames.quantile(frame, "confidence", confidences(), bits, F.col("match")).drop("match")
    frame = engine.frames.look_up(
        frame,
        kinds_by_slot(),
        F.col("kind"),
        identifier_type="type",
        hash_scheme="scheme",
        source="source",
        match_type="match_type",
    )
    last, start = ids.window_seconds(engine) - 1, engine.config.window_start
    opted_out = F.col("opt_out").isNotNull()
    seen = F.least(F.col("_end"), F.lit(last), F.coalesce(F.col("opt_out") - 1, F.lit(last)))
    return frame.select(
        "*",
        moment(start, F.col("_first")).alias("first_seen"),
        moment(start, seen).alias("last_seen"),
        ((F.col("_end") >= last) & ~opted_out).alias("is_active"),
        *((ids.consents(engine, purpose) & ~opted_out).alias(f"consent_{purpose}") for purpose in ids.CONSENT_SHARES),
        F.when(opted_out, moment(start, F.col("opt_out"))).alias("opted_out_at"),
    )
