"""The pages of jobs; importing them hangs their views on the blueprint."""

from __future__ import annotations

from webapp.jobs import actions, compare, exports, history, one
from webapp.jobs.blueprint import blueprint

__all__ = ["actions", "blueprint", "compare", "exports", "history", "one"]
