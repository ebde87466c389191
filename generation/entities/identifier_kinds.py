"""Kinds of identifiers: which stands in a slot, and what is the same for all of its kind."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column
from pyspark.sql import functions as F

from generation.engine.lookup import Lookup
from generation.entities import identifiers as ids

DETERMINISTIC, PROBABILISTIC = 0, 1
MATCHES = ("deterministic", "probabilistic")


@dataclass(frozen=True)
class Kind:
    """What stands in the slots from `first` up to the next kind's; `scheme` is how the value is hashed."""

    first: int
    name: str
    source: str
    match: int = DETERMINISTIC
    scheme: str | None = None


ANDROID = 1
"""Added to the slot of advertising ids for phones that run Android."""

KINDS = (
    Kind(ids.EMAIL, "email", "crm"),
    Kind(ids.EMAIL + 1, "email", "ecommerce"),
    Kind(ids.HASHED_EMAIL, "hashed_email", "crm", scheme="sha256_hex"),
    Kind(ids.HASHED_EMAIL + 1, "hashed_email", "ecommerce", scheme="sha256_hex"),
    Kind(ids.HASHED_EMAIL_BASE64, "hashed_email_base64", "crm", scheme="sha256_base64"),
    Kind(ids.HASHED_EMAIL_BASE64 + 1, "hashed_email_base64", "ecommerce", scheme="sha256_base64"),
    Kind(ids.PHONE, "phone", "crm"),
    Kind(ids.HASHED_PHONE, "hashed_phone", "crm", scheme="sha256_base64"),
    Kind(ids.MAID, "idfa", "mobile_sdk"),
    Kind(ids.MAID + ANDROID, "gaid", "mobile_sdk"),
    Kind(ids.PHONE_COOKIE, "first_party_cookie", "web_analytics"),
    # A TV and an address stand for everybody in the household: the link to each person is a guess.
    Kind(ids.CTV_ID, "ctv_id", "ctv_app", PROBABILISTIC),
    Kind(ids.HOME_IP, "home_ip", "ip_match", PROBABILISTIC),
    Kind(ids.MOBILE_IP, "mobile_ip", "ip_match", PROBABILISTIC),
    Kind(ids.CUSTOMER_ID, "customer_id", "crm"),
    Kind(ids.LOYALTY_ID, "loyalty_id", "loyalty"),
    Kind(ids.RAMPID, "synthetic_rampid", "identity_partner", PROBABILISTIC),
    Kind(ids.UID2, "synthetic_uid2", "identity_partner", PROBABILISTIC),
)
"""In the order of their slots. A person's first e-mail address comes from the CRM, the others from shops."""


def kind_number(slot: Column, ios: Column) -> Column:
    """The row of `kinds_by_slot` for what stands in a slot of a user."""
    return slot + F.when((slot == ids.MAID) & ~ios, ANDROID).otherwise(0)


@functools.cache
def kinds_by_slot() -> Lookup:
    """Type, scheme, source and match of what stands in a slot."""
    firsts = [kind.first for kind in KINDS]
    found = [KINDS[n - 1] for n in np.searchsorted(firsts, np.arange(firsts[-1] + 1), side="right")]
    return Lookup(
        "kinds of identifiers",
        {
            "type": [kind.name for kind in found],
            "scheme": [kind.scheme for kind in found],
            "source": [kind.source for kind in found],
            "match_type": [MATCHES[kind.match] for kind in found],
        },
    )
