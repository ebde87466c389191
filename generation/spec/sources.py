"""Source systems, kinds of noise and hard cases: what the benchmark of identity resolution is made of, in domain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOURCES: Final = ("crm", "ecommerce", "loyalty", "web_analytics", "ctv_app", "call_center", "public_records")

NAMED: Final = ("first_name", "last_name")
HOME: Final = ("street_address", "city", "state", "postal_code")
VALUE_COLUMNS: Final = (
    *NAMED, "birth_date", "gender", "email", "hashed_email", "phone", *HOME, "cookie_id", "tv_id", "ip_address",
)  # fmt: skip
"""What a source may know of a person, in the order of the table's columns."""


@dataclass(frozen=True)
class SourceProfile:
    """A source system: which columns it has, from which age it knows people, and over how many days it captured them."""

    columns: tuple[str, ...]
    youngest: int
    days: int


PROFILES: Final = {
    "crm": SourceProfile((*NAMED, "birth_date", "gender", "email", "phone", *HOME), 18, 2_500),
    "ecommerce": SourceProfile((*NAMED, "email", "phone", *HOME), 16, 730),
    "loyalty": SourceProfile((*NAMED, "birth_date", "gender", "email", "phone", "postal_code"), 16, 1_500),
    "web_analytics": SourceProfile(("hashed_email", "city", "state", "postal_code", "cookie_id", "ip_address"), 13, 90),
    "ctv_app": SourceProfile(("first_name", "hashed_email", "postal_code", "tv_id", "ip_address"), 13, 90),
    "call_center": SourceProfile((*NAMED, "birth_date", "phone", "city", "state", "postal_code"), 18, 365),
    "public_records": SourceProfile((*NAMED, "birth_date", "gender", *HOME), 18, 3_650),
}

TYPING: Final = ("keyboard_typo", "dropped_letter", "ocr_confusion")
NOISE: Final = {
    "first_name": (*TYPING, "phonetic_spelling", "nickname", "missing", "household_copy"),
    "last_name": (*TYPING, "phonetic_spelling", "missing"),
    "birth_date": ("date_digit", "day_month_swapped", "missing", "household_copy"),
    "gender": ("wrong_option", "missing"),
    "email": ("keyboard_typo", "ocr_confusion", "missing"),
    "hashed_email": ("missing",),
    "phone": ("digit_error", "missing", "household_copy"),
    "street_address": (*TYPING, "missing"),
    "city": ("keyboard_typo", "ocr_confusion", "missing"),
    "postal_code": ("digit_error", "missing"),
    "ip_address": ("missing",),
}
"""Which kinds of noise a column may have. The order is meaning: a cell's draw is cut in this order."""

NOISE_TYPES: Final = (
    *TYPING, "phonetic_spelling", "nickname", "swapped_names", "date_digit", "day_month_swapped", "digit_error",
    "wrong_option", "missing", "household_copy",
)  # fmt: skip

WRITTEN_CASES: Final = {
    "maiden_name": "last_name",
    "default_birth_date": "birth_date",
    "role_mailbox": "email",
    "family_mailbox": "email",
    "recycled_phone": "phone",
    "carrier_nat": "ip_address",
    "hotel_wifi": "ip_address",
}
"""Hard cases that change a cell, by column."""

PEOPLE_CASES: Final = ("twins", "junior_senior", "namesakes_in_zip")
"""Hard cases that people are in by birth or by chance."""

CASE_TYPES: Final = (*PEOPLE_CASES, *WRITTEN_CASES, "shared_tv", "move_and_name_change")

LEDGER_TYPES: Final = (*NOISE_TYPES, *WRITTEN_CASES, "old_address")
"""Why a cell may differ from what a perfect source would hold."""

DEFAULT_SOURCE_COVERAGE: Final = {
    "crm": 0.55, "ecommerce": 0.50, "loyalty": 0.35, "web_analytics": 0.40, "ctv_app": 0.30, "call_center": 0.15,
    "public_records": 0.70,
}  # fmt: skip
DEFAULT_QUALITY: Final = {
    "crm": 0.40, "ecommerce": 0.20, "loyalty": 0.20, "web_analytics": 0.0, "ctv_app": 0.0, "call_center": 0.0,
    "public_records": 0.30,
}  # fmt: skip
# About one cell in a hundred for each kind, as censuses and registers report (pseudopeople's defaults).
DEFAULT_NOISE: Final = {
    "keyboard_typo": 0.01, "dropped_letter": 0.005, "ocr_confusion": 0.005, "phonetic_spelling": 0.01, "nickname": 0.05,
    "swapped_names": 0.005, "date_digit": 0.01, "day_month_swapped": 0.01, "digit_error": 0.01, "wrong_option": 0.01,
    "missing": 0.02, "household_copy": 0.005,
}  # fmt: skip
DEFAULT_CASES: Final = {
    "twins": 0.5, "junior_senior": 0.5, "maiden_name": 0.20, "default_birth_date": 0.01, "role_mailbox": 0.005,
    "family_mailbox": 0.03, "recycled_phone": 0.01, "carrier_nat": 0.05, "hotel_wifi": 0.01, "move_and_name_change": 0.10,
}  # fmt: skip
