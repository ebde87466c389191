"""What an error means to whoever called: bad input, no verdict, a known failure, one that another attempt would meet again."""

from __future__ import annotations

from generation.engine.session import EngineLost, EngineUnavailable
from generation.outcome import RunFailed
from generation.spec.problems import InvalidConfig
from generation.verify.verdict import Unverifiable

BAD_INPUT = (EngineUnavailable,)
UNJUDGED = (Unverifiable,)
EXPECTED = (EngineLost, EngineUnavailable, RunFailed, Unverifiable)
"""Errors whose message is already a full sentence with its remedy."""
LASTING = (InvalidConfig, EngineUnavailable, RunFailed, Unverifiable)
"""Errors that another attempt at the same run would meet again."""
