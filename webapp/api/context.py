"""What a view works with, and how it writes what the store knows."""

from __future__ import annotations

import datetime as dt
from typing import overload

from flask import current_app

from webapp.services import Services


def services() -> Services:
    """The services of this app."""
    found: Services = current_app.extensions["idgraph"]
    return found


@overload
def moment(seconds: float) -> dt.datetime: ...
@overload
def moment(seconds: float | None) -> dt.datetime | None: ...
def moment(seconds: float | None) -> dt.datetime | None:
    """A time of the database's clock, in UTC."""
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)
