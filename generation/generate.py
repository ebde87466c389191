"""The recipe: how the tables of a dataset follow from each other. Lazy throughout: nothing is read, written or counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from generation.engine.context import Engine, Span
from generation.entities.edges import edges
from generation.noise.records import records
from generation.spec.catalog import tables_of
from generation.tables.attribution_credits import attribution_credits
from generation.tables.audience_attributes import audience_attributes
from generation.tables.bot_impressions import bot_impressions
from generation.tables.campaign_assignments import campaign_assignments
from generation.tables.campaign_effects import campaign_effects
from generation.tables.campaign_exposures import campaign_exposures
from generation.tables.campaign_lift import campaign_lift
from generation.tables.campaigns import campaigns
from generation.tables.canonical_ids import canonical_ids
from generation.tables.cell_corruptions import cell_corruptions
from generation.tables.content_catalog import content_catalog
from generation.tables.content_engagements import content_engagements
from generation.tables.conversions import conversions
from generation.tables.devices import devices
from generation.tables.graph_events import graph_events
from generation.tables.hard_cases import hard_cases
from generation.tables.households import households
from generation.tables.identity_edges import identity_edges, identity_edges_truth
from generation.tables.identity_mappings import identity_mappings
from generation.tables.individuals import individuals
from generation.tables.outcome_metrics import outcome_metrics
from generation.tables.person_links import person_links
from generation.tables.response_events import response_events
from generation.tables.source_records import source_records
from generation.tables.viewership_patterns import viewership_patterns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from generation.spec.config import Config

Made = Mapping[str, "DataFrame"]
"""The frames a table is made from, by table name."""

RECIPE: dict[str, Callable[[Engine, Span, Made], DataFrame]] = {
    "content_catalog": lambda engine, span, made: content_catalog(engine),
    "campaigns": lambda engine, span, made: campaigns(engine),
    "households": lambda engine, span, made: households(engine, span),
    "individuals": lambda engine, span, made: individuals(engine, span),
    "devices": lambda engine, span, made: devices(engine, made["households"], made["individuals"]),
    "identity_mappings": lambda engine, span, made: identity_mappings(engine, made["households"], made["individuals"]),
    "content_engagements": lambda engine, span, made: content_engagements(
        engine, made["households"], made["individuals"]
    ),
    "viewership_patterns": lambda engine, span, made: viewership_patterns(engine, made["content_engagements"]),
    "audience_attributes": lambda engine, span, made: audience_attributes(
        engine, made["households"], made["individuals"], made["content_engagements"]
    ),
    "campaign_assignments": lambda engine, span, made: campaign_assignments(
        engine, made["households"], made["individuals"]
    ),
    "campaign_exposures": lambda engine, span, made: campaign_exposures(
        engine, made["households"], made["individuals"]
    ),
    "conversions": lambda engine, span, made: conversions(engine, made["households"], made["individuals"]),
    "response_events": lambda engine, span, made: response_events(
        engine, made["campaign_exposures"], made["conversions"]
    ),
    "outcome_metrics": lambda engine, span, made: outcome_metrics(
        engine, made["campaign_exposures"], made["response_events"]
    ),
    "bot_impressions": lambda engine, span, made: bot_impressions(engine, made["campaign_exposures"]),
    "campaign_effects": lambda engine, span, made: campaign_effects(engine, made["households"], made["individuals"]),
    "attribution_credits": lambda engine, span, made: attribution_credits(
        engine, made["campaign_exposures"], made["conversions"]
    ),
    "campaign_lift": lambda engine, span, made: campaign_lift(
        engine, made["campaign_effects"], made["audience_attributes"], made["campaign_exposures"]
    ),
    "source_records": lambda engine, span, made: source_records(_recorded(engine, made)),
    "person_links": lambda engine, span, made: person_links(_recorded(engine, made)),
    "cell_corruptions": lambda engine, span, made: cell_corruptions(_recorded(engine, made)),
    "hard_cases": lambda engine, span, made: hard_cases(_recorded(engine, made)),
    "canonical_ids": lambda engine, span, made: canonical_ids(engine, made["identity_mappings"], made["individuals"]),
    "graph_events": lambda engine, span, made: graph_events(engine, made["identity_mappings"], made["individuals"]),
    "identity_edges": lambda engine, span, made: identity_edges(_edges(engine, made)),
    "identity_edges_truth": lambda engine, span, made: identity_edges_truth(_edges(engine, made)),
}
"""Every table of the catalogue, from those above it."""


def _recorded(engine: Engine, made: Made) -> DataFrame:
    return engine.kept("records", lambda: records(engine, made["households"], made["individuals"]))


def _edges(engine: Engine, made: Made) -> DataFrame:
    return engine.kept("edges", lambda: edges(engine, made["identity_mappings"], made["individuals"]))


def make(engine: Engine, table: str, span: Span, made: Made) -> DataFrame:
    """One table for a range of households, from frames of the same range."""
    return RECIPE[table](engine, span, made)


def generate(spark: SparkSession, config: Config) -> dict[str, DataFrame]:
    """All tables of a configuration as lazy frames."""
    engine, made = Engine.of(spark, config), {}
    span = Span(1, config.households.count)
    for table in (table.name for table in tables_of(config)):
        made[table] = make(engine, table, span, made)
    return made
