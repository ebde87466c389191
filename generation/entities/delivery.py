"""Delivery to a specification: how many exposures a person has room for, and in which order channels deliver them.

Both are decided before anybody is exposed. What a person has room for follows from the channels that reach them and their
caps, and the frequency is drawn below it; the channels of the exposures are a deal, a sequence whose every beginning keeps
the caps. So a cap never takes an exposure away: another channel has it, and reach and mean frequency stay as asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine
from generation.engine.draw import driver_uniform
from generation.engine.exact import Floats
from generation.engine.lookup import Lookup
from generation.spec.catalog.campaigns import CHANNELS
from generation.spec.config import Config
from generation.spec.keys import PERSON

VIDEO_CHANNELS = ("online_video", "ctv")
CREATIVES = 4

REACHES = ("personal", "tv", "both")
"""Whether a person is reached on personal devices, on connected TVs or on both."""

FEWEST_VARIANTS, MOST_VARIANTS, ROWS = 8, 128, 400_000
"""Sequences a deal; fewer when many campaigns make the lookup long."""

Room = tuple[tuple[int, int], ...]
"""Number and cap of every channel that reaches somebody."""


@dataclass(frozen=True)
class Deals:
    """The rooms of a plan's campaigns, each once; `capacities` are the exposures they have room for, each once."""

    rooms: tuple[Room, ...]
    capacities: tuple[int, ...]
    variants: int


def room_of(config: Config, channels: Sequence[str], reach: str, size: int) -> Room:
    """What a person of a household of `size` has room for: its cap on connected TV is divided among its members."""
    settings, found = config.campaigns.delivery, []
    for number, channel in enumerate(CHANNELS):
        on_tv = channel == "ctv"
        if channel in channels and reach in ("both", "tv" if on_tv else "personal"):
            cap = min(settings.channel_cap, settings.household_ctv_cap // size) if on_tv else settings.channel_cap
            found.append((number, min(cap, config.campaigns.frequency_cap)))
    return tuple(found)


def capacity(config: Config, room: Room) -> int:
    """The most exposures of a person with this room."""
    return min(config.campaigns.frequency_cap, sum(cap for _, cap in room))


def deals(config: Config, plan: Sequence[Sequence[str]]) -> Deals:
    """The deals of campaigns with these channels."""
    sets = sorted({tuple(channels) for channels in plan})
    rooms = {
        room_of(config, channels, reach, size)
        for channels in sets
        for reach in REACHES
        for size in range(1, PERSON + 1)
    }
    found = tuple(sorted(rooms))
    capacities = tuple(sorted({capacity(config, room) for room in found}))
    variants = MOST_VARIANTS
    while variants > FEWEST_VARIANTS and len(found) * config.campaigns.frequency_cap * variants > ROWS:
        variants //= 2
    return Deals(found, capacities, variants)


def places(config: Config, plan: Sequence[Sequence[str]]) -> Lookup:
    """By campaign (its place in the plan), reach and household size: the number of the `deal` and of the `capacity`."""
    made = deals(config, plan)
    at = {room: number for number, room in enumerate(made.rooms)}
    rooms = [
        room_of(config, channels, reach, size)
        for channels in plan
        for reach in REACHES
        for size in range(1, PERSON + 1)
    ]
    return Lookup(
        "places of delivery",
        {
            "deal": np.array([at[room] for room in rooms], dtype=np.int64),
            "capacity": np.array([made.capacities.index(capacity(config, room)) for room in rooms], dtype=np.int64),
        },
    )


def place(campaign: Column, size: Column) -> Column:
    """The row of `places` for a person (on_personal, on_tv) and a campaign, numbered from 1."""
    reach = F.when(F.col("on_personal") & F.col("on_tv"), 2).when(F.col("on_tv"), 1).otherwise(0)
    return ((campaign - 1) * len(REACHES) + reach) * PERSON + size - 1


def sequences(config: Config, plan: Sequence[Sequence[str]]) -> Lookup:
    """By deal, variant and number of the exposure: its channel. Of the variants, each channel's share has the next exposure."""
    made, cap = deals(config, plan), config.campaigns.frequency_cap
    spread = np.array([_spread(config, exposure, made.variants) for exposure in range(cap)]).T
    channels: list[str] = []
    for room in made.rooms:
        channels += [CHANNELS[number] for number in _sequences(config, room, spread).ravel().tolist()]
    return Lookup("sequences of channels", {"channel": channels})


def _spread(config: Config, exposure: int, variants: int) -> list[float]:
    """A uniform for each variant, evenly spread over 0 to 1 in random order."""
    order = sorted(
        range(variants), key=lambda variant: driver_uniform(config.plan_seed, "deal order", exposure, variant)
    )
    placed = {variant: rank for rank, variant in enumerate(order)}
    return [(placed[variant] + 0.5) / variants for variant in range(variants)]


def _sequences(config: Config, room: Room, uniforms: Floats) -> NDArray[np.int64]:
    """By variant and exposure: the number of its channel, drawn by their shares among those that have room left."""
    shares = [config.campaigns.delivery.channel_shares[CHANNELS[number]] for number, _ in room]
    left = np.tile([cap for _, cap in room], (len(uniforms), 1))
    # Nobody has more exposures than room; the lookup has rows of equal length.
    dealt = np.full(uniforms.shape, room[-1][0] if room else 0)
    for exposure in range(uniforms.shape[1] if room else 0):
        weights = np.where(left > 0, shares, 0.0)
        chosen = _drawn(weights, uniforms[:, exposure])
        rows = np.flatnonzero(weights.any(axis=1))
        left[rows, chosen[rows]] -= 1
        dealt[rows, exposure] = np.array([number for number, _ in room])[chosen[rows]]
    return dealt


def _drawn(weights: Floats, u: Floats) -> NDArray[np.int64]:
    """The place of each row's uniform on the line of its weights, or the last one that has any."""
    total = np.zeros(len(u))
    for weight in weights.T:
        total = total + weight
    target, chosen = u * total, np.full(len(u), -1)
    for place, weight in enumerate(weights.T):
        target = target - weight
        chosen = np.where((chosen < 0) & (target < 0), place, chosen)
    last = weights.shape[1] - 1 - np.argmax(weights[:, ::-1] > 0, axis=1)
    return np.where(chosen < 0, last, chosen)


def dealt(engine: Engine, exposures: DataFrame, plan: Sequence[Sequence[str]]) -> DataFrame:
    """Exposures (frequency, deal) with their `channel`."""
    config = engine.config
    made, keys = deals(config, plan), (F.col("individual_id"), F.col("campaign_id"))
    variant = engine.draws.integer("deal", made.variants, *keys)
    row = (F.col("deal") * made.variants + variant) * config.campaigns.frequency_cap + F.col("frequency") - 1
    return engine.frames.look_up(exposures, sequences(config, plan), row, channel="channel")
