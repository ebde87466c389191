"""How templates write numbers, sizes and times."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from flask import Flask


def number(value: float | int | None) -> str:
    """1234567 is 1,234,567; none is a dash."""
    return "–" if value is None else f"{value:,.0f}"


def size(value: float | None) -> str:
    """Bytes in the unit that leaves one to three digits before the point."""
    if value is None:
        return "–"
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:,.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} TB"


def duration(seconds: float | None) -> str:
    """Seconds as a person says them: 8 seconds, 3 min 20 s, 2 h 5 min."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} second{'' if whole == 1 else 's'}"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(seconds: float | None) -> str:
    """A time of the database's clock, in UTC, to the minute."""
    if seconds is None:
        return "–"
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def clock(seconds: float | None) -> str:
    """The time of day alone."""
    return "–" if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%H:%M:%S")


def percent(share: float | None) -> str:
    """0.0725 is 7.25%."""
    return "–" if share is None else f"{100 * share:.4g}%"


def csv_address(rows: Iterable[Iterable[Any]], head: Iterable[str]) -> str:
    """A small table as the address of a CSV file (RFC 4180): a link to it needs no request and no script."""
    text = io.StringIO()
    csv.writer(text).writerows([list(head), *rows])
    return f"data:text/csv;charset=utf-8,{quote(text.getvalue())}"


def register(app: Flask) -> None:
    """Makes them known to templates."""
    for function in (number, size, duration, moment, clock, percent, csv_address):
        app.jinja_env.filters[function.__name__] = function
