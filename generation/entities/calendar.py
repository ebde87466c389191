"""When things happen: local habits by hour, weekday and season, turned into seconds of the history window in UTC."""

from __future__ import annotations

import datetime as dt
import functools
from zoneinfo import ZoneInfo

import numpy as np

from generation import reference
from generation.engine.lookup import Choice, Lookup, choice
from generation.spec.config import DAY_PARTS, EVERY_DAY_PART, Config

DEVICE_CURVES = ("smartphone", "ctv", "tablet", "computer")
"""The published hour-of-day curves of phones, TVs, tablets and computers, in the order of the classes."""

# Published day-of-week shares exist for three of them; tablets follow phones.
WEEKDAY_CURVES = ("smartphone", "ctv", "smartphone", "computer")

WARP_CELLS = 1024

DAYLIGHT_ZONE = "America/New_York"
"""Where clocks change, they do so on the same days everywhere in the country."""


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
    """How an even share of a UTC day becomes a second of it: `second` and `width` of 1,024 cells, by time zone (zone * 2), and
    with the next number for summer time.

    Rising throughout, so that what is in order before is in order after: exposures follow the mobile curve in local time,
    weighted by part of the day where delivery has such weights.
    """
    delivery = config.campaigns.delivery
    weights = delivery.day_parts if delivery.enabled else EVERY_DAY_PART
    return _daily_warp(config.output.as_of.year, tuple(weights[name] for name in DAY_PARTS))


@functools.lru_cache(maxsize=8)
def _daily_warp(year: int, weights: tuple[float, ...]) -> Lookup:
    curve = np.array(reference.activity()["hour_of_day_weekday"]["smartphone"])
    for (start, end), weight in zip(DAY_PARTS.values(), weights, strict=True):
        curve[start:end] = curve[start:end] * weight
    cells = [
        _cells(np.roll(curve, -_offset(zone, dt.date(year, month, 15))))
        for zone in time_zones()
        for month in (1, 7)  # winter, then summer
    ]
    starts, widths = (np.concatenate(parts) for parts in zip(*cells, strict=True))
    return Lookup("daily warp", {"second": starts, "width": widths})


def _offset(zone: str, date: dt.date) -> int:
    """Whole hours that a zone's clocks are before UTC (negative: behind) at noon."""
    offset = dt.datetime(date.year, date.month, date.day, 12, tzinfo=ZoneInfo(zone)).utcoffset() or dt.timedelta()
    return int(offset.total_seconds() // 3600)


def _cells(hours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First second and width of equally likely cells of a day whose hours are as active as told; none reaches into an hour
    without activity.
    """
    ends = np.concatenate([[0.0], np.cumsum(hours / hours.sum())])
    last = int(np.flatnonzero(hours)[-1])
    at = np.arange(WARP_CELLS + 1) / WARP_CELLS

    def second(at: np.ndarray, hour: np.ndarray) -> np.ndarray:
        hour = np.minimum(hour, last)
        inside = (at - ends[hour]) / (ends[hour + 1] - ends[hour])
        return np.floor(np.minimum((hour + inside) * 3600, 86_400.0))

    starts = second(at[:-1], np.searchsorted(ends, at[:-1], side="right") - 1)
    stops = second(at[1:], np.searchsorted(ends, at[1:], side="left") - 1)
    silent = np.append(np.flatnonzero(hours == 0) * 3600.0, 86_400.0)
    return starts, np.minimum(stops, silent[np.searchsorted(silent, starts)]) - starts


def summer_days(config: Config) -> list[tuple[int, int]]:
    """First and last day of each stretch of the window in which clocks are on summer time, where there is one."""
    start, days = config.window_start, range(config.engagement.history_days)
    dates = [start + dt.timedelta(days=day) for day in days]
    summer = [_offset(DAYLIGHT_ZONE, date) > _offset(DAYLIGHT_ZONE, dt.date(date.year, 1, 15)) for date in dates]
    stretches: list[tuple[int, int]] = []
    for day in days:
        if summer[day] and day and summer[day - 1]:
            stretches[-1] = (stretches[-1][0], day)
        elif summer[day]:
            stretches.append((day, day))
    return stretches
