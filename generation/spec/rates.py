"""What runs of the embedded engine take on the reference machine. Written by `python scripts/rates.py --write`."""

from __future__ import annotations

from dataclasses import dataclass

MEASURED_ON = "x86_64, 2 cores, Python 3.11.7, pysail 0.7.2, duckdb 2.0.1"

MEASURED_CORES = 2

CALIBRATION_SECONDS = {"hash": 0.000744, "compress": 0.0034, "sort": 0.00247}
"""Seconds of one core for the tasks of `generation/spec/calibration.py`."""

BYTES_PER_ROW = {
    "content_catalog": 15.7, "campaigns": 565, "households": 39.3, "individuals": 17.4, "devices": 10.6,
    "identity_mappings": 33.3, "content_engagements": 14.1, "viewership_patterns": 14.1, "audience_attributes": 37.5,
    "campaign_assignments": 5.78, "campaign_exposures": 17.2, "conversions": 26, "response_events": 25.5,
    "outcome_metrics": 16.6, "bot_impressions": 18.7, "campaign_effects": 22.5, "attribution_credits": 14.3,
    "campaign_lift": 89.6, "source_records": 42.3, "person_links": 7.13, "cell_corruptions": 17.3, "hard_cases": 19.2,
    "canonical_ids": 11.2, "graph_events": 10.5, "identity_edges": 43.7, "identity_edges_truth": 7.5,
}  # fmt: skip
"""Compressed Parquet bytes a row, of a unit of the default configuration and of one with every table."""

ROWS_PER_SECOND = {
    "content_catalog": 19_600, "campaigns": 962, "households": 158_000, "individuals": 378_000, "devices": 3_600_000,
    "identity_mappings": 1_040_000, "content_engagements": 1_890_000, "viewership_patterns": 321_000,
    "audience_attributes": 300_000, "campaign_assignments": 2_240_000, "campaign_exposures": 1_070_000,
    "conversions": 49_800, "response_events": 80_400, "outcome_metrics": 355_000, "bot_impressions": 6_840_000,
    "campaign_effects": 1_700_000, "attribution_credits": 145_000, "campaign_lift": 4_900, "source_records": 124_000,
    "person_links": 4_940_000, "cell_corruptions": 243_000, "hard_cases": 160_000, "canonical_ids": 2_000_000,
    "graph_events": 5_270_000, "identity_edges": 727_000, "identity_edges_truth": 2_180_000,
}  # fmt: skip
"""Rows a second that both cores make when both are busy: two for each second of a core."""

UNIT_SECONDS = {
    "content_catalog": 0, "campaigns": 0, "households": 0.3, "individuals": 0.362, "devices": 0.0814,
    "identity_mappings": 0.494, "content_engagements": 0.506, "viewership_patterns": 0.0211,
    "audience_attributes": 0.0461, "campaign_assignments": 0.0834, "campaign_exposures": 0.445, "conversions": 0.181,
    "response_events": 0.0678, "outcome_metrics": 0.0384, "bot_impressions": 0.0763, "campaign_effects": 0.133,
    "attribution_credits": 0.196, "campaign_lift": 0.0487, "source_records": 6.8, "person_links": 0.0372,
    "cell_corruptions": 0.0596, "hard_cases": 0.0867, "canonical_ids": 0.0567, "graph_events": 0.295,
    "identity_edges": 0.153, "identity_edges_truth": 0.138,
}  # fmt: skip
"""Seconds of a core for a unit of work, however few rows it has: planning, and files of their own."""

BUSY_ALONE, BUSY_TOGETHER = 0.65, 0.85
"""Share of both cores' time that one unit keeps busy, and two side by side."""

PROCESS_SECONDS = 1.3
"""From the command to the run, and from its end to the shell: interpreter and modules."""

START_SECONDS = 1.5
"""Starting the engine, lookups that are made once, and commits."""


@dataclass(frozen=True)
class Reading:
    """Seconds of a phase that reads all tables: at all, for each table, and rows a second of tables that are always there
    and of those that settings switch on.
    """

    start: float
    table: float
    rows_per_second: float
    switched_rows_per_second: float


JUDGING = Reading(0.4, 0.02, 850_000, 1_080_000)
FINGERPRINTING = Reading(0.1, 0.01, 1_450_000, 3_600_000)
REPORTING = Reading(0.5, 0.01, 1_500_000, 5_000_000)
