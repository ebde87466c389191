"""The configuration: five sections, one a wizard step. Everything that decides a row of a dataset is in here."""

from __future__ import annotations

import datetime as dt
from statistics import NormalDist
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from generation.spec.catalog.campaigns import CHANNELS
from generation.spec.catalog.households import HOUSEHOLD_TYPES, INCOME_BRACKETS
from generation.spec.catalog.identity_mappings import IDENTIFIER_TYPES
from generation.spec.keys import CAMPAIGN, EVENT, EXPOSURE, MAX_HOUSEHOLDS, PERSON
from generation.spec.market import mean_problem, places_problem, sizes_problem
from generation.spec.sources import (
    DEFAULT_CASES,
    DEFAULT_NOISE,
    DEFAULT_QUALITY,
    DEFAULT_SOURCE_COVERAGE,
)
from generation.spec.values import US_STATES, Real, Section, Share, Whole, setting, shares_problem

CONFIG_VERSION: Final = 1

# Shares of household types: CPS ASEC 2013-15 structure raked to CPS HH-4 2023 and AD-3 2023 (reference/households.json).
DEFAULT_TYPE_SHARES = dict(
    zip(
        HOUSEHOLD_TYPES,
        (0.2899, 0.21239, 0.13506, 0.0802, 0.04535, 0.04175, 0.02478, 0.04038, 0.02797, 0.05667, 0.02174, 0.02381),
        strict=True,
    )
)
# Mean people of five million generated households by type (tests/spec/test_config.py compares them with a sample).
MEAN_PEOPLE_BY_TYPE = dict(
    zip(HOUSEHOLD_TYPES, (1.0, 2.0, 3.987, 3.5, 5.31, 2.0, 3.857, 2.796, 4.17, 2.28, 2.38, 2.35), strict=True)
)
# The US, as the household types and the other tables give it; while these stand, nothing is made to fit them.
US_SIZE_SHARES = (0.28986, 0.34967, 0.15043, 0.12202, 0.05472, 0.0207, 0.0126)  # CPS ASEC 2023, table HH-4
US_HOUSEHOLDER_AGE_SHARES = (0.0351, 0.1453, 0.1788, 0.1692, 0.1827, 0.1653, 0.1236)  # ACS 2018 headship, ACS 2024 ages
US_INCOME_SHARES = dict(  # CPS ASEC incomes scaled to 2024
    zip(INCOME_BRACKETS, (0.0873, 0.0667, 0.0608, 0.0917, 0.1427, 0.1202, 0.1708, 0.1009, 0.1589), strict=True)
)
DEFAULT_COVERAGE = {
    "email": 1.0, "hashed_email": 1.0, "hashed_email_base64": 0.3, "phone": 0.95, "hashed_phone": 0.95, "idfa": 0.30,
    "gaid": 0.93, "first_party_cookie": 0.6, "ctv_id": 0.6, "home_ip": 0.9, "mobile_ip": 0.85, "customer_id": 0.55,
    "loyalty_id": 0.35, "synthetic_rampid": 0.6, "synthetic_uid2": 0.5,
}  # fmt: skip
# Planning benchmarks by channel: LocaliQ/WordStream 2024 (search), InfinityDirect (display, native, video), see reference.
DEFAULT_CLICK_RATES = {
    "display": 0.001, "social": 0.009, "online_video": 0.0005, "audio": 0.0005, "native": 0.0008, "email": 0.01,
    "search": 0.0642, "ctv": 0.00001,
}  # fmt: skip
DAY_PARTS = {
    "overnight": (0, 6),
    "morning": (6, 10),
    "daytime": (10, 17),
    "early_evening": (17, 20),
    "prime_time": (20, 24),
}
"""Parts of the day: from and to which hour, local time."""

EVERY_DAY_PART = dict.fromkeys(DAY_PARTS, 1.0)

