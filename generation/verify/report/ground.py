"""What the report is computed from: relations over the finished tables, made once by SQL that any reader can run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from generation.spec.catalog.identity_mappings import IDENTIFIER_TYPES
from generation.spec.config import Config
from generation.verify.bench import run


@dataclass(frozen=True)
class Ground:
    """A connection with views named as the tables, the relations below, and the dataset's configuration."""

    connection: duckdb.DuckDBPyConnection
    config: Config
    tables: frozenset[str]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return run(self.connection, sql, "the report")

    def one(self, sql: str) -> tuple[Any, ...]:
        """The row of a query that has one; null is 0."""
        return tuple(0 if value is None else value for value in self.rows(sql)[0])


def kind_of(identifier_type: str) -> int:
    """The number by which `mark` knows a type of identifiers."""
    return IDENTIFIER_TYPES.index(identifier_type) + 1


_TYPES = ", ".join(f"'{kind}'" for kind in IDENTIFIER_TYPES)
_COUNTERS = ", ".join(f"COUNT_IF(kind = {kind_of(kind)})::INTEGER AS {kind}" for kind in IDENTIFIER_TYPES)
_COUNTED = ", ".join(f"COALESCE(k.{kind}, 0) AS {kind}" for kind in IDENTIFIER_TYPES)

RELATIONS = {
    "home_devices": """
        SELECT household_id, COUNT(*) FILTER (device_type = 'ctv') AS ctvs,
               COUNT(*) FILTER (device_type = 'tablet') AS tablets,
               COUNT(*) FILTER (device_type = 'computer') AS computers
        FROM devices GROUP BY household_id""",
    "smartphone": """
        SELECT individual_id, BOOL_OR(os = 'ios') AS ios FROM devices
        WHERE device_type = 'smartphone' AND individual_id IS NOT NULL GROUP BY individual_id""",
    "activity": "SELECT individual_id, COUNT(*) AS events FROM content_engagements GROUP BY individual_id",
    "mark": f"""
        SELECT LIST_POSITION([{_TYPES}], identifier_type)::UTINYINT AS kind, HASH(identifier_value) AS mark, individual_id,
               opted_out_at IS NOT NULL AS opted_out
        FROM identity_mappings""",
    "known": f"""
        SELECT individual_id, COUNT(*) AS identifiers, BOOL_OR(opted_out) AS opted_out, {_COUNTERS}
        FROM mark GROUP BY individual_id""",
    "browser": """
        SELECT individual_id, device_id, LIST_SORT(LIST(first_seen)) AS cookies FROM identity_mappings
        WHERE identifier_type = 'first_party_cookie' GROUP BY individual_id, device_id""",
    "title": "SELECT content_id, COUNT(*) AS events FROM content_engagements GROUP BY content_id",
    "home": """
        SELECT h.household_id, h.size, h.household_type, h.household_income, h.income_bracket,
               h.location.city AS city, h.location.state AS state, h.location.time_zone AS time_zone, r.age AS head_age,
               COALESCE(d.ctvs, 0) AS ctvs, COALESCE(d.tablets, 0) AS tablets, COALESCE(d.computers, 0) AS computers
        FROM households AS h
        LEFT JOIN individuals AS r ON r.household_id = h.household_id AND r.relationship = 'reference_person'
        LEFT JOIN home_devices AS d ON d.household_id = h.household_id""",
    "person": f"""
        SELECT i.individual_id, i.household_id, i.age, i.gender, h.time_zone, h.ctvs, h.tablets, h.computers,
               p.individual_id IS NOT NULL AS has_phone, COALESCE(p.ios, FALSE) AS ios,
               i.age >= 13 AND (p.individual_id IS NOT NULL OR h.ctvs + h.tablets + h.computers > 0) AS uses,
               COALESCE(a.events, 0) AS events, COALESCE(k.identifiers, 0) AS identifiers,
               COALESCE(k.opted_out, FALSE) AS opted_out, {_COUNTED}
        FROM individuals AS i
        JOIN home AS h ON h.household_id = i.household_id
        LEFT JOIN smartphone AS p ON p.individual_id = i.individual_id
        LEFT JOIN activity AS a ON a.individual_id = i.individual_id
        LEFT JOIN known AS k ON k.individual_id = i.individual_id""",
    "hourly": """
        SELECT DATE_TRUNC('hour', e.timestamp) AS utc_hour, p.time_zone, COUNT(*) AS events
        FROM content_engagements AS e LEFT JOIN person AS p ON p.individual_id = e.individual_id GROUP BY 1, 2""",
    "touched": """
        SELECT individual_id, campaign_id, COUNT(*) AS exposures FROM campaign_exposures GROUP BY individual_id, campaign_id""",
    "pair": """
        SELECT a.individual_id, a.campaign_id, a.arm, COALESCE(t.exposures, 0) AS exposures,
               COALESCE(c.conversions, 0) AS conversions, k.opted_out IS TRUE AS opted_out
        FROM campaign_assignments AS a
        LEFT JOIN touched AS t ON t.individual_id = a.individual_id AND t.campaign_id = a.campaign_id
        LEFT JOIN (SELECT individual_id, campaign_id, COUNT(*) AS conversions FROM conversions
                   GROUP BY individual_id, campaign_id) AS c
               ON c.individual_id = a.individual_id AND c.campaign_id = a.campaign_id
        LEFT JOIN known AS k ON k.individual_id = a.individual_id""",
}
"""`person` and `home` have a row each; `pair` has a row an assigned person and campaign, with what they saw and did.

`mark` has a row a mapping, its value as a hash of 64 bits; `browser` a row a person and device, with the starts of its cookies;
`hourly` and `title` count the events. So the large tables are read once or twice, not once a figure.
"""


def lay(ground: Ground) -> None:
    """Make the relations, each from those before it."""
    for name, sql in RELATIONS.items():
        run(ground.connection, f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}", f"relation {name}")
