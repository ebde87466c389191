"""Key arithmetic: every child key is `parent * STRIDE + ordinal`, so a foreign key is recomputed, never joined.

The strides are hard bounds: a household has at most 16 people, a person at most 65,535 events, and so on. They leave
room for `MAX_HOUSEHOLDS` households without leaving a signed 64-bit integer (checked when this module is imported).
"""

from __future__ import annotations

MAX_HOUSEHOLDS = 1_000_000_000

PERSON = 16
"""People per household: 0 and 1 the couple or head, 2-6 children, 7-9 further adults."""

DEVICE = 64
"""Devices per household: see `generation.entities.devices` for the slots."""

IDENTIFIER_SLOT = 64
"""Epochs per identifier slot."""

MAPPING = 128 * IDENTIFIER_SLOT
"""Identifier slots times epochs, per person."""

GRAPH_EVENT = 4 * MAPPING
"""Events of the identity graph per person: beginnings and ends of identifiers, merges and creations of profiles."""

EVENT = 65_536
"""Engagement events per person."""

CAMPAIGN = 512
"""Campaigns per dataset; an assignment is `individual_id * CAMPAIGN + campaign_id`."""

EXPOSURE = 256
"""Exposures per person and campaign."""

CONVERSION = 4
"""Conversions per person and campaign."""

RESPONSE = 8
"""Responses per exposure: one of each type."""

OUTCOME = 256
"""Credited touches per response."""

MODEL = 8
"""Attribution models per unit."""

CREDIT = PERSON * 2 * MODEL
"""Credits per exposure: by the person of the household who converts, the unit and the model."""

BIGINT_MAX = 2**63 - 1


def largest_keys() -> dict[str, int]:
    """The largest key each table can hold at `MAX_HOUSEHOLDS` households."""
    individual = (MAX_HOUSEHOLDS + 1) * PERSON
    assignment = individual * CAMPAIGN
    response = assignment * EXPOSURE * RESPONSE
    return {
        "devices": (MAX_HOUSEHOLDS + 1) * DEVICE,
        "identity_mappings": individual * MAPPING,
        "graph_events": individual * GRAPH_EVENT,
        "content_engagements": individual * EVENT,
        "conversions": assignment * CONVERSION,
        "response_events": response,
        "attribution_credits": assignment * EXPOSURE * CREDIT,
        "outcome_metrics": response * OUTCOME,
    }


_overflowing = {table: key for table, key in largest_keys().items() if key > BIGINT_MAX}
if _overflowing:
    raise AssertionError(f"keys leave 64 bits: {_overflowing}")