DEFAULT_CHANNEL_SHARES = {
    "display": 0.22, "social": 0.2, "online_video": 0.14, "audio": 0.08, "native": 0.08, "email": 0.06, "search": 0.08,
    "ctv": 0.14,
}  # fmt: skip

AFTERGLOW_DAYS: Final = 7
"""Conversions without cause are logged for the flight and this many days after it."""


def most_confounding(reach: float, spread: float) -> float:
    """The largest ratio of mean inclinations, reached to not reached, that is asked for: nine tenths of the way to reaching
    the most inclined people only, where inclination is log-normal.
    """
    if not 0 < reach < 1:
        return 1.0
    normal = NormalDist()
    top = normal.cdf(spread - normal.inv_cdf(1 - reach))
    return 1 + 0.9 * ((top / reach) / ((1 - top) / (1 - reach)) - 1)


class Households(Section):
    """How many households, of which kind, and where."""

    count: Whole = setting(10_000, "Number of households.", unit="households", ge=1, le=MAX_HOUSEHOLDS)
    people_per_household: Real | None = setting(
        None,
        "Mean people per household; tilts the household types towards smaller or larger ones. Empty: the US mix, about 2.4.",
        unit="people",
        ge=1.2,
        le=4.5,
    )
    type_shares: dict[str, Share] = setting(
        DEFAULT_TYPE_SHARES, "Share of each household type; all twelve, adding up to 1.", unit="share"
    )
    states: tuple[str, ...] = setting(
        (), "Only these states, weighted by population; empty means the whole US.", unit="state codes"
    )

    state_shares: dict[str, Share] = setting(
        {}, "Share of households by state, adding up to 1; empty means by population.", unit="share"
    )
    city: str | None = setting(
        None, "Only this city, as Austin, TX; empty means all of the states.", pattern=r"^[^,]{1,60}, [A-Z]{2}$"
    )
    size_shares: tuple[Share, ...] = setting(
        US_SIZE_SHARES,
        "Share of households of 1, 2, 3, 4, 5, 6 and 7 or more people; at the US values they follow from the types.",
        unit="share",
    )
    householder_age_shares: tuple[Share, ...] = setting(
        US_HOUSEHOLDER_AGE_SHARES,
        "Share of households whose reference person is under 25, 25-34, 35-44, 45-54, 55-64, 65-74 and 75 or over; "
        "at the US values they follow from the types.",
        unit="share",
    )
    income_shares: dict[str, Share] = setting(
        US_INCOME_SHARES,
        "Share of households in each income bracket; at the US values they follow from who lives in the household.",
        unit="share",
    )

    @field_validator("states", "size_shares", "householder_age_shares", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _check(self) -> Households:
        unknown = sorted(set(self.type_shares) ^ set(HOUSEHOLD_TYPES))
        if unknown:
            raise ValueError(f"type_shares must name each of the twelve types once; check {', '.join(unknown)}")
        problem = shares_problem("type_shares", self.type_shares)
        if problem:
            raise ValueError(problem)
        strange = [state for state in self.states if state not in US_STATES]
        if strange or len(set(self.states)) != len(self.states):
            raise ValueError(
                f"states must be different two-letter codes of states or DC; check {strange or list(self.states)}"
            )
        problem = self._market_problem()
        if problem:
            raise ValueError(problem)
        return self

    def _market_problem(self) -> str | None:
        """Why the shares that describe a market are refused; None when they can hold together."""
        for name in ("size_shares", "householder_age_shares"):
            shares: tuple[float, ...] = getattr(self, name)
            if len(shares) != 7:
                return f"{name} needs 7 shares, got {len(shares)}"
            problem = shares_problem(name, {str(number): share for number, share in enumerate(shares)})
            if problem:
                return problem
        if set(self.income_shares) != set(INCOME_BRACKETS):
            names = ", ".join(sorted(set(self.income_shares) ^ set(INCOME_BRACKETS)))
            return f"income_shares must name each of the nine brackets once; check {names}"
        unknown = [name for name in self.state_shares if name not in US_STATES]
        if unknown:
            return f"state_shares must name states by two-letter codes; check {', '.join(unknown)}"
        return (
            shares_problem("income_shares", self.income_shares)
            or (shares_problem("state_shares", self.state_shares) if self.state_shares else None)
            or places_problem(self.states, self.state_shares, self.city)
            or self._sizes_problem()
        )

    def _sizes_problem(self) -> str | None:
        if self.size_shares == US_SIZE_SHARES:
            return None
        if self.people_per_household is not None:
            return mean_problem(self.size_shares, self.people_per_household)
        return None if self.type_shares == DEFAULT_TYPE_SHARES else sizes_problem(self.size_shares, self.type_shares)


class Identity(Section):
    """Which identifiers and devices people have."""

    coverage: dict[str, Share] = setting(
        DEFAULT_COVERAGE, "Share of possible holders for whom each identifier type is known.", unit="share"
    )
    emails_per_adult: tuple[Share, ...] = setting(
        (0.04, 0.42, 0.30, 0.15, 0.06, 0.03), "Share of adults with 0, 1, 2, 3, 4 and 5 e-mail addresses.", unit="share"
    )
    smartphone_share: Share = setting(0.91, "Share of adults with a smartphone.", unit="share")
    ios_share: Share = setting(0.58, "Share of smartphones that run iOS; the others run Android.", unit="share")
    ctv_household_share: Share = setting(0.88, "Share of households with at least one connected TV.", unit="share")
    tablet_household_share: Share = setting(0.62, "Share of households with at least one tablet.", unit="share")
    computer_household_share: Share = setting(0.90, "Share of households with at least one computer.", unit="share")
    cookie_lifetime_days: Real = setting(
        45.0, "Typical days until a browser's first-party cookie is reset.", unit="days", ge=7, le=3650
    )
    opt_out_share: Share = setting(0.08, "Share of people who opt out within the history window.", unit="share")

    @field_validator("coverage", mode="before")
    @classmethod
    def _coverage_over_defaults(cls, value: Any) -> Any:
        return {**DEFAULT_COVERAGE, **value} if isinstance(value, dict) else value

    @field_validator("emails_per_adult", mode="before")
    @classmethod
    def _emails_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _check(self) -> Identity:
        unknown = sorted(set(self.coverage) ^ set(IDENTIFIER_TYPES))
        if unknown:
            raise ValueError(f"coverage must name each identifier type once; check {', '.join(unknown)}")
        if len(self.emails_per_adult) != 6:
            raise ValueError(f"emails_per_adult needs 6 shares (0 to 5 addresses), got {len(self.emails_per_adult)}")
        problem = shares_problem("emails_per_adult", {str(i): share for i, share in enumerate(self.emails_per_adult)})
        if problem:
            raise ValueError(problem)
        return self


class Sources(Section):
    """What source systems wrote down of people, with errors of known kind: the benchmark of identity resolution."""

    enabled: bool = setting(False, "Make source records and their answer key.")
    coverage: dict[str, Share] = setting(
        DEFAULT_SOURCE_COVERAGE, "Share of the people a source may know whom it knows.", unit="share"
    )
    repeat_share: Share = setting(
        0.15, "Share of known people of whom a source has a second record, and of those a third.", unit="share"
    )
    noise: dict[str, Share] = setting(
        DEFAULT_NOISE, "Share of cells with each kind of error, where it can happen.", unit="share"
    )
    quality: dict[str, Share] = setting(
        DEFAULT_QUALITY, "Share of errors that a source's own checks prevent.", unit="share"
    )
    correlation: Share = setting(
        0.20, "Correlation of errors between the cells of one record: careless records are wrong in many.", unit="share"
    )
    stale_share: Share = setting(0.35, "Share of records from before a move that keep the old address.", unit="share")
    hard_cases: dict[str, Share] = setting(DEFAULT_CASES, "Share of possible records in each hard case.", unit="share")

    @field_validator("coverage", "noise", "quality", "hard_cases", mode="before")
    @classmethod
    def _over_defaults(cls, value: Any, field: ValidationInfo) -> Any:
        return {**SOURCE_DEFAULTS[str(field.field_name)], **value} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _check(self) -> Sources:
        for name, defaults in SOURCE_DEFAULTS.items():
            unknown = sorted(set(getattr(self, name)) - set(defaults))
            if unknown:
                raise ValueError(f"{name} may name {', '.join(defaults)}; check {', '.join(unknown)}")
        total = sum(self.noise.values())
        if total > 0.9:
            raise ValueError(f"the kinds of noise add up to {total:g}, over 0.9; lower some of them")
        crowded = [(a, b) for a, b in CROWDED if self.hard_cases[a] + self.hard_cases[b] > 0.5]
        if crowded:
            one, other = crowded[0]
            raise ValueError(f"hard_cases {one} and {other} write to the same cells and exceed 0.5 together; lower one")
        return self


class Graph(Section):
    """The identity graph in time, and edges of known confidence with the truth behind them."""

    enabled: bool = setting(
        False, "Make the history of the identity graph, canonical ids, and edges between identifiers and profiles."
    )
    new_profile_share: Share = setting(
        0.3, "Share of reset cookies that begin a profile, which is merged when its user is recognised.", unit="share"
    )
    wrong_merge_share: Share = setting(
        0.02, "Share of second adults who are merged with the first by mistake in the history window.", unit="share"
    )
    inferred_share: Share = setting(
        0.25, "Share of identifiers known from a login for which a partner infers an edge, too.", unit="share"
    )
    false_edge_share: Share = setting(
        0.15, "Share of probabilistic edges that point to another person.", unit="share", le=0.5
    )


SOURCE_DEFAULTS = {
    "coverage": DEFAULT_SOURCE_COVERAGE, "noise": DEFAULT_NOISE, "quality": DEFAULT_QUALITY, "hard_cases": DEFAULT_CASES,
}  # fmt: skip
CROWDED = (("role_mailbox", "family_mailbox"), ("carrier_nat", "hotel_wifi"), ("maiden_name", "move_and_name_change"))


class Demographics(Section):
    """Who the people are, and what identifies them."""

    wife_takes_surname: Share = setting(
        0.79, "Share of married women in mixed couples with the husband's surname.", unit="share"
    )
    wife_hyphenates: Share = setting(0.05, "Share of married women in mixed couples with both surnames.", unit="share")
    identity: Identity = Field(default_factory=Identity)
    sources: Sources = Field(default_factory=Sources)
    graph: Graph = Field(default_factory=Graph)

    @model_validator(mode="after")
    def _check(self) -> Demographics:
        total = self.wife_takes_surname + self.wife_hyphenates
        if total > 1:
            raise ValueError(
                f"wife_takes_surname + wife_hyphenates = {self.wife_takes_surname:g} + {self.wife_hyphenates:g} = {total:g}, "
                "which is over 1; lower one of them"
            )
        return self


class Audiences(Section):
    """Fixed thresholds of the audience segments."""

    heavy_frequency: Real = setting(
        20.0, "Events per 30 days from which a person is a heavy viewer.", unit="events per 30 days", gt=0, le=5000
    )
    affinity: Share = setting(0.40, "Share of time in a category from which a person is its fan.", unit="share")
    minimum_events: Whole = setting(5, "Events needed before an affinity counts.", unit="events", ge=1, le=1000)
    lapsed_days: Whole = setting(
        30, "Days without an event from which a person has lapsed.", unit="days", ge=1, le=3650
    )


class Engagement(Section):
    """What people watch and read, and how often."""

    history_days: Whole = setting(
        90, "Length of the history window that ends at output.as_of.", unit="days", ge=7, le=730
    )
    events_per_person_month: Real = setting(
        8.0,
        "Mean events per 30 days of a person of 13 or older with a device.",
        unit="events per 30 days",
        ge=0,
        le=300,
    )
    activity_sigma: Real = setting(
        1.1, "Spread of activity between people: standard deviation of log activity.", unit="log units", ge=0, le=1.6
    )
    inactive_share: Share = setting(0.12, "Share of people who never engage.", unit="share")
    titles: Whole = setting(5_000, "Number of titles in the content catalog.", unit="titles", ge=9, le=100_000)
    popularity_exponent: Real = setting(0.8, "Zipf-Mandelbrot exponent of title popularity.", unit="", ge=0, le=2)
    popularity_offset: Real = setting(10.0, "Zipf-Mandelbrot offset of title popularity.", unit="ranks", ge=0, le=1000)
    audiences: Audiences = Field(default_factory=Audiences)

    @model_validator(mode="after")
    def _check(self) -> Engagement:
        months = self.history_days / 30
        mean = self.events_per_person_month * months
        # 150 = the factor of a person at the 1 - 1e-6 quantile of a log-normal with the largest allowed spread.
        largest = mean * 150
        if largest > EVENT - 1 and mean > 0:
            raise ValueError(
                f"events_per_person_month {self.events_per_person_month:g} * {months:g} months * 150 (most active person) = "
                f"{largest:,.0f} events, over the {EVENT - 1:,} a person can have; lower it or history_days"
            )
        return self


class Measurement(Section):
    """How the effect of campaigns is built in and measured."""

    enabled: bool = setting(
        False,
        "Make the truth tables campaign_effects and campaign_lift. Flights then end a week before as_of and every conversion "
        "is seen, so that the rows agree with them exactly.",
    )
    holdout_share: Share = setting(0.10, "Share of eligible people held out at random.", unit="share")
    conversion_rate: Share = setting(0.02, "Conversion rate of eligible people without any exposure.", unit="share")
    lift: Real = setting(0.30, "Relative lift of the conversion rate at full exposure.", unit="ratio", ge=0, le=20)
    saturation_exposures: Real = setting(
        3.0, "Exposures at which half of the lift is reached.", unit="exposures", gt=0, le=100
    )
    confounding: Real = setting(
        1.0,
        "How much more often people whom a campaign reaches would convert anyway than those it does not reach; 1: no more "
        "often. Comparing exposed with unexposed people is wrong by this factor.",
        unit="ratio",
        ge=1,
        le=10,
    )
    intent_spread: Real = setting(
        0.5,
        "Spread of people's own inclination to convert: standard deviation of its log.",
        unit="log units",
        gt=0,
        le=1,
    )
    null_share: Share = setting(0.0, "Share of campaigns without any effect.", unit="share")
    spillover: Share = setting(
        0.0,
        "How much an exposure of another member of the household counts for a person, beside their own; 0: nothing. Needs "
        "measurement.",
        unit="share",
    )
    same_device_share: Share = setting(
        0.4,
        "Share of the orders caused by an exposure on a phone, tablet or computer that are placed on it; all others are "
        "placed on whichever device the person uses.",
        unit="share",
    )

    @model_validator(mode="after")
    def _check(self) -> Measurement:
        top = self.conversion_rate * (1 + self.lift)
        if top > 0.5:
            raise ValueError(
                f"conversion_rate * (1 + lift) = {self.conversion_rate:g} * (1 + {self.lift:g}) = {top:g}, "
                "over 0.5; lower one of them"
            )
        if self.spillover and not self.enabled:
            raise ValueError(
                f"spillover = {self.spillover:g} with enabled = false: without the truth tables nobody could tell what spills "
                "over; set enabled to true or spillover to 0"
            )
        return self


class Delivery(Section):
    """How exposures are delivered."""

    enabled: bool = setting(
        False,
        "Deliver to the specification: nobody is targeted who opts out before the end of a flight, so that reach and mean "
        "frequency are met; channels have their shares and caps; impressions served to bots are in bot_impressions.",
    )
    channel_shares: dict[str, Share] = setting(
        DEFAULT_CHANNEL_SHARES,
        "Weight of each channel among those that a campaign runs on and that reach the person.",
        unit="share",
    )
    frequency_shape: Real = setting(
        0.9,
        "Shape of the negative binomial that exposures of a reached person follow; lower: few people see most of them.",
        unit="",
        ge=0.05,
        le=20,
    )
    channel_cap: Whole = setting(
        12, "Most exposures of a person to a campaign on one channel.", unit="exposures", ge=1, le=EXPOSURE - 1
    )
    household_ctv_cap: Whole = setting(
        24,
        "Most exposures of a household to a campaign on connected TV, whoever watches.",
        unit="exposures",
        ge=PERSON,
        le=4_000,
    )
    day_parts: dict[str, Share] = setting(
        EVERY_DAY_PART,
        "Weight of each part of the day, in local time, beside people's own hours: overnight (0 to 6), morning (6 to 10), "
        "daytime (10 to 17), early_evening (17 to 20) and prime_time (20 to 24). At 0 nothing is delivered then.",
        unit="share",
    )
    bot_share: Share = setting(
        0.08, "Share of served impressions that no person sees, because a bot asked for them.", unit="share"
    )

    @field_validator("channel_shares", mode="before")
    @classmethod
    def _channel_shares_over_defaults(cls, value: Any) -> Any:
        return {**DEFAULT_CHANNEL_SHARES, **value} if isinstance(value, dict) else value

    @field_validator("day_parts", mode="before")
    @classmethod
    def _day_parts_over_defaults(cls, value: Any) -> Any:
        return {**EVERY_DAY_PART, **value} if isinstance(value, dict) else value

    @field_validator("day_parts")
    @classmethod
    def _some_day_part(cls, value: dict[str, float]) -> dict[str, float]:
        unknown = sorted(set(value) - set(DAY_PARTS))
        if unknown:
            raise ValueError(f"day_parts has {', '.join(unknown)}; parts of the day are {', '.join(DAY_PARTS)}")
        few = sorted(name for name, weight in value.items() if 0 < weight < 0.001)
        if few:
            raise ValueError(f"day_parts must be 0 or at least 0.001; check {', '.join(few)}")
        if not any(value.values()):
            raise ValueError("day_parts are all 0, so nothing could be delivered; give one of them a weight")
        return value

    @model_validator(mode="after")
    def _check(self) -> Delivery:
        unknown = sorted(set(self.channel_shares) ^ set(CHANNELS))
        if unknown:
            raise ValueError(f"channel_shares must name each channel once; check {', '.join(unknown)}")
        nothing = sorted(name for name, share in self.channel_shares.items() if share < 0.001)
        if nothing:
            raise ValueError(
                f"channel_shares must be at least 0.001; check {', '.join(nothing)}, or leave the channel out of "
                "campaigns.channels"
            )
        if self.bot_share > 0.5:
            raise ValueError(f"bot_share {self.bot_share:g} is over 0.5; lower it")
        return self


class Attribution(Section):
    """Which touches count, and how credit is shared."""

    model: Literal["first_touch", "last_touch", "linear", "time_decay", "position_based"] = setting(
        "linear", "Attribution model of outcome_metrics."
    )
    enabled: bool = setting(False, "Make the table attribution_credits: the credits under every model.")
    click_window_days: Whole = setting(
        30, "Days after a clicked exposure within which a conversion counts.", unit="days", ge=1, le=90
    )
    view_window_days: Whole = setting(
        7, "Days after an exposure without click within which a conversion counts.", unit="days", ge=1, le=90
    )


class Campaigns(Section):
    """Which campaigns ran, whom they reached and what came of it."""

    count: Whole = setting(12, "Number of campaigns.", unit="campaigns", ge=0, le=CAMPAIGN - 1)
    plan_seed: Whole | None = setting(
        None,
        "Seed of the plan: names, dates, targets and channels. Keep it to have the same campaigns over the people of "
        "another output.seed; empty means output.seed.",
        ge=0,
        le=2**53 - 1,
    )
    flight_days: Whole = setting(28, "Length of a campaign's flight.", unit="days", ge=1, le=365)
    eligible_share: Share = setting(0.20, "Rough share of adults a campaign's target criteria select.", unit="share")
    reach: Share = setting(0.45, "Share of eligible, not held-out people who get at least one exposure.", unit="share")
    mean_frequency: Real = setting(4.0, "Mean exposures of a reached person.", unit="exposures", ge=1, le=100)
    frequency_cap: Whole = setting(
        20, "Most exposures of a person to a campaign.", unit="exposures", ge=1, le=EXPOSURE - 1
    )
    channels: tuple[str, ...] = setting(CHANNELS, "Channels campaigns may run on.", min_length=1)
    click_rates: dict[str, Share] = setting(
        DEFAULT_CLICK_RATES, "Click rate of a first exposure by channel.", unit="share"
    )
    visit_rate: Share = setting(0.004, "Share of exposures followed by a site visit without a click.", unit="share")
    signup_rate: Share = setting(0.10, "Share of clicks followed by a sign-up.", unit="share")
    measurement: Measurement = Field(default_factory=Measurement)
    attribution: Attribution = Field(default_factory=Attribution)
    delivery: Delivery = Field(default_factory=Delivery)

    @field_validator("click_rates", mode="before")
    @classmethod
    def _click_rates_over_defaults(cls, value: Any) -> Any:
        return {**DEFAULT_CLICK_RATES, **value} if isinstance(value, dict) else value

    @field_validator("channels", mode="before")
    @classmethod
    def _channels_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _check(self) -> Campaigns:
        strange = [channel for channel in self.channels if channel not in CHANNELS]
        if strange or len(set(self.channels)) != len(self.channels):
            raise ValueError(
                f"channels must be different ones of {', '.join(CHANNELS)}; check {strange or list(self.channels)}"
            )
        unknown = sorted(set(self.click_rates) ^ set(CHANNELS))
        if unknown:
            raise ValueError(f"click_rates must name each channel once; check {', '.join(unknown)}")
        # A negative binomial cut at the cap cannot have a mean above about half of the cap.
        if self.mean_frequency > 0.45 * self.frequency_cap and self.frequency_cap > 1:
            raise ValueError(
                f"mean_frequency {self.mean_frequency:g} is over 0.45 * frequency_cap {self.frequency_cap} = "
                f"{0.45 * self.frequency_cap:g}, so the cap would cut most people; raise the cap or lower the mean"
            )
        if self.frequency_cap == 1 and self.mean_frequency != 1:
            raise ValueError(f"frequency_cap 1 allows a mean_frequency of 1 only, got {self.mean_frequency:g}")
        problem = self._confounding_problem() or self._delivery_problem()
        if problem:
            raise ValueError(problem)
        return self

    def _delivery_problem(self) -> str | None:
        """Why the channels' caps leave no room for the mean frequency; None when they do."""
        room = self.delivery.channel_cap * min(2, len(self.channels))
        if not self.delivery.enabled or self.mean_frequency <= 0.45 * min(room, self.frequency_cap) or room == 1:
            return None
        return (
            f"mean_frequency {self.mean_frequency:g} is over 0.45 * {room}, the most exposures that delivery.channel_cap "
            f"{self.delivery.channel_cap} leaves a person on a campaign's channels; raise the cap or lower the mean"
        )

    def _confounding_problem(self) -> str | None:
        """Why reach cannot depend on inclination as much as asked for; None when it can."""
        settings = self.measurement
        most = most_confounding(self.reach, settings.intent_spread)
        if settings.confounding <= most:
            return None
        return (
            f"measurement.confounding {settings.confounding:g} is over {most:.2f}, the most that reach {self.reach:g} and "
            f"measurement.intent_spread {settings.intent_spread:g} allow; lower it or raise the spread"
        )


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
OBJECT = r"^[a-z0-9_][a-z0-9_-]{0,62}$"


class Output(Section):
    """Where the dataset goes, from which seed, up to which date."""

    seed: Whole = setting(42, "Seed of every random decision.", ge=0, le=2**53 - 1)
    as_of: dt.date = setting(
        dt.date(2026, 1, 1),
        "The dataset's today: the history window ends before it.",
        ge=dt.date(2000, 1, 1),
        le=dt.date(2100, 1, 1),
    )
    name: Name = setting("dataset", "Name of the dataset: lower-case letters, digits, - and _.", rows=False)
    path: str | None = setting(None, "Folder the Delta tables go to; empty: <datasets folder>/<name>.", rows=False)
    mode: Literal["create", "regenerate", "append"] = setting(
        "create", "create a new dataset, regenerate an existing one, or append households to it.", rows=False
    )
    engine: str = setting(
        "embedded",
        "Where it runs: embedded, local (Apache Spark with Java), sc://host:port, or session (the one a job has already).",
        rows=False,
        pattern=r"^(embedded|session|local(\[[0-9*]+\])?|sc://\S+)$",
    )
    target: Literal["delta_path", "unity_catalog"] = setting(
        "delta_path", "Where the tables go: a folder, or a schema of Unity Catalog.", rows=False
    )
    catalog: str = setting("bryan_li", "Catalog of Unity Catalog the schema is in.", rows=False, pattern=OBJECT)
    schema_name: str | None = setting(
        None,
        "Schema of Unity Catalog the tables go to; empty: the dataset's name, with _ for -.",
        rows=False,
        pattern=OBJECT,
    )
    unit_households: Whole = setting(
        200_000,
        "Households per unit of work: smaller units use less memory.",
        unit="households",
        rows=False,
        ge=100,
        le=1_000_000,
    )

    @property
    def schema_full_name(self) -> str:
        """Catalog and schema of the tables, where they go to Unity Catalog."""
        return f"{self.catalog}.{self.schema_name or self.name.replace('-', '_')}"

    @field_validator("as_of", mode="before")
    @classmethod
    def _as_of_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"{value!r} is not a date like 2026-01-01") from error


