"""Finished tables, read from their files at one Delta version: by pages, as whole files, and counted."""

from webapp.reading.database import TooSlow, connected
from webapp.reading.paging import NoSuchValue, Order, Wanted, page, value_of
from webapp.reading.snapshot import Gone, Snapshot

__all__ = ["Gone", "NoSuchValue", "Order", "Snapshot", "TooSlow", "Wanted", "connected", "page", "value_of"]
