"""Viewers: users with events, and on which screen they see them.

A viewer's events are numbered screen by screen: the phone's apps, its browser, the tablet, the computer, each TV. So what
belongs to a screen (its device, the identifier a publisher sees there, that one's life) is worked out once a screen.
"""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import band
from generation.engine.context import Engine
from generation.engine.draw import whole
from generation.engine.lookup import Lookup
from generation.entities import identifiers as ids
from generation.entities.activity import AGE_BANDS, DEVICE_WEIGHTS, event_counts
from generation.entities.calendar import time_zones
from generation.entities.content import mixed_taste, tastes
from generation.entities.devices import COMPUTER_SLOT, CTV_SLOT, TABLET_SLOT, device_id, own_computer, own_tablet
from generation.entities.users import has_device
from generation.spec.keys import EVENT

PHONE, TV, TABLET, COMPUTER = range(4)
"""Classes of devices, in the order of the tables of their hours."""

APPS, BROWSER, ON_TABLET, AT_COMPUTER, FIRST_TV = range(5)
"""Screens of a viewer in the order of their events; TVs are the last."""

IN_APP = 0.60
"""Share of a phone's events inside apps, which see the advertising id; the others happen in its browser."""

LEAST_LEANING, LEANING = 0.5, 1.0
"""A person's own use of a kind of device beside that of their age: from the first to the sum of both (design choice)."""


def viewers(engine: Engine, users: DataFrame) -> DataFrame:
    """Users with events: how many (`events`), and their `taste` (`mixed_tastes`)."""
    person, draws = F.col("individual_id"), engine.draws
    frame = users.filter(has_device()).withColumn("band", band(F.col("age"), AGE_BANDS))
    frame = engine.frames.quantile(
        frame, "events", event_counts(engine.config), draws.bits("events", person), F.col("band")
    )
    frame = frame.filter(F.col("events") > 0)
    frame = frame.withColumn("group", F.greatest(F.col("band") - 1, F.lit(0)) * 2 + F.col("female").cast("bigint"))
    for name in ("favourite", "runner_up"):
        frame = engine.frames.choose(frame, name, tastes(), draws.bits(name, person), F.col("group"))
    return frame.withColumn("taste", mixed_taste(F.col("group"), F.col("favourite"), F.col("runner_up")))


def screens(engine: Engine, frame: DataFrame) -> DataFrame:
    """One row a screen of viewers, with the columns of its viewer and

    - `first`, `end`: the number of its first event, and of the next screen's;
    - `device_id`, `hours`: its device, and the number of its local habits (class * time zones + zone);
    - `mapping`, `period`, `phase`: key and life of the identifier that is seen on it, null where none is known, and
      `until`: the second of the window from which on nobody may use it.
    """
    frame = _with_ends(engine, frame)
    numbers = F.sequence(F.lit(0).cast("bigint"), F.col("ctvs") + (FIRST_TV - 1))
    frame = _with_events(frame.select("*", F.explode(numbers).alias("screen")))
    tv, zones = F.col("screen") - FIRST_TV, len(time_zones())
    frame = frame.withColumns(
        {
            "device_id": device_id(
                F.col("household_id"),
                _of_screen(F.col("ordinal"), own_tablet() + TABLET_SLOT, own_computer() + COMPUTER_SLOT, tv + CTV_SLOT),
            ),
            "hours": _of_screen(*(F.lit(number) for number in (PHONE, TABLET, COMPUTER, TV))) * zones + F.col("zone"),
            "slot": F.when(F.col("screen") == APPS, ids.MAID).otherwise(
                _of_screen(
                    F.lit(ids.PHONE_COOKIE),
                    own_tablet() + ids.TABLET_COOKIE,
                    own_computer() + ids.COMPUTER_COOKIE,
                    tv + ids.CTV_ID,
                )
            ),
        }
    )
    return _with_identifier(engine, frame)


def is_on_tv(hours: Column) -> Column:
    """Whether habits (`hours` of a screen) are those of a TV."""
    zones = len(time_zones())
    return (hours >= TV * zones) & (hours < (TV + 1) * zones)


def _of_screen(phone: Column, tablet: Column, computer: Column, tv: Column) -> Column:
    """What belongs to a row's screen."""
    screen = F.col("screen")
    by_screen = (
        F.when(screen < ON_TABLET, phone).when(screen == ON_TABLET, tablet).when(screen == AT_COMPUTER, computer)
    )
    return by_screen.otherwise(tv).cast("bigint")


@functools.cache
def device_weights() -> Lookup:
    """Relative use of each class of devices by age band."""
    names = ("phone", "tv", "tablet", "computer")
    return Lookup("device weights", dict(zip(names, np.array(DEVICE_WEIGHTS).T, strict=True)))


