"""What runs of the embedded engine take on the reference machine. Written by `python scripts/rates.py --write`."""

from __future__ import annotations

from dataclasses import dataclass

MEASURED_ON = "x86_64, 2 cores, Python 3.11.7, pysail 0.7.2, duckdb 2.0.1"

MEASURED_CORES = 2

CALIBRATION_SECONDS = {"hash": 0.000719, "compress": 0.00334, "sort": 0.00246}
"""Seconds of one core for the tasks of `generation/spec/calibration.py`."""

BYTES_PER_ROW = {
    "content_catalog": 15.7, "campaigns": 565, "households": 40.6, "individuals": 18.5, "devices": 11.4,
    "identity_mappings": 32.2, "content_engagements": 13.5, "viewership_patterns": 14.8, "audience_attributes": 38.3,
    "campaign_assignments": 6.27, "campaign_exposures": 18.3, "conversions": 25.7, "response_events": 25.8,
    "outcome_metrics": 16.6, "bot_impressions": 19.3, "campaign_effects": 25, "attribution_credits": 14.9,
    "campaign_lift": 86.2, "source_records": 40.9, "person_links": 7.15, "cell_corruptions": 17.4, "hard_cases": 19.5,
    "canonical_ids": 11.6, "graph_events": 11.2, "identity_edges": 43.9, "identity_edges_truth": 7.81,
}  # fmt: skip
"""Compressed Parquet bytes a row, of a unit of the default configuration and of one with every table."""

ROWS_PER_SECOND = {
    "content_catalog": 16_800, "campaigns": 1_420, "households": 1_010_000, "individuals": 846_000,
    "devices": 4_450_000, "identity_mappings": 1_680_000, "content_engagements": 3_100_000,
    "viewership_patterns": 393_000, "audience_attributes": 605_000, "campaign_assignments": 1_440_000,
    "campaign_exposures": 1_550_000, "conversions": 140_000, "response_events": 90_600, "outcome_metrics": 7_600_000,
    "bot_impressions": 5_720_000, "campaign_effects": 2_270_000, "attribution_credits": 114_000, "campaign_lift": 5_520,
    "source_records": 120_000, "person_links": 3_660_000, "cell_corruptions": 250_000, "hard_cases": 151_000,
    "canonical_ids": 1_610_000, "graph_events": 3_370_000, "identity_edges": 489_000, "identity_edges_truth": 4_420_000,
}  # fmt: skip
"""Rows a second that both cores make when both are busy: two for each second of a core."""

UNIT_SECONDS = {
    "content_catalog": 0, "campaigns": 0, "households": 0.286, "individuals": 0.139, "devices": 0.0615,
    "identity_mappings": 0.272, "content_engagements": 0.119, "viewership_patterns": 0.0313,
    "audience_attributes": 0.0291, "campaign_assignments": 0.0715, "campaign_exposures": 0.119, "conversions": 0.125,
    "response_events": 0.0618, "outcome_metrics": 0.0349, "bot_impressions": 0.0609, "campaign_effects": 0.0448,
    "attribution_credits": 0.153, "campaign_lift": 0.0319, "source_records": 1.08, "person_links": 0.044,
    "cell_corruptions": 0.0521, "hard_cases": 0.0864, "canonical_ids": 0.0591, "graph_events": 0.208,
    "identity_edges": 0.161, "identity_edges_truth": 0.0275,
}  # fmt: skip
"""Seconds of a core for a unit of work, however few rows it has: planning, and files of their own."""

BUSY_ALONE, BUSY_TOGETHER = 0.94, 0.94
"""Share of both cores' time that one unit keeps busy, and two side by side."""

PROCESS_SECONDS = 1.1
"""From the command to the run, and from its end to the shell: interpreter and modules."""

START_SECONDS = 2.0
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


JUDGING = Reading(0.572, 0.0192, 1_620_000, 1_290_000)
FINGERPRINTING = Reading(0.0517, 0.00917, 1_950_000, 2_190_000)
REPORTING = Reading(0.333, 0.00333, 5_660_000, 47_500_000)
