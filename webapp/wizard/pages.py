"""The wizard's pages: every module named here hangs its addresses on the blueprint."""

from __future__ import annotations

from webapp.wizard import answering, beginning, exports, home, review, while_typing
from webapp.wizard.blueprint import blueprint

__all__ = ["answering", "beginning", "blueprint", "exports", "home", "review", "while_typing"]
