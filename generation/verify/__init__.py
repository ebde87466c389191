"""The independent judge: checks finished Delta tables against the catalogue and the rules in `rules/`, by SQL.

It knows `generation.spec` and nothing of how the rows were made.
"""

from generation.verify.bench import Room
from generation.verify.judge import Progress, verify
from generation.verify.verdict import Finding, Unverifiable, Verdict

__all__ = ["Finding", "Progress", "Room", "Unverifiable", "Verdict", "verify"]