class Config(Section):
    """A whole dataset in one value."""

    version: Literal[1] = Field(CONFIG_VERSION, description="Version of this file's format.")
    households: Households = Field(default_factory=Households)
    demographics: Demographics = Field(default_factory=Demographics)
    engagement: Engagement = Field(default_factory=Engagement)
    campaigns: Campaigns = Field(default_factory=Campaigns)
    output: Output = Field(default_factory=Output)

    @model_validator(mode="after")
    def _check(self) -> Config:
        if self.campaigns.count and self.campaigns.flight_days > self.engagement.history_days:
            raise ValueError(
                f"campaigns.flight_days {self.campaigns.flight_days} does not fit into engagement.history_days "
                f"{self.engagement.history_days}; shorten the flight or lengthen the history"
            )
        needed = self.campaigns.flight_days + AFTERGLOW_DAYS
        if self.campaigns.count and self.campaigns.measurement.enabled and needed > self.engagement.history_days:
            raise ValueError(
                f"campaigns.flight_days {self.campaigns.flight_days} and the {AFTERGLOW_DAYS} days after it that "
                f"campaigns.measurement.enabled needs do not fit into engagement.history_days "
                f"{self.engagement.history_days}; shorten the flight or lengthen the history"
            )
        return self

    @property
    def plan_seed(self) -> int:
        """What the plan of the campaigns is drawn from."""
        return self.output.seed if self.campaigns.plan_seed is None else self.campaigns.plan_seed

    @property
    def window_start(self) -> dt.date:
        """First day of the history window."""
        return self.output.as_of - dt.timedelta(days=self.engagement.history_days)
