"""The identity graph in time: kinds of events, kinds of edges and why an edge is false, in domain words."""

from __future__ import annotations

from typing import Final

SECTION: Final = "demographics.graph"

BEGINNINGS: Final = ("identifier_created", "identifier_reset", "identifier_replaced", "identifier_transferred")
"""Events with which an identifier begins to stand for a person; a reset or a replacement also ends the one before."""

EVENT_TYPES: Final = (
    *BEGINNINGS, "identifier_withdrawn", "person_moved", "person_joined_household", "person_left_household",
    "profile_created", "profile_merged", "profile_split",
)  # fmt: skip

CAUSES_AT_HOME: Final = {
    "email": "family_mailbox", "hashed_email": "family_mailbox", "hashed_email_base64": "family_mailbox",
    "idfa": "handed_down_phone", "gaid": "handed_down_phone", "first_party_cookie": "shared_browser",
    "ctv_id": "shared_tv", "home_ip": "shared_home_network", "customer_id": "family_account", "loyalty_id": "family_account",
    "synthetic_rampid": "household_match", "synthetic_uid2": "household_match",
}  # fmt: skip
"""Why an identifier is taken for somebody else's of the same household."""

CAUSES_ELSEWHERE: Final = {
    "email": "role_mailbox", "hashed_email": "role_mailbox", "hashed_email_base64": "role_mailbox",
    "phone": "recycled_phone", "hashed_phone": "recycled_phone", "idfa": "resold_phone", "gaid": "resold_phone",
    "first_party_cookie": "public_computer", "ctv_id": "shared_tv", "home_ip": "guest_network", "mobile_ip": "carrier_nat",
    "customer_id": "clerical_error", "loyalty_id": "clerical_error", "synthetic_rampid": "mistaken_address",
    "synthetic_uid2": "mistaken_address",
}  # fmt: skip
"""Why it is taken for somebody's of another household: always for phones and carriers, else where people live alone."""

FALSE_EDGE_CAUSES: Final = tuple(dict.fromkeys((*CAUSES_AT_HOME.values(), *CAUSES_ELSEWHERE.values())))
