"""Which identifiers stand for a person: slots, lifetimes, coverage, consent and opt-out, all functions of keys.

A mapping's key is `individual_id * MAPPING + slot * 64 + epoch`, so whoever sees an identifier at a moment (an event, an
exposure) computes the mapping's key from the person, the slot and the moment.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.engine.lifetime import Lifetime
from generation.entities.devices import own_computer, own_tablet
from generation.spec.keys import IDENTIFIER_SLOT, MAPPING

EMAIL, HASHED_EMAIL, HASHED_EMAIL_BASE64 = 0, 8, 16
PHONE, HASHED_PHONE, MAID = 24, 25, 28
PHONE_COOKIE, COMPUTER_COOKIE, TABLET_COOKIE = 32, 36, 40
CTV_ID = 48
HOME_IP, MOBILE_IP = 64, 65
CUSTOMER_ID, LOYALTY_ID, RAMPID, UID2 = 68, 69, 72, 73

DAY = 86_400


def mapping_id(person: Column, slot: Column | int, epoch: Column | int = 0) -> Column:
    """The key of a mapping."""
    slot = F.lit(slot) if isinstance(slot, int) else slot
    epoch = F.lit(epoch) if isinstance(epoch, int) else epoch
    return person * MAPPING + slot.cast("bigint") * IDENTIFIER_SLOT + epoch.cast("bigint")


def covered(engine: Engine, identifier_type: str, slot: Column | int, *owner: Column) -> Column:
    """Whether an identifier that could exist is known: by person for their own, by device or household for shared ones."""
    slot = F.lit(slot) if isinstance(slot, int) else slot
    share = engine.config.demographics.identity.coverage[identifier_type]
    return engine.draws.chance(f"coverage {identifier_type}", share, *owner, slot)


KEEPERS, RESETTERS = 0.74, 0.93
"""Where browsers pass from those that keep their cookies for months to those that reset them about monthly, and to those
that do so every few days: with them, 69%, 24% and 7% reset never, up to four times and more often in a month (comScore 2007).
"""

KEPT, RESET, ERASED = (4.0, 16.0), (1 / 3, 2 / 3), (0.047, 0.069)
"""Periods of the three kinds in units of the configured lifetime: from, to."""

ADVERTISING_ID_DAYS = (
    (0.0, 20), (0.02, 35), (0.05, 77), (0.10, 141), (0.20, 260), (0.35, 445), (0.50, 653), (0.65, 913), (0.80, 1_287),
    (0.90, 1_714), (0.97, 2_398), (1.0, 4_100),
)  # fmt: skip
"""Life of an advertising id, as places in the distribution and days: replacement of the phone (Weibull with shape 1.3 and
scale 34 months) and resets (8% a year) together.
"""

LEASE_DAYS = 60.0
"""Mean lease of a home's address; homes differ from 0.4 to 1.6 of it (design choice)."""


def with_lifetimes(engine: Engine, frame: DataFrame, person: Column, slots: Mapping[str, Column | int]) -> DataFrame:
    """With period and phase of the advertising ids or browsers' first-party cookies in slots: a pace that is the phone's or
    browser's own, in columns whose names begin as the slots are called here.

    Columns step by step: engines write an expression into a plan as often as it is used.
    """
    draws, begins = engine.draws, list(slots)
    places = {name: F.lit(slot) if isinstance(slot, int) else slot for name, slot in slots.items()}
    drawn = {f"{name}drawn": draws.uniform("identifier period", person, place) for name, place in places.items()}
    frame = frame.withColumns(drawn)
    days = {name: _days(engine, slots[name], F.col(f"{name}drawn")) for name in begins}
    frame = frame.withColumns({f"{name}period": _period(engine, days[name]) for name in begins})
    phases = {f"{name}phase": _phase(engine, F.col(f"{name}period"), person, places[name]) for name in begins}
    return frame.withColumns(phases).drop(*drawn)


