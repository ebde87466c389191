"""How many rows the source records and their answer key have, from a configuration alone."""

from __future__ import annotations

from generation.spec.config import Config, Sources
from generation.spec.sources import NAMED, NOISE, PROFILES, WRITTEN_CASES

TEENS_FROM_16 = 0.42
"""Share of users under 18 who are 16 or over."""

POSSIBLE = {
    "phonetic_spelling": 0.78, "nickname": 0.276, "household_copy": 0.717, "day_month_swapped": 0.386,
    "family_mailbox": 0.68, "maiden_name": 0.209,
}  # fmt: skip
"""Share of cells that a kind of noise or a hard case can change, where that is not all of them."""

MOVED_CELLS = {
    "crm": 0.997, "ecommerce": 0.376, "loyalty": 0.227, "web_analytics": 0.032, "ctv_app": 0.015, "call_center": 0.148,
    "public_records": 1.278,
}  # fmt: skip
"""Cells a record whose old address would differ, over all records of a source."""

SHARED_TV = 1.11
"""Records of a TV that several people use, a record of the app and share of people whom it knows."""

FAMILY = 0.01
"""Records of twins and of namesakes at home, a record."""


def source_rows(config: Config, users: float, adults: float) -> dict[str, float]:
    """Rows of the four tables, where so many people use devices (`users`) and so many of them are adults."""
    settings = config.demographics.sources
    known = {18: adults, 16: adults + (users - adults) * TEENS_FROM_16, 13: users}
    repeats = 1 + settings.repeat_share + settings.repeat_share**2
    rows = {name: known[PROFILES[name].youngest] * settings.coverage[name] * repeats for name in PROFILES}
    records, written, renamed = sum(rows.values()), _written(settings, rows), _moved_and_renamed(settings, rows)
    family = records * FAMILY + rows["ctv_app"] * SHARED_TV * settings.coverage["ctv_app"]
    return {
        "source_records": records,
        "person_links": records,
        "cell_corruptions": _noise(settings, rows) + written + renamed * 4 + _old_addresses(settings, rows),
        "hard_cases": written + renamed * 2 + family,
    }


def _noise(settings: Sources, rows: dict[str, float]) -> float:
    cells = 0.0
    for name, profile in PROFILES.items():
        kinds = [kind for column in profile.columns for kind in NOISE.get(column, ())]
        kinds += ["swapped_names"] * 2 * set(NAMED).issubset(profile.columns)
        wrong = sum(settings.noise[kind] * POSSIBLE.get(kind, 1.0) for kind in kinds)
        cells += rows[name] * wrong * (1 - settings.quality[name])
    return cells


def _written(settings: Sources, rows: dict[str, float]) -> float:
    return sum(
        rows[name] * settings.hard_cases[case] * POSSIBLE.get(case, 1.0)
        for name, profile in PROFILES.items()
        for case, column in WRITTEN_CASES.items()
        if column in profile.columns
    )


def _moved_and_renamed(settings: Sources, rows: dict[str, float]) -> float:
    """Records with an old address and a former surname."""
    able = sum(
        rows[name] for name, profile in PROFILES.items() if {"last_name", "street_address"} <= {*profile.columns}
    )
    return able * settings.hard_cases["move_and_name_change"] * POSSIBLE["maiden_name"]


def _old_addresses(settings: Sources, rows: dict[str, float]) -> float:
    return settings.stale_share * sum(rows[name] * MOVED_CELLS[name] for name in rows)
