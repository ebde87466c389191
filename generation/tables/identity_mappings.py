"""Identity mappings: every identifier of every user, by the families of identifiers that are made alike."""

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
from generation.entities.identifier_values import device_uuid, dotted, home_address, with_address
from generation.entities.places import with_phone_number, with_state
from generation.entities.users import users
from generation.spec.catalog.identity_mappings import IDENTITY_MAPPINGS

CONFIDENCE_BITS = 8
OLDEST_ACCOUNT_DAYS = 2_500
"""Accounts and addresses are up to this old at the window's start (design choice)."""

DETERMINISTIC, PROBABILISTIC = 0, 1


def identity_mappings(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row an identifier, person and epoch of the given households and people."""
    frame = users(engine, people, households)
    kinds = (_emails, _phones, _devices, _addresses, _accounts)
    families = engine.shared_each({kind.__name__: functools.partial(kind, engine, frame) for kind in kinds})
    union = functools.reduce(DataFrame.unionByName, families)
    return conform(_finished(engine, union), IDENTITY_MAPPINGS)


CARRIED = ("individual_id", "opt_out")
"""Columns of users that finishing needs."""


def _mapping(frame: DataFrame, kind: str, value: Column, **columns: Column) -> DataFrame:
    """A family's rows in the common shape. `columns` may give device, scheme, source, match, slot, epoch, period, phase."""
    default = {
        "device_id": F.lit(None).cast("bigint"),
        "hash_scheme": F.lit(None).cast("string"),
        "epoch": F.lit(0).cast("bigint"),
        "period": F.lit(None).cast("bigint"),
        "phase": F.lit(None).cast("bigint"),
    }
    chosen = default | columns
    return frame.select(
        *CARRIED,
        F.lit(kind).alias("identifier_type"),
        value.alias("identifier_value"),
        *(
            chosen[name].alias(name)
            for name in ("slot", "device_id", "hash_scheme", "source", "match", "epoch", "period", "phase")
        ),
    )


def _slot(number: Column | int) -> Column:
    return (F.lit(number) if isinstance(number, int) else number).cast("bigint")


def _emails(engine: Engine, frame: DataFrame) -> DataFrame:
    """E-mail addresses and, for some, their hashes: SHA-256 of the trimmed lower-case address."""
    addresses = engine.shared("e-mail addresses", lambda: with_address(engine, frame, *CARRIED))
    hashed = addresses.filter(ids.covered(engine, "hashed_email", F.col("number"), F.col("individual_id")))
    base64 = addresses.filter(ids.covered(engine, "hashed_email_base64", F.col("number"), F.col("individual_id")))
    digest = F.sha2(F.col("email"), 256)
    source = F.when(F.col("number") == 0, "crm").otherwise("ecommerce")
    common = {"source": source, "match": F.lit(DETERMINISTIC)}
    parts = [
        _mapping(addresses, "email", F.col("email"), slot=_slot(F.col("number") + ids.EMAIL), **common),
        _mapping(
            hashed,
            "hashed_email",
            digest,
            slot=_slot(F.col("number") + ids.HASHED_EMAIL),
            hash_scheme=F.lit("sha256_hex"),
            **common,
        ),
        _mapping(
            base64,
            "hashed_email_base64",
            F.base64(F.unhex(digest)),
            slot=_slot(F.col("number") + ids.HASHED_EMAIL_BASE64),
            hash_scheme=F.lit("sha256_base64"),
            **common,
        ),
    ]
    return functools.reduce(DataFrame.unionByName, parts)


def _phones(engine: Engine, frame: DataFrame) -> DataFrame:
    """Phone numbers and their hashes: Base64 of SHA-256 of the E.164 form."""
    person = F.col("individual_id")
    known = (
        frame.filter(F.col("phone") & ids.covered(engine, "phone", 0, person))
        .withColumnRenamed("state", "state_code")
        .drop("phone")
    )
    known = with_phone_number(engine, with_state(engine, known))
    hashed = known.filter(ids.covered(engine, "hashed_phone", 0, person))
    common = {"source": F.lit("crm"), "match": F.lit(DETERMINISTIC)}
    device = device_id(F.col("household_id"), F.col("ordinal"))
    plain = _mapping(known, "phone", F.col("phone"), slot=_slot(ids.PHONE), device_id=device, **common)
    digest = F.base64(F.unhex(F.sha2(F.col("phone"), 256)))
    scheme = F.lit("sha256_base64")
    return plain.unionByName(
        _mapping(
            hashed, "hashed_phone", digest, slot=_slot(ids.HASHED_PHONE), device_id=device, hash_scheme=scheme, **common
        )
    )


def _devices(engine: Engine, frame: DataFrame) -> DataFrame:
    """Advertising ids of phones, first-party cookies of browsers, ids of connected TVs."""
    return functools.reduce(
        DataFrame.unionByName,
        [_maids(engine, frame), *(_cookies(engine, frame, *kind) for kind in _browsers()), _tv_ids(engine, frame)],
    )


def _with_epochs(engine: Engine, frame: DataFrame, life: Lifetime) -> DataFrame:
    """One row an epoch in the window, with `period`, `phase` and `epoch`."""
    frame = frame.withColumn("period", life.period).withColumn("phase", life.phase)
    epochs = Lifetime(F.col("period"), F.col("phase")).epochs(ids.window_seconds(engine))
    return frame.withColumn("epoch", F.explode(F.sequence(F.lit(0).cast("bigint"), epochs - 1)))


CHANGING = ("epoch", "period", "phase")


def _maids(engine: Engine, frame: DataFrame) -> DataFrame:
    """One row an advertising id: a new phone or a reset gives another."""
    person = F.col("individual_id")
    frame = _with_epochs(
        engine, frame.filter(ids.gives_advertising_id(engine)), ids.lifetime(engine, person, F.lit(ids.MAID))
    )
    value = device_uuid(engine, "maid", person, F.col("epoch"))
    common = {
        "slot": _slot(ids.MAID),
        "device_id": device_id(F.col("household_id"), F.col("ordinal")),
        "source": F.lit("mobile_sdk"),
        "match": F.lit(DETERMINISTIC),
        **{name: F.col(name) for name in CHANGING},
    }
    apple, android = frame.filter(F.col("ios")), frame.filter(~F.col("ios"))
    return _mapping(apple, "idfa", F.upper(value), **common).unionByName(_mapping(android, "gaid", value, **common))


def _browsers() -> tuple[tuple[Column, Column, Column], ...]:
    """Browsers: whether a user has one there, the cookie's slot, the device's slot."""
    computer, tablet = own_computer(), own_tablet()
    return (
        (F.col("phone"), F.lit(ids.PHONE_COOKIE), F.col("ordinal")),
        (F.col("computers") > 0, ids.COMPUTER_COOKIE + computer, computer + COMPUTER_SLOT),
        (F.col("tablets") > 0, ids.TABLET_COOKIE + tablet, tablet + TABLET_SLOT),
    )


def _cookies(engine: Engine, frame: DataFrame, has_one: Column, slot: Column, device: Column) -> DataFrame:
    """One row a cookie's epoch in the window."""
    person = F.col("individual_id")
    frame = frame.filter(has_one).withColumn("slot", slot.cast("bigint"))
    frame = frame.withColumn("device", device_id(F.col("household_id"), device))
    frame = frame.filter(ids.covered(engine, "first_party_cookie", F.col("slot"), person))
    frame = _with_epochs(engine, frame, ids.lifetime(engine, person, F.col("slot")))
    return _mapping(
        frame,
        "first_party_cookie",
        device_uuid(engine, "cookie", person, F.col("slot"), F.col("epoch")),
        slot=F.col("slot"),
        device_id=F.col("device"),
        source=F.lit("web_analytics"),
        match=F.lit(DETERMINISTIC),
        **{name: F.col(name) for name in CHANGING},
    )


def _tv_ids(engine: Engine, frame: DataFrame) -> DataFrame:
    """A TV's id stands for everybody in the household: the link to each person is a guess."""
    frame = frame.filter(F.col("ctvs") > 0)
    frame = frame.withColumn("number", F.explode(F.sequence(F.lit(0).cast("bigint"), F.col("ctvs") - 1)))
    frame = frame.withColumn("device", device_id(F.col("household_id"), F.col("number") + CTV_SLOT))
    frame = frame.filter(ids.covered(engine, "ctv_id", 0, F.col("device")))
    return _mapping(
        frame,
        "ctv_id",
        device_uuid(engine, "ctv id", F.col("device")),
        slot=F.col("number") + ids.CTV_ID,
        device_id=F.col("device"),
        source=F.lit("ctv_app"),
        match=F.lit(PROBABILISTIC),
    )


def _addresses(engine: Engine, frame: DataFrame) -> DataFrame:
    """IP addresses from private and shared ranges: one a home at a time, and a pool that many phones share."""
    person, household = F.col("individual_id"), F.col("household_id")
    common = {"source": F.lit("ip_match"), "match": F.lit(PROBABILISTIC)}
    homes = _with_epochs(
        engine, frame.filter(ids.covered(engine, "home_ip", 0, household)), ids.lease(engine, household)
    )
    phones = frame.filter(F.col("phone") & ids.covered(engine, "mobile_ip", 0, person))
    pool = F.shiftright(engine.draws.bits("mobile address", person), 63 - 22)
    mobile = dotted(pool + (64 << 16), 100)
    changing = {name: F.col(name) for name in CHANGING}
    return _mapping(
        homes, "home_ip", home_address(engine, F.col("epoch")), slot=_slot(ids.HOME_IP), **common, **changing
    ).unionByName(_mapping(phones, "mobile_ip", mobile, slot=_slot(ids.MOBILE_IP), **common))


def _accounts(engine: Engine, frame: DataFrame) -> DataFrame:
    """Customer and loyalty numbers and two ids shaped like those of identity partners, marked synthetic."""
    person, adults = F.col("individual_id"), frame.filter(F.col("age") >= 18)

    def number(decision: str, letter: str) -> Column:
        return F.concat(F.lit(letter), F.lpad(permuted(engine.draws, decision, person, 36).cast("string"), 11, "0"))

    secret = F.concat_ws(
        ":", F.lit("partner"), engine.draws.bits("partner id", person).cast("string"), person.cast("string")
    )
    digest = F.sha2(secret, 256)
    rows = (
        ("customer_id", ids.CUSTOMER_ID, number("customer number", "C"), "crm", DETERMINISTIC),
        ("loyalty_id", ids.LOYALTY_ID, number("loyalty number", "L"), "loyalty", DETERMINISTIC),
        (
            "synthetic_rampid",
            ids.RAMPID,
            F.concat(F.lit("SYN-XY"), F.substring(digest, 1, 43)),
            "identity_partner",
            PROBABILISTIC,
        ),
        (
            "synthetic_uid2",
            ids.UID2,
            F.concat(F.lit("SYN-"), F.base64(F.unhex(digest))),
            "identity_partner",
            PROBABILISTIC,
        ),
    )
    parts = [
        _mapping(
            adults.filter(ids.covered(engine, kind, slot, person)),
            kind,
            value,
            slot=_slot(slot),
            source=F.lit(source),
            match=F.lit(match),
        )
        for kind, slot, value, source, match in rows
    ]
    return functools.reduce(DataFrame.unionByName, parts)


@functools.cache
def confidences() -> Quantiles:
    """Confidence of a link: Beta(8, 2) for deterministic, Beta(4, 4) for probabilistic matches."""
    u = tuple(float(value) for value in grid(CONFIDENCE_BITS))
    return quantiles("confidence", np.array([ids.beta_quantile(8, 2, u), ids.beta_quantile(4, 4, u)]), CONFIDENCE_BITS)


def _finished(engine: Engine, frame: DataFrame) -> DataFrame:
    """Keys, confidence, lifetime, consent. Identifiers whose life would begin after the opt-out never come to be."""
    frame = frame.withColumn("mapping_id", ids.mapping_id(F.col("individual_id"), F.col("slot"), F.col("epoch")))
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
        F.when(F.col("match") == DETERMINISTIC, "deterministic").otherwise("probabilistic").alias("match_type"),
        moment(start, F.col("_first")).alias("first_seen"),
        moment(start, seen).alias("last_seen"),
        ((F.col("_end") >= last) & ~opted_out).alias("is_active"),
        *((ids.consents(engine, purpose) & ~opted_out).alias(f"consent_{purpose}") for purpose in ids.CONSENT_SHARES),
        F.when(opted_out, moment(start, F.col("opt_out"))).alias("opted_out_at"),
    )
