"""Campaigns: authored on the driver."""

from __future__ import annotations

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform
from generation.engine.context import Engine
from generation.engine.lookup import Lookup
from generation.entities.campaigns import Campaign
from generation.entities.campaigns import campaigns as authored
from generation.spec.catalog.campaigns import CAMPAIGNS

LISTS = ("genders", "states", "income_brackets", "segments", "channels")


def campaigns(engine: Engine) -> DataFrame:
    """One row a campaign."""
    rows = authored(engine.config)
    frame = engine.frames.frame(Lookup("campaign rows", _columns(rows)))
    settings = engine.config.campaigns
    frame = frame.select(
        "campaign_id",
        "name",
        "advertiser",
        "vertical",
        F.to_date("start").alias("start_date"),
        F.to_date("end").alias("end_date"),
        F.struct("min_age", "max_age", *(_list(name).alias(name) for name in LISTS[:-1])).alias("target_criteria"),
        _list("channels").alias("channels"),
        "budget",
        F.lit(settings.frequency_cap).alias("frequency_cap"),
        F.lit(settings.attribution.click_window_days).alias("click_window_days"),
        F.lit(settings.attribution.view_window_days).alias("view_window_days"),
        F.lit(settings.measurement.holdout_share).alias("holdout_share"),
    )
    return conform(frame, CAMPAIGNS)


def _columns(rows: tuple[Campaign, ...]) -> dict[str, object]:
    numbers = {
        name: np.array([getattr(row, name) for row in rows], dtype=np.int64)
        for name in ("campaign_id", "min_age", "max_age", "budget")
    }
    texts = {name: [getattr(row, name) for row in rows] for name in ("name", "advertiser", "vertical")}
    lists = {name: [",".join(getattr(row, name)) for row in rows] for name in LISTS}
    return numbers | texts | lists | {"start": [str(r.start) for r in rows], "end": [str(r.end) for r in rows]}


def _list(name: str) -> Column:
    """A comma-separated text as an array, empty when the text is."""
    return F.filter(F.split(F.col(name), ","), lambda part: part != "")
