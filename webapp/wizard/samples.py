"""Sample rows of the tables that a step decides on, as its page shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app

from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.config import Config
from generation.spec.estimate import Estimate
from generation.spec.preview_client import Sample
from webapp.preview import Preparing, Previews, Unavailable
from webapp.services import Services
from webapp.steps import Step

TABLES_OF: Final[Mapping[Step, tuple[str, ...]]] = {
    Step.HOUSEHOLDS: ("households",),
    Step.DEMOGRAPHICS: ("individuals", "devices", "identity_mappings"),
    Step.ENGAGEMENT: ("content_engagements", "viewership_patterns", "audience_attributes", "content_catalog"),
    Step.CAMPAIGNS: (
        "campaigns", "campaign_assignments", "campaign_exposures", "conversions", "response_events", "outcome_metrics",
    ),
    Step.REVIEW: (),
}  # fmt: skip
"""The tables whose rows a step's answers change first."""


@dataclass(frozen=True)
class SampleTable:
    """The first rows of a table, ready for the page."""

    name: str
    comment: str
    note: str
    columns: tuple[dict[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]


def previews() -> Previews:
    """This process's way to the preview server."""
    services: Services = current_app.extensions["idgraph"]
    found: Previews = current_app.extensions.setdefault("idgraph_previews", Previews(services.settings))
    return found


def samples(config: Config, made: Estimate, step: Step) -> list[SampleTable] | Preparing | Unavailable:
    """The first rows of a step's tables, or why there are none yet."""
    answer = previews().rows(config, TABLES_OF[step])
    if isinstance(answer, (Preparing, Unavailable)):
        return answer
    return [_table(name, answer[name], made) for name in TABLES_OF[step]]


def _table(name: str, sample: Sample, made: Estimate) -> SampleTable:
    columns = tuple({"label": column, "type": "data"} for column in sample.columns)
    rows = tuple(tuple(map(_cell, row)) for row in sample.rows)
    return SampleTable(name, TABLE_BY_NAME[name].comment, _note(sample, made.tables[name].rows), columns, rows)


def _note(sample: Sample, expected: int) -> str:
    found = len(sample.rows)
    if not found:
        return "no rows" if sample.complete else "none among the first households"
    return f"the first {found} of about {max(expected, found):,}"


def _cell(value: Any) -> Any:
    """A value in a table of the page: what is made of several values as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return f"{value:.6g}" if isinstance(value, float) else None if value is None else str(value)
