"""What a configuration will make: rows and bytes a table, and how long it takes, before anything is made."""

from __future__ import annotations

from dataclasses import dataclass

from generation.spec.catalog.households import HOUSEHOLD_TYPES
from generation.spec.config import MEAN_PEOPLE_BY_TYPE, US_SIZE_SHARES, Config
from generation.spec.graph_rows import Known, cookie_epochs, graph_rows
from generation.spec.market import mean_size
from generation.spec.segments import SEGMENTS
from generation.spec.source_rows import source_rows

# Means of the published distributions that the tables draw from, and of 100,000 households of the default configuration.
USERS_PER_PERSON = 0.842
"""Share of people of 13 or over."""
ADULTS_PER_PERSON = 0.776
PHONES_PER_USER = 0.928
CTVS, TABLETS, COMPUTERS = 3.46, 0.977, 1.720
"""Devices a household, at the default shares of households with any."""
ELIGIBLE_PER_ADULT = 0.2095
"""Pairs per adult and campaign at an eligible share of 0.20."""

BYTES_PER_ROW = {
    "content_catalog": 16, "campaigns": 2_500, "households": 37, "individuals": 17, "devices": 15, "identity_mappings": 36,
    "content_engagements": 16, "viewership_patterns": 17, "audience_attributes": 52, "campaign_assignments": 6,
    "campaign_exposures": 22, "conversions": 20, "response_events": 24, "outcome_metrics": 26,
    "campaign_effects": 40, "attribution_credits": 18, "campaign_lift": 120,
    "source_records": 120, "person_links": 13, "cell_corruptions": 45, "hard_cases": 22,
    "canonical_ids": 12, "graph_events": 18, "identity_edges": 44, "identity_edges_truth": 9,
}  # fmt: skip
"""Compressed Parquet bytes a row, measured on the default configuration (docs/benchmarks.md)."""

ROWS_PER_SECOND = {
    "content_catalog": 50_000, "campaigns": 1_000, "households": 130_000, "individuals": 330_000, "devices": 2_600_000,
    "identity_mappings": 1_080_000, "content_engagements": 1_800_000, "viewership_patterns": 450_000,
    "audience_attributes": 290_000, "campaign_assignments": 2_000_000, "campaign_exposures": 650_000, "conversions": 35_000,
    "response_events": 68_000, "outcome_metrics": 180_000,
    "campaign_effects": 400_000, "attribution_credits": 150_000, "campaign_lift": 500,
    "source_records": 60_000, "person_links": 60_000, "cell_corruptions": 40_000, "hard_cases": 15_000,
    "canonical_ids": 500_000, "graph_events": 400_000, "identity_edges": 200_000, "identity_edges_truth": 200_000,
}  # fmt: skip
"""Rows a second of the embedded engine on two cores (docs/benchmarks.md)."""

START_SECONDS = 4.5
"""Starting the engine, planning and committing."""

CHECKED_PER_SECOND = 850_000
"""Rows a second that the judge reads, and about as many that are fingerprinted (docs/benchmarks.md)."""

BASIS = "measured with the embedded engine on two cores, verification included; other machines differ"


@dataclass(frozen=True)
class TableEstimate:
    """Expected rows and bytes of a table."""

    rows: int
    bytes: int


@dataclass(frozen=True)
class Estimate:
    """Expected size of a dataset and seconds until it is published, and what the seconds rest on."""

    tables: dict[str, TableEstimate]
    seconds: float
    basis: str = BASIS

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    @property
    def bytes(self) -> int:
        """Bytes of all tables."""
        return sum(table.bytes for table in self.tables.values())


def mean_people(config: Config) -> float:
    """Expected people a household."""
    if config.households.people_per_household is not None:
        return config.households.people_per_household
    if config.households.size_shares != US_SIZE_SHARES:
        return mean_size(config.households.size_shares)
    return sum(config.households.type_shares[name] * MEAN_PEOPLE_BY_TYPE[name] for name in HOUSEHOLD_TYPES)


def estimate(config: Config) -> Estimate:
    """The expected size of a configuration's dataset."""
    rows = {name: round(value) for name, value in _rows(config).items()}
    tables = {name: TableEstimate(count, round(count * BYTES_PER_ROW[name])) for name, count in rows.items()}
    making = sum(count / ROWS_PER_SECOND[name] for name, count in rows.items())
    seconds = START_SECONDS + making + 2 * sum(rows.values()) / CHECKED_PER_SECOND
    return Estimate(tables, seconds)


