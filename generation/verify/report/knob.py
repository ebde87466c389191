"""How a setting is compared with the rows: a target, what was found, and the largest difference that is still within.

A tolerance is what the setting promises (`slack`) plus five standard errors of the sample, so that a small dataset is not
blamed for chance: of 150 settings, five standard errors are passed by chance in one dataset of 10,000.
"""

from __future__ import annotations

import math

from generation.spec.certificate import Knob, KnobOutcome

ERRORS = 5.0


def share(setting: str, says: str, target: float, found: tuple[float, int], slack: float = 0.0) -> Knob:
    """A share of n; `found` is how many have it, and n. The last term is for shares that few of n have."""
    hits, n = found
    if not n:
        return shown(setting, says, None, 0, target, "%")
    tolerance = slack + ERRORS * math.sqrt(target * (1 - target) / n) + ERRORS / n
    return judged(setting, says, (target, hits / n), tolerance, n, "%")


def mean(
    setting: str, says: str, target: float, found: tuple[float, float, int], slack: float = 0.0, unit: str = ""
) -> Knob:
    """A mean of n; `found` is the mean, the standard deviation and n."""
    average, deviation, n = found
    if n < 2:
        return shown(setting, says, None, n, target, unit)
    return judged(setting, says, (target, average), slack + ERRORS * deviation / math.sqrt(n), n, unit)


def judged(setting: str, says: str, pair: tuple[float, float], tolerance: float, n: int, unit: str = "") -> Knob:
    """Target and actual, and whether they differ by more than the tolerance."""
    target, actual = pair
    outcome: KnobOutcome = "within" if abs(actual - target) <= tolerance else "outside"
    return Knob(setting=setting, says=says, unit=unit, target=target, actual=actual, tolerance=tolerance, n=n,
                outcome=outcome)  # fmt: skip


def exact(setting: str, says: str, target: float | str, actual: float | str, n: int, unit: str = "") -> Knob:
    """What has to be equal."""
    outcome: KnobOutcome = "within" if target == actual else "outside"
    return Knob(setting=setting, says=says, unit=unit, target=target, actual=actual, tolerance=0.0, n=n,
                outcome=outcome)  # fmt: skip


def bounded(setting: str, says: str, bound: float, found: tuple[float, bool], n: int, unit: str = "") -> Knob:
    """A bound; `found` is the extreme value and whether all keep to the bound. Nothing found keeps to it."""
    actual, keeps = found
    outcome: KnobOutcome = "within" if keeps else "outside"
    return Knob(setting=setting, says=says, unit=unit, target=bound, actual=actual if n else None, tolerance=0.0, n=n,
                outcome=outcome if n else "shown")  # fmt: skip


def shown(
    setting: str, says: str, actual: float | str | None, n: int, target: float | str | None = None, unit: str = ""
) -> Knob:
    """A figure without verdict: nothing is promised, or there are too few rows."""
    return Knob(setting=setting, says=says, unit=unit, target=target, actual=actual, tolerance=None, n=n,
                outcome="shown")  # fmt: skip