def _with_ends(engine: Engine, frame: DataFrame) -> DataFrame:
    """With the number of events before the end of each screen that is no TV: `apps_end`, `browser_end` and so on.

    Events are dealt to screens in proportion, the same fraction of an event ahead or behind at each border: so that each
    has what it should have on average, and all of them have all.
    """
    frame = engine.frames.look_up(
        frame, device_weights(), F.col("band"), _phone="phone", _tv="tv", _tablet="tablet", _computer="computer"
    )
    there = {
        "phone": F.col("phone"),
        "tablet": F.col("tablets") > 0,
        "computer": F.col("computers") > 0,
        "tv": F.col("ctvs") > 0,
    }
    frame = frame.withColumns({f"_{name}": _leaning(engine, name, has) for name, has in there.items()})
    phone, tablet, computer, tv = (F.col(f"_{name}") for name in there)
    total = phone + tablet + computer + tv
    in_apps = F.when(ids.gives_advertising_id(engine), IN_APP).otherwise(0.0)
    shares = {
        "apps_end": phone * in_apps / total,
        "browser_end": phone / total,
        "tablet_end": (phone + tablet) / total,
        "computer_end": (phone + tablet + computer) / total,
    }
    ahead = engine.draws.uniform("event screens", F.col("individual_id"))
    ends = {
        name: F.least(whole(share * F.col("events") + ahead), F.col("events").cast("bigint"))
        for name, share in shares.items()
    }
    return frame.withColumns(ends).drop(*(f"_{name}" for name in there))


def _leaning(engine: Engine, name: str, has: Column) -> Column:
    """A person's own use of a class of devices that they have, else nothing."""
    own = engine.draws.uniform(f"leaning {name}", F.col("individual_id")) * LEANING + LEAST_LEANING
    return F.when(has, F.col(f"_{name}") * own).otherwise(0.0)


def _with_events(frame: DataFrame) -> DataFrame:
    """Screens with `first` and `end`; TVs share what the others leave."""
    screen, others = F.col("screen"), F.col("computer_end")
    ends = ("apps_end", "browser_end", "tablet_end", "computer_end")

    def by_tvs(count: Column) -> Column:
        shared = count * (F.col("events") - others) / F.greatest(F.col("ctvs"), F.lit(1))
        return others + whole(shared)

    first = F.when(screen == APPS, F.lit(0).cast("bigint"))
    end = F.when(screen == APPS, F.col(ends[0]))
    for number in range(BROWSER, FIRST_TV):
        first = first.when(screen == number, F.col(ends[number - 1]))
        end = end.when(screen == number, F.col(ends[number]))
    return frame.withColumns(
        {"first": first.otherwise(by_tvs(screen - FIRST_TV)), "end": end.otherwise(by_tvs(screen - (FIRST_TV - 1)))}
    ).drop(*ends)


def _with_identifier(engine: Engine, frame: DataFrame) -> DataFrame:
    """Screens with what identifies the viewer on them; apps have events only where they see the advertising id."""
    person, slot, on_tv = F.col("individual_id"), F.col("slot"), F.col("screen") >= FIRST_TV
    cookie = ids.covered(engine, "first_party_cookie", slot, person)
    known = (
        F.when(F.col("screen") == APPS, F.lit(True))
        .when(on_tv, ids.covered(engine, "ctv_id", 0, F.col("device_id")))
        .otherwise(cookie)
    )
    frame = ids.with_lifetimes(engine, frame, person, {"_": slot})
    usable = ids.consents(engine, "measurement")
    until = F.when(usable, F.coalesce(F.col("opt_out"), F.lit(ids.window_seconds(engine)).cast("bigint"))).otherwise(0)
    return frame.withColumns(
        {
            "mapping": F.when(known, ids.mapping_id(person, slot)),
            "period": F.when(on_tv, F.lit(ids.FOR_GOOD).cast("bigint")).otherwise(F.col("_period")),
            "phase": F.when(on_tv, F.lit(0).cast("bigint")).otherwise(F.col("_phase")),
            "until": until.cast("bigint"),
        }
    ).drop("_period", "_phase")


def events(frame: DataFrame, *carried: str) -> DataFrame:
    """One row an event (`event_id`) of screens, with what it takes from its screen."""
    first = F.col("individual_id") * EVENT
    numbers = F.when(F.col("end") > F.col("first"), F.sequence(first + F.col("first"), first + F.col("end") - 1))
    return frame.select(F.explode(numbers).alias("event_id"), *carried)
