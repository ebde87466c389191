"""Values of identifiers that more than one table writes: e-mail addresses, network addresses and device ids."""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation import reference
from generation.engine.columns import band
from generation.engine.context import Engine
from generation.engine.lookup import Choice, choice
from generation.engine.permute import permuted
from generation.entities import identifiers as ids

EMAIL_DOMAINS = ("gm.example", "yh.example", "ms.example", "ao.example", "ic.example", "isp.example", "work.example")
"""Reserved names (RFC 6761) that stand for the providers gmail, yahoo, microsoft, aol, icloud, access providers, others."""

NO_LETTERS = "'. -"
"""What names have beside letters (a test looks at all of them); a pattern would cost ten times as much."""

PROVIDER_BANDS = (18, 35, 55, 65)
"""Where the age bands of e-mail providers begin."""


def with_address(engine: Engine, frame: DataFrame, *carried: str) -> DataFrame:
    """Users with one row an e-mail address: `number` from 0, `email`, unique by a permuted code and the number."""
    person, draws = F.col("individual_id"), engine.draws
    minor = (F.col("age") < 18).cast("bigint")
    frame = engine.frames.choose(frame, "_emails", email_counts(engine), draws.bits("e-mail addresses", person), minor)
    frame = frame.filter(F.col("_emails") > 0)
    frame = frame.select(
        *carried,
        "first_name",
        "last_name",
        "age",
        F.explode(F.sequence(F.lit(0).cast("bigint"), F.col("_emails") - 1)).alias("number"),
    )
    frame = frame.filter(ids.covered(engine, "email", F.col("number"), person))
    frame = engine.frames.choose(
        frame,
        "_domain",
        email_domains(),
        draws.bits("e-mail domain", person, F.col("number")),
        band(F.col("age"), PROVIDER_BANDS),
    )
    code = F.lower(F.conv(permuted(draws, "e-mail code", person, 36).cast("string"), 10, 36))
    first, last = (F.translate(F.lower(name), NO_LETTERS, "") for name in ("first_name", "last_name"))
    name = F.when(F.col("number") % 2 == 0, F.concat(first, F.lit("."), last)).otherwise(
        F.concat(F.substring(first, 1, 1), last)
    )
    local = F.concat(name, F.lit("."), F.lpad(code, 7, "0"), F.col("number").cast("string"))
    return frame.select(*carried, "number", F.concat(local, F.lit("@"), F.col("_domain")).alias("email"))


def email_counts(engine: Engine) -> Choice:
    """Number of e-mail addresses of adults (0) and of minors from 13 on (1)."""
    adults = list(engine.config.demographics.identity.emails_per_adult)
    return choice("e-mail counts", np.array([adults, [0.15, 0.60, 0.20, 0.05, 0.0, 0.0]]))


@functools.cache
def email_domains() -> Choice:
    """Reserved domains that stand for providers, by age band."""
    shares = reference.activity()["email_provider_by_age"]["by_age"]
    return choice("e-mail domains", np.array(list(shares.values())), [list(EMAIL_DOMAINS)])


def device_uuid(engine: Engine, owner: Column, slot: Column | int, epoch: Column | int = 0) -> Column:
    """What a person or a TV (their key) has in a slot at an epoch: a UUID of version 8 (RFC 9562), which no device hands
    out, in lower case.
    """
    return spelled(*uuid_digits(engine, owner, slot, epoch))


def uuid_digits(engine: Engine, owner: Column, slot: Column | int, epoch: Column | int = 0) -> tuple[Column, Column]:
    """Both halves of a UUID as 16 digits each: a 1 and fifteen random ones, and the variant and fifteen random ones.

    Their highest bits are fixed, so that no number is shorter than others and none has to be filled up.
    """
    keys = (owner, *(F.lit(part) if isinstance(part, int) else part for part in (slot, epoch)))
    first, second = (engine.draws.bits(f"device identifier {half}", *keys) for half in ("a", "b"))
    leading = first.bitwiseAND(F.lit((1 << 60) - 1)).bitwiseOR(F.lit(1 << 60))
    variant = second.bitwiseAND(F.lit((1 << 62) - 1)).bitwiseOR(F.lit(-(1 << 63)))
    return F.hex(leading), F.hex(variant)


def spelled(high: Column, low: Column) -> Column:
    """The UUID of its digits, with what stands between them put in from the end: half as dear as cutting them up."""
    text = F.concat(F.right(high, F.lit(15)), low)
    for place, between in ((20, "-"), (16, "-"), (13, "-8"), (9, "-")):
        text = F.overlay(text, F.lit(between), F.lit(place), F.lit(0))
    return F.lower(text)


LEASES = 4
"""Addresses that a home has in turn: no two homes ever have one, so none is in two homes at a time."""


def with_home_address(engine: Engine, frame: DataFrame, epoch: Column) -> DataFrame:
    """With `home_address` of household_id at an epoch: of 10.0.0.0/8 while it lasts, for 4 million homes; of
    2001:db8::/32 beyond.
    """
    frame = frame.withColumn("_lease", F.col("household_id") * LEASES + F.pmod(epoch, F.lit(LEASES)))
    number = F.col("_lease")
    # A column first, because it is cut into three parts.
    four = permuted(engine.draws, "home address", number.bitwiseAND(F.lit((1 << 24) - 1)), 24)
    six = permuted(engine.draws, "home prefix", number.bitwiseAND(F.lit((1 << 32) - 1)), 32)
    prefix = F.overlay(F.lower(F.lpad(F.hex(six), 8, "0")), F.lit(":"), F.lit(5), F.lit(0))
    beyond = F.concat(F.lit("2001:0db8:"), prefix, F.lit(":0000:0000:0000:0001"))
    frame = frame.withColumn("_four", four)
    address = F.when(number < 1 << 24, dotted(F.col("_four"), 10)).otherwise(beyond)
    return frame.withColumn("home_address", address).drop("_lease", "_four")


def dotted(number: Column, first: int) -> Column:
    """The IPv4 address of a first part and a number of 24 bits."""
    parts = [F.shiftright(number, shift).bitwiseAND(F.lit(255)).cast("string") for shift in (16, 8, 0)]
    return F.concat_ws(".", F.lit(str(first)), *parts)
