"""The values that stand in the rules' placeholders: thresholds and dates of the configuration, and declared sets."""

from __future__ import annotations

from collections.abc import Iterable

from generation.spec import keys
from generation.spec.catalog.households import INCOME_BRACKETS
from generation.spec.catalog.individuals import GENDERS
from generation.spec.config import Config
from generation.spec.graph import BEGINNINGS
from generation.spec.segments import DEMOGRAPHIC_SEGMENTS
from generation.spec.sources import WRITTEN_CASES
from generation.spec.values import US_STATES


def bindings(config: Config) -> dict[str, str]:
    """SQL text for every placeholder."""
    return {**_dates(config), **_settings(config), **_sets(config), **_strides()}


def quoted(values: Iterable[str]) -> str:
    """The values as SQL string literals, separated by commas."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def list_of(values: Iterable[str]) -> str:
    """A regular expression for a comma-separated list of these values, possibly empty."""
    either = "(" + "|".join(values) + ")"
    return f"^({either}(,{either})*)?$"


def _dates(config: Config) -> dict[str, str]:
    return {"as_of": config.output.as_of.isoformat(), "window_start": config.window_start.isoformat()}


def _settings(config: Config) -> dict[str, str]:
    audiences, campaigns = config.engagement.audiences, config.campaigns
    return {
        "history_days": str(config.engagement.history_days),
        "heavy_frequency": repr(audiences.heavy_frequency),
        "affinity": repr(audiences.affinity),
        "minimum_events": str(audiences.minimum_events),
        "lapsed_days": str(audiences.lapsed_days),
        "frequency_cap": str(campaigns.frequency_cap),
        **_caps(config),
        "click_window_days": str(campaigns.attribution.click_window_days),
        "view_window_days": str(campaigns.attribution.view_window_days),
        "longest_window_days": str(
            max(campaigns.attribution.click_window_days, campaigns.attribution.view_window_days)
        ),
        "attribution_model": campaigns.attribution.model,
        "spills_over": "1" if campaigns.measurement.spillover else "0",
    }


def _caps(config: Config) -> dict[str, str]:
    """Caps by channel and household; where delivery has none, what keys can hold."""
    delivery = config.campaigns.delivery
    none = keys.EXPOSURE * keys.PERSON
    return {
        "channel_cap": str(delivery.channel_cap if delivery.enabled else none),
        "household_ctv_cap": str(delivery.household_ctv_cap if delivery.enabled else none),
    }


def _sets(config: Config) -> dict[str, str]:
    return {
        "states": quoted(config.households.states or US_STATES),
        "state_list": list_of(US_STATES),
        "channel_list": list_of(config.campaigns.channels),
        "gender_list": list_of(GENDERS),
        "bracket_list": list_of(INCOME_BRACKETS),
        "written_cases": quoted(WRITTEN_CASES),
        "beginnings": quoted(BEGINNINGS),
        "segment_list": list_of(DEMOGRAPHIC_SEGMENTS),
    }


def _strides() -> dict[str, str]:
    return {
        "person_stride": str(keys.PERSON),
        "device_stride": str(keys.DEVICE),
        "mapping_stride": str(keys.MAPPING),
        "event_stride": str(keys.EVENT),
        "campaign_stride": str(keys.CAMPAIGN),
        "exposure_stride": str(keys.EXPOSURE),
        "conversion_stride": str(keys.CONVERSION),
        "response_stride": str(keys.RESPONSE),
        "outcome_stride": str(keys.OUTCOME),
    }