def _rows(config: Config) -> dict[str, float]:
    households = float(config.households.count)
    people = households * mean_people(config)
    users, adults = people * USERS_PER_PERSON, people * ADULTS_PER_PERSON
    engagement = config.engagement
    mappings = _mappings(config, households, users, adults)
    active = users * 0.992 * (1 - engagement.inactive_share)
    events = users * 0.992 * engagement.events_per_person_month * engagement.history_days / 30
    with_events = active * 0.995 if engagement.events_per_person_month else 0.0
    return {
        "content_catalog": float(engagement.titles),
        "campaigns": float(config.campaigns.count),
        "households": households,
        "individuals": people,
        "devices": _devices(config, households, users),
        "identity_mappings": sum(mappings.values()),
        "content_engagements": events,
        "viewership_patterns": with_events,
        "audience_attributes": people,
        **_campaign_rows(config, adults),
        **(graph_rows(config, Known(mappings, people, users)) if config.demographics.graph.enabled else {}),
        **(source_rows(config, users, adults) if config.demographics.sources.enabled else {}),
    }


def _phones(config: Config, users: float) -> float:
    return users * min(1.0, PHONES_PER_USER * config.demographics.identity.smartphone_share / 0.91)


def _devices(config: Config, households: float, users: float) -> float:
    identity = config.demographics.identity
    shared = (
        CTVS * identity.ctv_household_share / 0.88
        + TABLETS * identity.tablet_household_share / 0.62
        + COMPUTERS * identity.computer_household_share / 0.90
    )
    return _phones(config, users) + households * shared


def _mappings(config: Config, households: float, users: float, adults: float) -> dict[str, float]:
    identity, coverage = config.demographics.identity, config.demographics.identity.coverage
    phones = _phones(config, users)
    teens = users - adults
    addresses = adults * sum(i * share for i, share in enumerate(identity.emails_per_adult)) + teens * 1.15
    emails = addresses * coverage["email"]
    browsers = phones + users * (identity.computer_household_share + identity.tablet_household_share)
    days = config.engagement.history_days
    epochs = cookie_epochs(config)
    leases, resets = 1 + days / 60 * 1.155, 1 + days / 365.25 * 0.83
    numbers = phones * coverage["phone"]
    return {
        "emails": emails * (1 + coverage["hashed_email"] + coverage["hashed_email_base64"]),
        "phones": numbers * (1 + coverage["hashed_phone"]),
        "maids": phones
        * resets
        * (identity.ios_share * coverage["idfa"] + (1 - identity.ios_share) * coverage["gaid"]),
        "cookies": browsers * coverage["first_party_cookie"] * epochs * (1 - identity.opt_out_share / 2),
        "tvs": users * CTVS * identity.ctv_household_share / 0.88 * coverage["ctv_id"],
        "addresses": users * coverage["home_ip"] * leases + phones * coverage["mobile_ip"],
        "accounts": adults * (coverage["customer_id"] + coverage["loyalty_id"]),
        "partners": adults * (coverage["synthetic_rampid"] + coverage["synthetic_uid2"]),
    }


def _campaign_rows(config: Config, adults: float) -> dict[str, float]:
    settings = config.campaigns
    pairs = adults * settings.count * ELIGIBLE_PER_ADULT * settings.eligible_share / 0.20
    treated = pairs * (1 - settings.measurement.holdout_share)
    exposures = (
        treated * settings.reach * settings.mean_frequency * (1 - config.demographics.identity.opt_out_share * 0.6)
    )
    conversions = pairs * settings.measurement.conversion_rate * (1 + settings.measurement.lift * settings.reach * 0.45)
    rate = sum(settings.click_rates[channel] for channel in settings.channels) / len(settings.channels)
    clicks = exposures * rate * 0.8
    direct = clicks * (1.8 + settings.signup_rate) + exposures * settings.visit_rate
    credited = conversions * settings.reach * 0.4
    return {
        **(
            {"campaign_effects": pairs, "campaign_lift": settings.count * _groups(config)}
            if settings.measurement.enabled
            else {}
        ),
        **({"attribution_credits": credited * CREDITS_PER_RESPONSE} if settings.attribution.enabled else {}),
        "campaign_assignments": pairs,
        "campaign_exposures": exposures,
        "conversions": conversions * 0.94,
        "response_events": direct + credited,
        "outcome_metrics": direct + credited * 1.7,
    }


CREDITS_PER_RESPONSE = 10.0
"""Credited touches of a conversion response over all models, at the default windows."""


def _groups(config: Config) -> float:
    """Rows of campaign_lift a campaign: itself, its channels, two to four of those allowed, and the segments."""
    return 1 + min(3.0, float(len(config.campaigns.channels))) + len(SEGMENTS)
