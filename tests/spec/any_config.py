"""Configurations drawn from everything the schema allows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from generation.spec.catalog.campaigns import CHANNELS
from generation.spec.catalog.households import HOUSEHOLD_TYPES
from generation.spec.catalog.identity_mappings import IDENTIFIER_TYPES
from generation.spec.config import Config
from generation.spec.problems import validated
from generation.spec.values import US_STATES

SHARE = st.floats(0, 1) | st.sampled_from([1e-05, 1e-300, 0.1 + 0.2, 1 / 3, 0, 1])
NAME = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True) | st.sampled_from(["1e5", "on", "0x1f", "2026-01-01"])
PATH = st.none() | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs")), min_size=1)


@st.composite
def adding_up(draw: st.DrawFn, names: tuple[str, ...]) -> dict[str, float]:
    """Shares of all names in any order, that add up to 1."""
    weights = draw(st.lists(st.integers(0, 10**6), min_size=len(names), max_size=len(names)))
    total = sum(weights) or 1
    shares = [weight / total if sum(weights) else 1 / len(names) for weight in weights]
    return dict(zip(draw(st.permutations(names)), shares, strict=True))


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    """Plain values of a configuration without contradictions."""
    days, takes, lift = draw(st.integers(7, 730)), draw(SHARE), draw(st.floats(0, 20))
    cap, text = draw(st.integers(3, 255)), st.lists
    return {
        "households": {
            "count": draw(st.integers(1, 10**9)),
            "people_per_household": draw(st.none() | st.floats(1.2, 4.5)),
            "type_shares": draw(adding_up(HOUSEHOLD_TYPES)),
            "states": draw(text(st.sampled_from(US_STATES), unique=True)),
        },
        "demographics": {
            "wife_takes_surname": takes,
            "wife_hyphenates": draw(st.floats(0, 1 - takes)),
            "identity": {
                "coverage": draw(st.dictionaries(st.sampled_from(IDENTIFIER_TYPES), SHARE)),
                "emails_per_adult": list(draw(adding_up(tuple("012345"))).values()),
                "ios_share": draw(SHARE),
                "cookie_lifetime_days": draw(st.floats(7, 3650)),
            },
        },
        "engagement": {
            "history_days": days,
            "events_per_person_month": draw(st.floats(0, min(300, 13_000 / days))),
            "audiences": {"heavy_frequency": draw(st.floats(0, 5000, exclude_min=True))},
        },
        "campaigns": {
            "plan_seed": draw(st.none() | st.integers(0, 2**53 - 1)),
            "flight_days": draw(st.integers(1, min(days, 365))),
            "frequency_cap": cap,
            "mean_frequency": draw(st.floats(1, min(100, 0.449 * cap))),
            "channels": draw(text(st.sampled_from(CHANNELS), unique=True, min_size=1)),
            "click_rates": draw(st.dictionaries(st.sampled_from(CHANNELS), SHARE)),
            "measurement": {"lift": lift, "conversion_rate": draw(st.floats(0, 0.499 / (1 + lift)))},
            "attribution": {"model": draw(st.sampled_from(["first_touch", "linear", "time_decay"]))},
        },
        "output": {
            "seed": draw(st.integers(0, 2**53 - 1)),
            "as_of": draw(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1))).isoformat(),
            "name": draw(NAME),
            "path": draw(PATH),
            "engine": draw(st.sampled_from(["embedded", "local[*]", "sc://host:15002"])),
        },
    }


CONFIGS: st.SearchStrategy[Config] = values().map(validated)
