"""The fourteen coherence rules, and that what is derived from events can be derived from them again."""

from __future__ import annotations

import duckdb

from generation.spec.config import Config
from generation.verify.realism.measure import Measure, none

FAMILY = """
    SELECT c.age, c.relationship, r.age AS reference_age, p.age AS partner_age,
           LEAST(CASE WHEN r.gender = 'female' THEN r.age END, CASE WHEN p.gender = 'female' THEN p.age END) AS mother_age
    FROM person AS c
    JOIN person AS r ON r.household_id = c.household_id AND r.relationship = 'reference_person'
    LEFT JOIN person AS p ON p.household_id = c.household_id AND p.relationship IN ('spouse', 'unmarried_partner')
    WHERE c.relationship = 'child'"""

RULES: dict[str, tuple[str, str, float]] = {
    "a spouse or partner under 18": ("person WHERE relationship IN ('spouse', 'unmarried_partner')", "age < 18", 0),
    "a parent less than 15 years older than a child, or a mother over 49 at the birth": (
        f"({FAMILY})", "LEAST(reference_age, partner_age) - age < 15 OR COALESCE(mother_age - age > 49, FALSE)", 0),
    "a household of another size than its members": (
        "(SELECT h.household_id, h.size, COUNT(i.individual_id) AS k FROM households AS h LEFT JOIN individuals AS i "
        "USING (household_id) GROUP BY ALL)", "size <> k", 0),
    "a household without exactly one adult householder": (
        "(SELECT household_id, COUNT(*) FILTER (relationship = 'reference_person' AND age >= 18) AS k FROM person GROUP BY 1)",
        "k <> 1", 0),
    "a lone parent with a spouse or partner": ("home WHERE household_type LIKE 'lone%'", "spouses + partners > 0", 0),
    "a married minor": ("person", "marital_status = 'married' AND age < 18", 0),
    "a graduate under 22": ("person", "education = 'graduate' AND age < 22", 0),
    "a bachelor under 20": ("person", "education = 'bachelor' AND age < 20", 0),
    "somebody employed under 16": ("person", "earns AND age < 16", 0),
    "somebody retired under 45": ("person", "employment = 'retired' AND age < 45", 0.001),
    "a household younger than its first event": (
        "households JOIN (SELECT household_id, MIN(e.timestamp) AS first_at FROM content_engagements AS e JOIN individuals "
        "USING (individual_id) GROUP BY 1) USING (household_id)", "created_at > first_at", 0),
    "an event, exposure or response of nobody": (
        "(SELECT individual_id FROM content_engagements UNION ALL SELECT individual_id FROM campaign_exposures UNION ALL "
        "SELECT individual_id FROM response_events) AS x LEFT JOIN individuals AS i USING (individual_id)",
        "i.household_id IS NULL", 0),
    "a conversion whose weights do not add up to 1": (
        "(SELECT r.response_id, SUM(o.attribution_weight) AS weight FROM response_events AS r LEFT JOIN outcome_metrics AS o "
        "USING (response_id) WHERE r.response_type = 'conversion' GROUP BY 1)",
        "weight IS NULL OR ABS(weight - 1) > 1e-9", 0),
}  # fmt: skip
"""What must not be, among which rows, when it is so, and for what share it may be. The fourteenth rule, that children
share the surname of parents who share one, is among the names."""

DERIVED = {
    "viewership frequency, recency or order that the events do not give": """
        WITH e AS (
            SELECT individual_id, category, COUNT(*) AS k, SUM(duration)::BIGINT AS s, MAX(timestamp::TIMESTAMP) AS last
            FROM content_engagements JOIN content_catalog USING (content_id) GROUP BY 1, 2),
        habits AS (
            SELECT individual_id, SUM(k) AS k, MAX(last)::DATE AS day, LIST(category ORDER BY s DESC, category) AS order_
            FROM e GROUP BY 1)
        SELECT COALESCE(SUM((h.individual_id IS NULL OR v.individual_id IS NULL OR h.k * 30 / {days} <> v.frequency
               OR DATE_DIFF('day', h.day, DATE '{as_of}') <> v.recency OR h.order_ <> v.preferred_categories)::INT), 0), COUNT(*)
        FROM habits AS h FULL JOIN viewership_patterns AS v USING (individual_id)""",
}  # fmt: skip


def measures(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    """Violations of every rule."""
    found = []
    for says, (over, condition, share) in RULES.items():
        wrong, n = connection.execute(f"SELECT COALESCE(SUM(({condition})::INT), 0), COUNT(*) FROM {over}").fetchall()[
            0
        ]
        found.append(none("coherence", says, int(wrong), n, "coherence rules", share))
    values = {"days": f"{config.engagement.history_days}.0", "as_of": config.output.as_of}
    for says, sql in DERIVED.items():
        wrong, n = connection.execute(sql.format(**values)).fetchall()[0]
        found.append(none("coherence", says, int(wrong), n, "content_engagements"))
    return found