def _days(engine: Engine, slot: Column | int, u: Column) -> Column:
    if isinstance(slot, int):
        return _advertising_id_days(u) if slot == MAID else _cookie_days(engine, u)
    return F.when(slot == MAID, _advertising_id_days(u)).otherwise(_cookie_days(engine, u))


def lease(engine: Engine, household: Column) -> Lifetime:
    """Of a home's network address."""
    u = engine.draws.uniform("lease period", household)
    period = _period(engine, (u * 1.2 + 0.4) * LEASE_DAYS)
    return Lifetime(period, _phase(engine, period, household, F.lit(HOME_IP)))


def _period(engine: Engine, days: Column) -> Column:
    """So many days in seconds; a window has at most 60 epochs."""
    shortest = window_seconds(engine) / 60
    return whole(F.greatest(days * DAY, F.lit(shortest)))


def _phase(engine: Engine, period: Column, owner: Column, slot: Column) -> Column:
    """Where in its period an identifier is when the window starts."""
    return whole(engine.draws.uniform("identifier phase", owner, slot) * period)


def _cookie_days(engine: Engine, u: Column) -> Column:
    typical = engine.config.demographics.identity.cookie_lifetime_days

    def between(start: float, end: float, span: tuple[float, float]) -> Column:
        low, high = span
        return ((u - start) * ((high - low) / (end - start)) + low) * typical

    return (
        F.when(u < KEEPERS, between(0.0, KEEPERS, KEPT))
        .when(u < RESETTERS, between(KEEPERS, RESETTERS, RESET))
        .otherwise(between(RESETTERS, 1.0, ERASED))
    )


def _advertising_id_days(u: Column) -> Column:
    """The days at a place in the distribution, straight between the known ones."""
    days = F.lit(float(ADVERTISING_ID_DAYS[-1][1]))
    for (start, low), (end, high) in reversed(list(itertools.pairwise(ADVERTISING_ID_DAYS))):
        days = F.when(u < end, (u - start) * ((high - low) / (end - start)) + float(low)).otherwise(days)
    return days


def window_seconds(engine: Engine) -> int:
    """Length of the history window."""
    return engine.config.engagement.history_days * DAY


def opt_out_second(engine: Engine) -> Column:
    """When a person (individual_id) opts out, in seconds after the window's start; null if never."""
    person, draws = F.col("individual_id"), engine.draws
    moment = draws.integer("opt-out moment", window_seconds(engine), person)
    share = engine.config.demographics.identity.opt_out_share
    return F.when(draws.chance("opts out", share, person), moment)


CONSENT_SHARES = {"advertising": 0.82, "measurement": 0.92, "personalization": 0.78}
"""Share of people who consent to each purpose and never opt out (design choice)."""


def consents(engine: Engine, purpose: str) -> Column:
    """Whether a person (individual_id) consents to a purpose until they opt out."""
    return engine.draws.chance(f"consent {purpose}", CONSENT_SHARES[purpose], F.col("individual_id"))


@functools.cache
def beta_quantile(successes: int, failures: int, u: tuple[float, ...]) -> tuple[float, ...]:
    """Values of a Beta distribution with whole parameters at probabilities u, to 4 decimals."""
    n = successes + failures - 1
    low, high = np.zeros(len(u)), np.ones(len(u))
    wanted = np.array(u)
    for _ in range(40):
        x = (low + high) / 2
        below = _beta_cdf(x, successes, n) < wanted
        low, high = np.where(below, x, low), np.where(below, high, x)
    return tuple(float(value) for value in np.floor((low + high) / 2 * 10_000 + 0.5) / 10_000)


def _beta_cdf(x: np.ndarray, successes: int, n: int) -> np.ndarray:
    """Probability of at least `successes` in n trials with success probability x."""
    total, coefficient = np.zeros_like(x), 1.0
    for k in range(n + 1):
        if k:
            coefficient = coefficient * (n - k + 1) / k
        term = np.full_like(x, coefficient)
        for factor in (*[x] * k, *[1 - x] * (n - k)):
            term = term * factor
        if k >= successes:
            total = total + term
    return total


