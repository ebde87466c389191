"""How many rows the source records and their answer key have, from a configuration alone."""

from generation.spec.config import Config
from generation.spec.sources import NOISE, PROFILES

TEENS_FROM_16 = 0.42
"""Share of users under 18 who are 16 or over."""
CELLS_PER_RECORD = {
    "crm": 9.8, "ecommerce": 7.8, "loyalty": 6.7, "web_analytics": 5.9, "ctv_app": 4.8, "call_center": 6.8,
    "public_records": 8.0,
}  # fmt: skip
"""Cells that a record of each source has, beside its key, source and date."""
OLD_ADDRESS_CELLS = 0.9
"""Cells with an old address per record, at the default share of stale records."""
CASES_PER_RECORD = 0.16


def source_rows(config: Config, users: float, adults: float) -> dict[str, float]:
    """Rows of the four tables, where so many people use devices (`users`) and so many of them are adults."""
    settings = config.demographics.sources
    known = {18: adults, 16: adults + (users - adults) * TEENS_FROM_16, 13: users}
    repeats = 1 + settings.repeat_share + settings.repeat_share**2
    rows = {name: known[PROFILES[name].youngest] * settings.coverage[name] * repeats for name in PROFILES}
    records = sum(rows.values())
    kinds = {name: sum(settings.noise[kind] for column in profile.columns for kind in NOISE.get(column, ()))
             for name, profile in PROFILES.items()}  # fmt: skip
    wrong = sum(count * kinds[name] * (1 - settings.quality[name]) * 0.8 for name, count in rows.items())
    stale = records * OLD_ADDRESS_CELLS * settings.stale_share / 0.35
    cases = records * CASES_PER_RECORD
    return {
        "source_records": records,
        "person_links": records,
        "cell_corruptions": wrong + stale + cases * 0.5,
        "hard_cases": cases,
    }
