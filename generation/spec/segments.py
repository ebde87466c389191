"""Audience segments: fixed rules with fixed thresholds, so that a person's segments never depend on other people.

The order is the priority: `audience_attributes.segment` is the first that applies. `rule` is the definition in plain SQL
terms; `{threshold}` names a setting of `engagement.audiences`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Segment:
    """A named audience. `basis` says whether it rests on who people are or on what they did."""

    name: str
    basis: Literal["behavior", "demographic", "fallback"]
    rule: str


SEGMENTS: tuple[Segment, ...] = (
    Segment("heavy_viewers", "behavior", "viewership frequency >= {heavy_frequency}"),
    Segment("sports_fans", "behavior", "events >= {minimum_events} and affinity for sports >= {affinity}"),
    Segment("news_followers", "behavior", "events >= {minimum_events} and affinity for news >= {affinity}"),
    Segment("gamers", "behavior", "events >= {minimum_events} and affinity for gaming >= {affinity}"),
    Segment("lapsed_viewers", "behavior", "recency >= {lapsed_days}"),
    Segment("parents", "demographic", "age 18 or over, in a household with a child or grandchild under 18"),
    Segment("students", "demographic", "employment is student"),
    Segment("affluent_households", "demographic", "age 25 or over and household income of 150,000 or more"),
    Segment("young_adults", "demographic", "age 18 to 34"),
    Segment("retirees", "demographic", "employment is retired"),
    Segment("general_audience", "fallback", "everybody"),
)

DEMOGRAPHIC_SEGMENTS: tuple[str, ...] = tuple(s.name for s in SEGMENTS if s.basis == "demographic")
