"""When things happen: local habits by hour, weekday and season, turned into seconds of the history window in UTC."""

from __future__ import annotations

import datetime as dt
import functools
from zoneinfo import ZoneInfo

import numpy as np

from generation import reference
from generation.engine.lookup import Choice, Lookup, choice
from generation.spec.config import Config

DEVICE_CURVES = ("smartphone", "ctv", "tablet", "computer")
"""The published hour-of-day curves of phones, TVs, tablets and computers, in the order of the classes."""

# Published day-of-week shares exist for three of them; tablets follow phones.
WEEKDAY_CURVES = ("smartphone", "ctv", "smartphone", "computer")

WARP_CELLS = 1024


@functools.cache
def time_zones() -> tuple[str, ...]:
    """The time zones that occur, in the order of their numbers."""
    return tuple(sorted(set(reference.places()["time_zone"])))


def engagement_hours(config: Config) -> Choice:
    """The UTC hour of the window an event falls into, by device class and time zone (class * zones + zone)."""
    return _engagement_hours(config.window_start, config.engagement.history_days)


@functools.cache
def _engagement_hours(start: dt.date, days: int) -> Choice:
    weights = np.stack([_hour_weights(start, days, c) for c in range(len(DEVICE_CURVES))])
    hours = [utc_hours(start, days, zone) for zone in time_zones()]
    conditions = [(weights[c], hours[z]) for c in range(len(DEVICE_CURVES)) for z in range(len(hours))]
    return choice("engagement hours", np.stack([w for w, _ in conditions]), [list(h) for _, h in conditions])


def _hour_weights(start: dt.date, days: int, device_class: int) -> np.ndarray:
    """Relative activity in each local hour of the window."""
    activity = reference.activity()
    weekday = np.array(activity["hour_of_day_weekday"][DEVICE_CURVES[device_class]])
    evenly = np.array([1 / 16 if 8 <= hour <= 23 else 0.0 for hour in range(24)])
    # Weekends run an hour later and are flatter (realistic shape; no published hourly table).
    weekend = 0.85 * np.roll(weekday, 1) + 0.15 * evenly
    by_day = activity["day_of_week"][WEEKDAY_CURVES[device_class]]
    by_month = activity["month_index"]["media_time_index"]
    rows = []
    for day in range(days):
        date = start + dt.timedelta(days=day)
        level = by_day[date.weekday()] * by_month[date.month - 1]
        curve = weekend if date.weekday() >= 5 else weekday
        rows.append(level * curve / curve.sum())
    return np.concatenate(rows)


def utc_hours(start: dt.date, days: int, zone: str) -> list[int]:
    """The UTC hour of the window for each local hour of it; hours beyond either end wrap to the other."""
    midnight, total = dt.datetime(start.year, start.month, start.day), 24 * days
    tz, utc = ZoneInfo(zone), dt.timezone.utc
    begin = midnight.replace(tzinfo=utc)
    hours = []
    for hour in range(total):
        local = (midnight + dt.timedelta(hours=hour)).replace(tzinfo=tz)
        hours.append(int((local.astimezone(utc) - begin).total_seconds() // 3600) % total)
    return hours


def daily_warp(config: Config) -> Lookup:
    """How an even share of a UTC day becomes a second of it, by time zone: `second` and `width` of 1,024 cells a zone.

    Rising throughout, so that what is in order before is in order after: exposures follow the mobile curve in local time.
    """
    return _daily_warp(config.output.as_of)


@functools.cache
def _daily_warp(as_of: dt.date) -> Lookup:
    curve = np.array(reference.activity()["hour_of_day_weekday"]["smartphone"])
    seconds: list[np.ndarray] = []
    for zone in time_zones():
        moment = dt.datetime(as_of.year, as_of.month, as_of.day, 12, tzinfo=ZoneInfo(zone))
        offset = moment.utcoffset() or dt.timedelta()
        shifted = np.roll(curve, -int(offset.total_seconds() // 3600))
        ends = np.concatenate([[0.0], np.cumsum(shifted / shifted.sum())])
        at = np.arange(WARP_CELLS + 1) / WARP_CELLS
        hour = np.minimum(np.searchsorted(ends, at, side="right") - 1, 23)
        inside = (at - ends[hour]) / (ends[hour + 1] - ends[hour])
        seconds.append(np.floor(np.minimum((hour + inside) * 3600, 86_400.0)))
    starts = np.concatenate([s[:-1] for s in seconds])
    widths = np.concatenate([np.diff(s) for s in seconds])
    return Lookup("daily warp", {"second": starts, "width": widths})
