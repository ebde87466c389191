"""What a configuration will make: rows and bytes a table, and how long it takes, before anything is made."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from math import ceil

from generation.spec.catalog import TABLES, tables_of
from generation.spec.catalog.households import HOUSEHOLD_TYPES
from generation.spec.config import AFTERGLOW_DAYS, MEAN_PEOPLE_BY_TYPE, US_SIZE_SHARES, Config
from generation.spec.graph_rows import Known, cookie_epochs, graph_rows
from generation.spec.market import mean_size
from generation.spec.meaning import frequency_shares
from generation.spec.memory import needed_memory
from generation.spec.plan import channels, lift, start_day, target
from generation.spec.rates import (
    BUSY_ALONE,
    BUSY_TOGETHER,
    BYTES_PER_ROW,
    FINGERPRINTING,
    JUDGING,
    MEASURED_CORES,
    PROCESS_SECONDS,
    REPORTING,
    ROWS_PER_SECOND,
    START_SECONDS,
    UNIT_SECONDS,
)
from generation.spec.segments import SEGMENTS
from generation.spec.source_rows import source_rows

# Means of the published distributions that the tables draw from, and of 100,000 households of the default configuration.
USERS_PER_PERSON = 0.842
"""Share of people of 13 or over."""
ADULTS_PER_PERSON = 0.776
PHONES_PER_USER = 0.928
EVENTS_FACTOR = 1.011
"""Events of a person of 13 or over, beside `engagement.events_per_person_month`."""
CTVS, TABLETS, COMPUTERS = 3.46, 0.977, 1.720
"""Devices a household, at the default shares of households with any."""
REACHABLE_ADULTS = 1.005
"""Beside ADULTS_PER_PERSON: adults of a million households of the default configuration who are pairs of campaigns."""

ALWAYS = frozenset(table.name for table in TABLES)
"""Tables that no setting switches on."""

BASIS = "as on two cores of the machine that the rates were measured on"


@dataclass(frozen=True)
class Phases:
    """Seconds of a run by phase. `starting` is that of the process; `making` ends with the commits."""

    starting: float
    making: float
    judging: float
    fingerprinting: float
    reporting: float

    @property
    def total(self) -> float:
        """Seconds until the dataset is published."""
        return float(sum(astuple(self)))

    def scaled(self, factor: float) -> Phases:
        """The phases on a machine where all of them take so many times as long."""
        return Phases(*(factor * seconds for seconds in astuple(self)))


@dataclass(frozen=True)
class TableEstimate:
    """Expected rows and bytes of a table."""

    rows: int
    bytes: int


@dataclass(frozen=True)
class Estimate:
    """Expected size of a dataset, seconds until it is published and bytes of memory held at most on one machine. `basis` goes
    on after "Time" and says what the seconds rest on.
    """

    tables: dict[str, TableEstimate]
    phases: Phases
    memory: int
    basis: str = BASIS

    @property
    def seconds(self) -> float:
        """Seconds until the dataset is published."""
        return self.phases.total

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
    return Estimate(tables, _phases(config, rows), needed_memory(config))


def _phases(config: Config, rows: dict[str, int]) -> Phases:
    """Seconds by phase on the reference machine."""
    always = sum(count for name, count in rows.items() if name in ALWAYS)
    return Phases(
        PROCESS_SECONDS,
        START_SECONDS + _making(config, rows),
        *(
            phase.start
            + phase.table * len(rows)
            + always / phase.rows_per_second
            + (sum(rows.values()) - always) / phase.switched_rows_per_second
            for phase in (JUDGING, FINGERPRINTING, REPORTING)
        ),
    )


def _making(config: Config, rows: dict[str, int]) -> float:
    """Seconds of making units: ranges of households two at a time, where there are two; all else one after the other."""
    households, unit = config.households.count, config.output.unit_households
    ranges = ceil(households / unit)
    last = households - (ranges - 1) * unit
    alone_share = (last if ranges % 2 else unit - last) / households
    alone = together = 0.0
    for table in tables_of(config):
        by_range = table.axis == "households"
        work = (ranges if by_range else 1) * UNIT_SECONDS[table.name]
        work += MEASURED_CORES * rows[table.name] / ROWS_PER_SECOND[table.name]
        share = alone_share if by_range else 1.0
        alone, together = alone + share * work, together + (1 - share) * work
    return (alone / BUSY_ALONE + together / BUSY_TOGETHER) / MEASURED_CORES


def _rows(config: Config) -> dict[str, float]:
    households = float(config.households.count)
    people = households * mean_people(config)
    users, adults = people * USERS_PER_PERSON, people * ADULTS_PER_PERSON
    engagement = config.engagement
    mappings = _mappings(config, households, users, adults)
    active = users * 0.992 * (1 - engagement.inactive_share)
    events = users * EVENTS_FACTOR * engagement.events_per_person_month * engagement.history_days / 30
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
    settings, measured, told = config.campaigns, config.campaigns.measurement, config.campaigns.measurement.enabled
    numbers = range(1, settings.count + 1)
    eligible = {n: adults * REACHABLE_ADULTS * target(config, n).share * _targeted(config, n) for n in numbers}
    pairs = sum(eligible.values())
    lost = 0.0 if settings.delivery.enabled else config.demographics.identity.opt_out_share * 0.6
    exposures = pairs * (1 - measured.holdout_share) * settings.reach * settings.mean_frequency * (1 - lost)
    paths = _paths(config)
    # People who are reached are `confounding` times as inclined as the others.
    reached = settings.reach * measured.confounding / (1 + settings.reach * (measured.confounding - 1))
    exposed = reached * (1 - measured.holdout_share) * (1 - lost)
    base = pairs * measured.conversion_rate
    caused = measured.conversion_rate * exposed * paths.dose * sum(eligible[n] * lift(config, n) for n in numbers)
    at_home = settings.reach * (1 - measured.holdout_share) * (1 - lost) * EXPOSED_AT_HOME
    spilled = measured.conversion_rate * at_home * paths.spilled * sum(eligible[n] * lift(config, n) for n in numbers)
    # Without measurement, those after as_of are not seen.
    conversions = (base + caused + spilled) * (1.0 if told else 0.94)
    credited = (base * exposed * paths.covered + caused * CAUSED_IN_WINDOW) * (1.0 if told else 0.94)
    clicks = exposures * 0.8 * sum(eligible[n] * _click_rate(config, n) for n in numbers) / (pairs or 1)
    direct = clicks * (1.8 + settings.signup_rate) + exposures * settings.visit_rate
    switched: dict[str, float] = {}
    if settings.delivery.enabled:
        switched["bot_impressions"] = exposures * _per_exposure(settings.delivery.bot_share)
    if told:
        switched |= {"campaign_effects": pairs, "campaign_lift": settings.count * _groups(config)}
    if settings.attribution.enabled:
        switched["attribution_credits"] = credited * (2 + 4 * paths.touches) * CREDITS_AT_HOME
    return {
        **switched,
        "campaign_assignments": pairs,
        "campaign_exposures": exposures,
        "conversions": conversions,
        "response_events": direct + credited,
        "outcome_metrics": direct + credited * paths.touches,
    }


def _click_rate(config: Config, number: int) -> float:
    """The mean click rate of a campaign's first exposures."""
    settings, on = config.campaigns, channels(config, number)
    shares = {name: settings.delivery.channel_shares[name] if settings.delivery.enabled else 1.0 for name in on}
    return sum(settings.click_rates[name] * share for name, share in shares.items()) / sum(shares.values())


