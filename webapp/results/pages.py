"""The pages of results; importing them hangs their views on the blueprint."""

from __future__ import annotations

from webapp.results import dictionary, downloads, overview, rows
from webapp.results.blueprint import blueprint

__all__ = ["blueprint", "dictionary", "downloads", "overview", "rows"]
