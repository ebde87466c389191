"""How a finished dataset compares with the published world: effect sizes, their limits, and a page of them.

Knows the dataset's files and the published figures in `targets.json`, and nothing of how rows are made.
"""

from generation.verify.realism.page import outcome, page
from generation.verify.realism.survey import survey

__all__ = ["outcome", "page", "survey"]
