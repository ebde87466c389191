"""The catalogue: every table of a dataset, in the order they are generated (parents before children)."""

from pydantic import BaseModel

from generation.spec.catalog.attribution_credits import ATTRIBUTION_CREDITS
from generation.spec.catalog.audience_attributes import AUDIENCE_ATTRIBUTES
from generation.spec.catalog.bot_impressions import BOT_IMPRESSIONS
from generation.spec.catalog.campaign_assignments import CAMPAIGN_ASSIGNMENTS
from generation.spec.catalog.campaign_effects import CAMPAIGN_EFFECTS
from generation.spec.catalog.campaign_exposures import CAMPAIGN_EXPOSURES
from generation.spec.catalog.campaign_lift import CAMPAIGN_LIFT
from generation.spec.catalog.campaigns import CAMPAIGNS
from generation.spec.catalog.canonical_ids import CANONICAL_IDS
from generation.spec.catalog.cell_corruptions import CELL_CORRUPTIONS
from generation.spec.catalog.content_catalog import CONTENT_CATALOG
from generation.spec.catalog.content_engagements import CONTENT_ENGAGEMENTS
from generation.spec.catalog.conversions import CONVERSIONS
from generation.spec.catalog.devices import DEVICES
from generation.spec.catalog.graph_events import GRAPH_EVENTS
from generation.spec.catalog.hard_cases import HARD_CASES
from generation.spec.catalog.households import HOUSEHOLDS
from generation.spec.catalog.identity_edges import IDENTITY_EDGES
from generation.spec.catalog.identity_edges_truth import IDENTITY_EDGES_TRUTH
from generation.spec.catalog.identity_mappings import IDENTITY_MAPPINGS
from generation.spec.catalog.individuals import INDIVIDUALS
from generation.spec.catalog.outcome_metrics import OUTCOME_METRICS
from generation.spec.catalog.person_links import PERSON_LINKS
from generation.spec.catalog.response_events import RESPONSE_EVENTS
from generation.spec.catalog.source_records import SOURCE_RECORDS
from generation.spec.catalog.viewership_patterns import VIEWERSHIP_PATTERNS
from generation.spec.table import Table

TABLES: tuple[Table, ...] = (
    CONTENT_CATALOG,
    CAMPAIGNS,
    HOUSEHOLDS,
    INDIVIDUALS,
    DEVICES,
    IDENTITY_MAPPINGS,
    CONTENT_ENGAGEMENTS,
    VIEWERSHIP_PATTERNS,
    AUDIENCE_ATTRIBUTES,
    CAMPAIGN_ASSIGNMENTS,
    CAMPAIGN_EXPOSURES,
    CONVERSIONS,
    RESPONSE_EVENTS,
    OUTCOME_METRICS,
)

SWITCHED: tuple[Table, ...] = (
    BOT_IMPRESSIONS,
    CAMPAIGN_EFFECTS,
    ATTRIBUTION_CREDITS,
    CAMPAIGN_LIFT,
    SOURCE_RECORDS,
    PERSON_LINKS,
    CELL_CORRUPTIONS,
    HARD_CASES,
    CANONICAL_IDS,
    GRAPH_EVENTS,
    IDENTITY_EDGES,
    IDENTITY_EDGES_TRUTH,
)
"""Tables that a section switches on."""

EVERY: tuple[Table, ...] = (*TABLES, *SWITCHED)

TABLE_BY_NAME: dict[str, Table] = {table.name: table for table in EVERY}


def tables_of(config: BaseModel) -> tuple[Table, ...]:
    """The tables that a configuration's datasets have."""
    return tuple(table for table in EVERY if not table.section or _is_on(config, table.section))


def _is_on(config: BaseModel, section: str) -> bool:
    part: object = config
    for name in section.split("."):
        part = getattr(part, name)
    return bool(getattr(part, "enabled", False))


def location(table: Table) -> str:
    """Where a table lies below a dataset's root: `<name>`, or `truth/<name>` for the answer key."""
    return f"truth/{table.name}" if table.home == "truth" else table.name
