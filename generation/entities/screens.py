"""Screens: the channel and device on which an exposure is seen, and the device on which an order is placed."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.engine.lookup import Lookup
from generation.entities import identifiers as ids
from generation.entities.campaigns import channel_plan, dealt_channels
from generation.entities.devices import COMPUTER_SLOT, CTV_SLOT, TABLET_SLOT, own_computer, own_tablet
from generation.spec.catalog.campaigns import CHANNELS

ON_PHONE, ON_PHONE_OR_COMPUTER = 0.65, 0.88
"""Shares of a person's own screens: who has all three is 65% on the phone, 23% at the computer, 12% on the tablet."""

IN_APP = 0.6
"""Share of exposures on phones that an app shows, to its advertising id, and not the browser."""


@dataclass(frozen=True)
class Screen:
    """The slot of a device in its household, and of the identifier that is targeted there."""

    device: Column
    identifier: Column


def with_channel(engine: Engine, frame: DataFrame) -> DataFrame:
    """Exposures (exposure_id, frequency, and the person's side of the campaign) with one of the campaign's channels that a
    device of the person carries; connected TV stands last in the list. Delivered to the specification it is dealt by the
    channels' shares, below their caps.
    """
    if engine.config.campaigns.delivery.enabled:
        return dealt_channels(engine, frame)
    first = F.when(F.col("on_personal"), 0).otherwise(F.col("personal_channels"))
    count = F.when(F.col("on_tv"), F.col("all_channels")).otherwise(F.col("personal_channels")) - first
    at = first + engine.draws.integer("exposure channel", count, F.col("exposure_id"))
    row = (F.col("campaign_id") - 1) * len(CHANNELS) + at
    return engine.frames.look_up(frame, channels_of(channel_plan(engine.config)), row, channel="channel")


@functools.lru_cache(maxsize=8)
def channels_of(plan: tuple[tuple[str, ...], ...]) -> Lookup:
    """The channels of campaigns in their order, connected TV last: (campaign_id - 1) * channels there are + place."""
    rows = [[*channels, *channels[:1] * (len(CHANNELS) - len(channels))] for channels in plan]
    return Lookup("channels of campaigns", {"channel": [channel for row in rows for channel in row]})


def exposure_screen(engine: Engine) -> Screen:
    """Where an exposure (exposure_id, channel) is seen by a user."""
    exposure, draws = F.col("exposure_id"), engine.draws
    tv, on_tv = draws.integer("exposure tv", F.col("ctvs"), exposure), F.col("channel") == "ctv"
    to_phone, to_computer = _own_screen(draws.uniform("exposure device", exposure))
    in_app = F.col("_maid_period").isNotNull() & draws.chance("exposure in app", IN_APP, exposure)
    device = F.when(on_tv, tv + CTV_SLOT).otherwise(_slot(to_phone, to_computer))
    seen = (
        F.when(on_tv, tv + ids.CTV_ID)
        .when(to_phone, F.when(in_app, ids.MAID).otherwise(ids.PHONE_COOKIE))
        .when(to_computer, own_computer() + ids.COMPUTER_COOKIE)
        .otherwise(own_tablet() + ids.TABLET_COOKIE)
    )
    return Screen(device, seen.cast("bigint"))


def order_device(engine: Engine) -> Column:
    """The slot of the own device on which a user orders from a campaign; null for who has none and orders in a shop."""
    keys = (F.col("individual_id"), F.col("campaign_id"))
    slot = _slot(*_own_screen(engine.draws.uniform("order device", *keys)))
    return F.when(F.col("phone") | (F.col("tablets") + F.col("computers") > 0), slot)


def touched_device(engine: Engine) -> Column:
    """The slot of the own device on which an exposure (exposure_id, channel) was seen; null for one on a TV, which takes no
    orders.
    """
    to_phone, to_computer = _own_screen(engine.draws.uniform("exposure device", F.col("exposure_id")))
    return F.when(F.col("channel") != "ctv", _slot(to_phone, to_computer))


def _own_screen(u: Column) -> tuple[Column, Column]:
    """Whether a draw falls on the phone, and if not, whether on the computer; of what the user has."""
    to_phone = F.col("phone") & ((u < ON_PHONE) | (F.col("tablets") + F.col("computers") == 0))
    return to_phone, (F.col("computers") > 0) & ((u < ON_PHONE_OR_COMPUTER) | (F.col("tablets") == 0))


def _slot(to_phone: Column, to_computer: Column) -> Column:
    return (
        F.when(to_phone, F.col("ordinal"))
        .when(to_computer, own_computer() + COMPUTER_SLOT)
        .otherwise(own_tablet() + TABLET_SLOT)
    )