def _targeted(config: Config, number: int) -> float:
    """The share of people whom delivery to the specification targets: those who do not opt out until a flight's end."""
    if not config.campaigns.delivery.enabled:
        return 1.0
    end = start_day(config, number) + config.campaigns.flight_days
    return 1 - config.demographics.identity.opt_out_share * min(1.0, end / config.engagement.history_days)


@dataclass(frozen=True)
class _Paths:
    """Of reached people: the mean of n / (n + saturation), the same of what of it spills over, and of conversions without cause
    the share that has a touch in the view window, and how many touches those have.
    """

    dose: float
    spilled: float
    covered: float
    touches: float


def _paths(config: Config) -> _Paths:
    settings = config.campaigns
    window, flight = float(settings.attribution.view_window_days), float(settings.flight_days)
    whole = flight + AFTERGLOW_DAYS
    dose = spilled = covered = touches = 0.0
    for n, share in enumerate(frequency_shares(config), 1):
        step = flight / n
        # From the first touch on, in the middle of its part of the flight, until the last one's window or the time ends.
        seen = min((n - 1) * min(step, window) + min(window, AFTERGLOW_DAYS + step / 2), whole)
        dose += share * n / (n + settings.measurement.saturation_exposures)
        felt = n * settings.measurement.spillover
        spilled += share * felt / (felt + settings.measurement.saturation_exposures)
        covered += share * seen / whole
        touches += share * n * window / whole
    return _Paths(dose, spilled, covered, max(1.0, touches / covered))


def _per_exposure(bot_share: float) -> float:
    """Impressions of bots for each of a person."""
    return bot_share / (1 - bot_share)


CAUSED_IN_WINDOW = 0.9
"""Share of caused conversions inside the window of a touch, at the default windows."""

EXPOSED_AT_HOME = 0.8
"""Of eligible people, those with exposures of others at home, for each reached one; less what own exposures do anyway."""

CREDITS_AT_HOME = 2.6
"""Credits of persons and households for each of a person."""


def _groups(config: Config) -> float:
    """Rows of campaign_lift a campaign: itself, its channels, two to four of those allowed, and the segments it reaches, all but
    one or so.
    """
    return 1 + min(3.0, float(len(config.campaigns.channels))) + len(SEGMENTS) - 1
