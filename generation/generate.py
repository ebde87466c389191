"""The recipe: how the tables of a dataset follow from each other. Lazy throughout: nothing is read, written or counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Step:
    """How a table follows from others: which those are, and what makes it from their frames."""

    parents: tuple[str, ...]
    make: Callable[..., DataFrame]


def _of(table: Callable[..., DataFrame], *parents: str) -> Step:
    """A table of whatever households its parents are of."""
    return Step(parents, lambda engine, span, *frames: table(engine, *frames))


def _recorded(table: Callable[[DataFrame], DataFrame]) -> Step:
    """A table of what sources hold."""

    def make(engine: Engine, *frames: DataFrame) -> DataFrame:
        return table(engine.kept("records", lambda: records(engine, *frames)))

    return _of(make, *PEOPLE)


def _linked(table: Callable[[DataFrame], DataFrame]) -> Step:
    """A table of edges."""

    def make(engine: Engine, *frames: DataFrame) -> DataFrame:
        return table(engine.kept("edges", lambda: edges(engine, *frames)))

    return _of(make, "identity_mappings", "individuals")


PEOPLE = ("households", "individuals")

RECIPE = {
    "content_catalog": _of(content_catalog),
    "campaigns": _of(campaigns),
    "households": Step((), households),
    "individuals": Step((), individuals),
    "devices": _of(devices, *PEOPLE),
    "identity_mappings": _of(identity_mappings, *PEOPLE),
    "content_engagements": _of(content_engagements, *PEOPLE),
    "viewership_patterns": _of(viewership_patterns, "content_engagements"),
    "audience_attributes": _of(audience_attributes, *PEOPLE, "content_engagements"),
    "campaign_assignments": _of(campaign_assignments, *PEOPLE),
    "campaign_exposures": _of(campaign_exposures, *PEOPLE),
    "conversions": _of(conversions, *PEOPLE),
    "response_events": _of(response_events, "campaign_exposures", "conversions"),
    "outcome_metrics": _of(outcome_metrics, "campaign_exposures", "response_events"),
    "bot_impressions": _of(bot_impressions, "campaign_exposures"),
    "campaign_effects": _of(campaign_effects, *PEOPLE),
    "attribution_credits": _of(attribution_credits, "campaign_exposures", "conversions"),
    "campaign_lift": _of(campaign_lift, "campaign_effects", "audience_attributes", "campaign_exposures"),
    "source_records": _recorded(source_records),
    "person_links": _recorded(person_links),
    "cell_corruptions": _recorded(cell_corruptions),
    "hard_cases": _recorded(hard_cases),
    "canonical_ids": _of(canonical_ids, "identity_mappings", "individuals"),
    "graph_events": _of(graph_events, "identity_mappings", "individuals"),
    "identity_edges": _linked(identity_edges),
    "identity_edges_truth": _linked(identity_edges_truth),
}
"""Every table of the catalogue, from those above it."""


def make(engine: Engine, table: str, span: Span, made: Made) -> DataFrame:
    """One table for a range of households, from frames of the same range."""
    step = RECIPE[table]
    return step.make(engine, span, *(made[parent] for parent in step.parents))


def generate(spark: SparkSession, config: Config) -> dict[str, DataFrame]:
    """All tables of a configuration as lazy frames."""
    engine, made = Engine.of(spark, config), {}
    span = Span(1, config.households.count)
    for table in (table.name for table in tables_of(config)):
        made[table] = make(engine, table, span, made)
    return made