def gives_advertising_id(engine: Engine) -> Column:
    """Whether the phone of a user (individual_id, phone, ios) gives its advertising id."""
    person = F.col("individual_id")
    apple, android = covered(engine, "idfa", MAID, person), covered(engine, "gaid", MAID, person)
    return F.col("phone") & F.when(F.col("ios"), apple).otherwise(android)


LIVES = ("maid", "phone", "computer", "tablet")
"""Identifiers of a user that change: the advertising id, and the cookies of the browsers on each kind of device."""


def with_lives(engine: Engine, users: DataFrame, usable: Column) -> DataFrame:
    """Users with period and phase of every identifier that changes, null where it is not known, and from which second on
    nobody may use any: at once unless `usable`. For `with_seen_mapping`.

    A user has few of them and many events: so they are worked out before the events are.
    """
    person = F.col("individual_id")
    computer, tablet = (
        slot.cast("bigint") for slot in (own_computer() + COMPUTER_COOKIE, own_tablet() + TABLET_COOKIE)
    )
    slots: dict[str, Column | int] = {
        "_maid_": MAID, "_phone_": PHONE_COOKIE, "_computer_": F.col("_computer"), "_tablet_": F.col("_tablet"),
    }  # fmt: skip
    users = with_lifetimes(engine, users.withColumns({"_computer": computer, "_tablet": tablet}), person, slots)
    cookies = {"phone": F.lit(PHONE_COOKIE), "computer": F.col("_computer"), "tablet": F.col("_tablet")}
    known = {name: covered(engine, "first_party_cookie", slot.cast("bigint"), person) for name, slot in cookies.items()}
    known["maid"] = gives_advertising_id(engine)
    periods = {f"_{name}_period": F.when(is_known, F.col(f"_{name}_period")) for name, is_known in known.items()}
    until = F.when(usable, F.coalesce(F.col("opt_out"), F.lit(window_seconds(engine)).cast("bigint"))).otherwise(0)
    return users.withColumns(periods | {UNTIL: until.cast("bigint")}).drop("_computer", "_tablet")


UNTIL = "_until"


def lives() -> list[str]:
    """The columns that `with_lives` adds."""
    return [*(f"_{name}_{part}" for name in LIVES for part in ("period", "phase")), UNTIL]


def _life(slot: Column, part: str, on_tv: Column) -> Column:
    """Period or phase of what is in a slot, of a user with lives; TVs keep theirs."""
    return (
        F.when(slot == MAID, F.col(f"_maid_{part}"))
        .when(slot == PHONE_COOKIE, F.col(f"_phone_{part}"))
        .when(slot < TABLET_COOKIE, F.col(f"_computer_{part}"))
        .when(slot < CTV_ID, F.col(f"_tablet_{part}"))
        .otherwise(on_tv)
    )


FOR_GOOD = 1 << 40
"""A period in seconds that no window reaches the end of."""


def with_seen_mapping(engine: Engine, frame: DataFrame, slot: Column, second: str, device: Column) -> DataFrame:
    """With `mapping_id`: the mapping that whoever serves a user with lives (individual_id) at a `second` of the window sees in
    a slot. Null when the identifier is not known, or may not be used then.

    Slot, period and phase are columns first: engines work out a condition's parts anew wherever they are used.
    """
    known_tv = F.when(covered(engine, "ctv_id", 0, device), F.lit(FOR_GOOD).cast("bigint"))
    frame = frame.withColumn("_seen", slot.cast("bigint"))
    seen = F.col("_seen")
    frame = frame.withColumns(
        {"_period": _life(seen, "period", known_tv), "_phase": _life(seen, "phase", F.lit(0).cast("bigint"))}
    )
    epoch = Lifetime(F.col("_period"), F.col("_phase")).epoch_at(F.col(second))
    mapping = F.when(F.col(second) < F.col(UNTIL), mapping_id(F.col("individual_id"), seen, epoch))
    return frame.withColumn("mapping_id", mapping).drop("_seen", "_period", "_phase")
