"""How many rows the graph's history and edges have, from a configuration alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generation.spec.config import Config

PARTNERS_PER_HOUSEHOLD = 0.59
JOINED_LATER = 0.155
"""Share of people who joined their household after it had moved in."""
WITHDRAWN = 0.8
"""Share of what a person has at the end that ends when they opt out."""
DAYS_UNTIL_MERGED = 16
"""At the end of the window, so many days' provisional profiles are not merged yet."""
INFERRED = ("tvs", "addresses", "partners")


@dataclass(frozen=True)
class Known:
    """Expected identity mappings by kind, people, and how many of them use devices."""

    mappings: Mapping[str, float]
    people: float
    users: float

    @property
    def rows(self) -> float:
        """All mappings."""
        return sum(self.mappings.values())

    @property
    def by_login(self) -> float:
        """Mappings that do not rest on inference."""
        return sum(count for name, count in self.mappings.items() if name not in INFERRED)


def cookie_epochs(config: Config) -> float:
    """Expected cookies of one browser in the window."""
    cycles = config.engagement.history_days / config.demographics.identity.cookie_lifetime_days
    # Of the three kinds of browsers (entities.identifiers): their share times the mean of one over the period.
    return 1 + cycles * (0.0856 + 0.3951) + 0.07 * min(17.5 * cycles, 60)


def graph_rows(config: Config, known: Known) -> dict[str, float]:
    """Rows of the four tables."""
    graph, households = config.demographics.graph, config.households.count
    epochs, days = cookie_epochs(config), config.engagement.history_days
    begun = known.mappings["cookies"] * (1 - 1 / epochs) * graph.new_profile_share
    profiles = known.users + begun
    mistaken = households * PARTNERS_PER_HOUSEHOLD * graph.wrong_merge_share
    lasting = known.rows - known.mappings["cookies"] * (1 - 1 / epochs)
    withdrawn = lasting * config.demographics.identity.opt_out_share * WITHDRAWN
    events = known.rows + withdrawn + known.people * (1 + JOINED_LATER)
    events += profiles + begun * max(0.0, 1 - DAYS_UNTIL_MERGED / days) + mistaken * (2 - min(1.0, 15 / days))
    edges = known.rows + known.by_login * graph.inferred_share
    return {
        "canonical_ids": profiles,
        "graph_events": events,
        "identity_edges": edges,
        "identity_edges_truth": edges,
    }
