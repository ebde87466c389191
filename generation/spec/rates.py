"""What runs of the embedded engine take on the reference machine. Written by `python scripts/rates.py --write`."""

from __future__ import annotations

from dataclasses import dataclass

MEASURED_ON = "x86_64, 2 cores, Python 3.11.7, pysail 0.7.2, duckdb 2.0.1"

MEASURED_CORES = 2

CALIBRATION_SECONDS = {"hash": 0.000729, "compress": 0.00339, "sort": 0.00245}
"""Seconds of one core for the tasks of `generation/spec/calibration.py`."""

BYTES_PER_ROW = {
    "content_catalog": 15.7, "campaigns": 565, "households": 40.7, "individuals": 18.7, "devices": 11.4,
    "identity_mappings": 32.3, "content_engagements": 13.4, "viewership_patterns": 15, "audience_attributes": 38.9,
    "campaign_assignments": 6.3, "campaign_exposures": 18.3, "conversions": 25.9, "response_events": 25.4,
    "outcome_metrics": 16.5, "bot_impressions": 19.5, "campaign_effects": 24.9, "attribution_credits": 14.9,
    "campaign_lift": 86.2, "source_records": 40.9, "person_links": 7.15, "cell_corruptions": 17.4, "hard_cases": 19.5,
    "canonical_ids": 11.7, "graph_events": 11.1, "identity_edges": 43.9, "identity_edges_truth": 7.81,
}  # fmt: skip
"""Compressed Parquet bytes a row, of a unit of the default configuration and of one with every table."""

ROWS_PER_SECOND = {
    "content_catalog": 25_800, "campaigns": 1_220, "households": 280_000, "individuals": 679_000, "devices": 3_900_000,
    "identity_mappings": 1_580_000, "content_engagements": 2_650_000, "viewership_patterns": 336_000,
    "audience_attributes": 656_000, "campaign_assignments": 1_240_000, "campaign_exposures": 1_210_000,
    "conversions": 108_000, "response_events": 86_000, "outcome_metrics": 727_000, "bot_impressions": 462_000,
    "campaign_effects": 2_830_000, "attribution_credits": 95_800, "campaign_lift": 5_350, "source_records": 88_300,
    "person_links": 3_490_000, "cell_corruptions": 190_000, "hard_cases": 118_000, "canonical_ids": 2_150_000,
    "graph_events": 3_000_000, "identity_edges": 474_000, "identity_edges_truth": 4_280_000,
}  # fmt: skip
"""Rows a second that both cores make when both are busy: two for each second of a core."""

UNIT_SECONDS = {
    "content_catalog": 0, "campaigns": 0, "households": 0.308, "individuals": 0.251, "devices": 0.0783,
    "identity_mappings": 0.604, "content_engagements": 0.285, "viewership_patterns": 0.027,
    "audience_attributes": 0.0383, "campaign_assignments": 0.0947, "campaign_exposures": 0.303, "conversions": 0.106,
    "response_events": 0.0674, "outcome_metrics": 0.0428, "bot_impressions": 0.0515, "campaign_effects": 0.0471,
    "attribution_credits": 0.158, "campaign_lift": 0.0369, "source_records": 6.32, "person_links": 0.0397,
    "cell_corruptions": 0.0714, "hard_cases": 0.104, "canonical_ids": 0.0556, "graph_events": 0.198,
    "identity_edges": 0.19, "identity_edges_truth": 0.0422,
}  # fmt: skip
"""Seconds of a core for a unit of work, however few rows it has: planning, and files of their own."""

BUSY_ALONE, BUSY_TOGETHER = 0.80, 0.81
"""Share of both cores' time that one unit keeps busy, and two side by side."""

PROCESS_SECONDS = 1.4
"""From the command to the run, and from its end to the shell: interpreter and modules."""

START_SECONDS = 1.6
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


JUDGING = Reading(0.158, 0.0408, 1_370_000, 1_110_000)
FINGERPRINTING = Reading(0.0333, 0.0133, 1_870_000, 2_480_000)
REPORTING = Reading(0.585, 0.0025, 5_260_000, 47_500_000)
