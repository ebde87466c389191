"""What settings are called where people read them: derived from their names, unless a better word is known."""

from __future__ import annotations

from typing import Final

STATES: Final = {
    "AK": "Alaska", "AL": "Alabama", "AR": "Arkansas", "AZ": "Arizona", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DC": "District of Columbia", "DE": "Delaware", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "IA": "Iowa", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota",
    "MO": "Missouri", "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota",
    "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NV": "Nevada", "NY": "New York",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia",
    "VT": "Vermont", "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming",
}  # fmt: skip

_BRACKETS: Final = {
    f"{low}k_{high}k": f"${low},000 to ${high},000"
    for low, high in ((15, 25), (25, 35), (35, 50), (50, 75), (75, 100), (100, 150), (150, 200))
}

LABELS: Final = {
    **{f"households.states.{code}": name for code, name in STATES.items()},
    "households.count": "Households",
    "households.people_per_household": "People per household",
    "households.type_shares": "Household types",
    **{f"households.state_shares.{code}": name for code, name in STATES.items()},
    "households.state_shares": "Shares of the states",
    "households.city": "City",
    "households.size_shares": "Household sizes",
    **{f"households.size_shares.{number}": f"{number + 1} people" for number in range(1, 6)},
    "households.size_shares.0": "1 person",
    "households.size_shares.6": "7 or more people",
    "households.householder_age_shares": "Ages of householders",
    **{
        f"households.householder_age_shares.{number}": f"{15 + 10 * number} to {24 + 10 * number}"
        for number in range(1, 6)
    },
    "households.householder_age_shares.0": "Under 25",
    "households.householder_age_shares.6": "75 or over",
    "households.income_shares": "Incomes",
    "households.income_shares.under_15k": "Under $15,000",
    **{f"households.income_shares.{name}": words for name, words in _BRACKETS.items()},
    "households.income_shares.200k_plus": "$200,000 or more",
    "demographics.wife_takes_surname": "Wives with the husband's surname",
    "demographics.wife_hyphenates": "Wives with both surnames",
    "demographics.identity": "Identifiers and devices",
    "demographics.identity.coverage": "Known identifiers",
    "demographics.identity.coverage.first_party_cookie": "First-party cookie",
    "demographics.identity.coverage.hashed_email_base64": "Hashed e-mail (Base64)",
    "demographics.identity.emails_per_adult": "E-mail addresses per adult",
    "demographics.identity.emails_per_adult.0": "No address",
    "demographics.identity.emails_per_adult.1": "1 address",
    "demographics.identity.emails_per_adult.2": "2 addresses",
    "demographics.identity.emails_per_adult.3": "3 addresses",
    "demographics.identity.emails_per_adult.4": "4 addresses",
    "demographics.identity.emails_per_adult.5": "5 addresses",
    "demographics.identity.smartphone_share": "Adults with a smartphone",
    "demographics.identity.ios_share": "Smartphones with iOS",
    "demographics.identity.ctv_household_share": "Households with a connected TV",
    "demographics.identity.tablet_household_share": "Households with a tablet",
    "demographics.identity.computer_household_share": "Households with a computer",
    "demographics.identity.cookie_lifetime_days": "Cookie lifetime",
    "demographics.identity.opt_out_share": "People who opt out",
    "demographics.sources": "Sources and their errors",
    "demographics.sources.enabled": "Make source records",
    "demographics.sources.coverage": "People a source knows",
    "demographics.sources.repeat_share": "People with a second record",
    "demographics.sources.noise": "Wrong cells",
    "demographics.sources.noise.ocr_confusion": "Misread letters (OCR)",
    "demographics.sources.quality": "Errors a source prevents",
    "demographics.sources.correlation": "Correlation of errors in a record",
    "demographics.sources.stale_share": "Old addresses kept after a move",
    "demographics.sources.hard_cases": "Hard cases",
    "demographics.sources.hard_cases.carrier_nat": "Address shared by a carrier",
    "demographics.sources.hard_cases.hotel_wifi": "Hotel Wi-Fi",
    "demographics.graph": "The graph in time",
    "demographics.graph.enabled": "Make its history and edges",
    "demographics.graph.new_profile_share": "New cookies with a new profile",
    "demographics.graph.wrong_merge_share": "Partners merged by mistake",
    "demographics.graph.inferred_share": "Inferred edges",
    "demographics.graph.false_edge_share": "False edges",
    "engagement.history_days": "History window",
    "engagement.events_per_person_month": "Events per person",
    "engagement.activity_sigma": "Spread of activity",
    "engagement.inactive_share": "Inactive people",
    "engagement.titles": "Titles in the catalog",
    "engagement.audiences": "Audience thresholds",
    "engagement.audiences.heavy_frequency": "Heavy viewer from",
    "engagement.audiences.affinity": "Fan of a category from",
    "engagement.audiences.minimum_events": "Fewest events for an affinity",
    "engagement.audiences.lapsed_days": "Lapsed after",
    "campaigns.count": "Campaigns",
    "campaigns.plan_seed": "Seed of the campaigns",
    "campaigns.flight_days": "Length of a flight",
    "campaigns.eligible_share": "Eligible adults",
    "campaigns.reach": "Reached people",
    "campaigns.mean_frequency": "Mean frequency",
    "campaigns.visit_rate": "Site visits without a click",
    "campaigns.signup_rate": "Sign-ups after a click",
    "campaigns.measurement.holdout_share": "Held-out people",
    "campaigns.measurement.saturation_exposures": "Exposures at half of the lift",
    "campaigns.measurement.enabled": "Write the truth down",
    "campaigns.measurement.confounding": "Confounding",
    "campaigns.measurement.intent_spread": "Spread of inclination",
    "campaigns.measurement.null_share": "Campaigns without effect",
    "campaigns.measurement.spillover": "Spill-over within households",
    "campaigns.measurement.same_device_share": "Orders on the device of the exposure",
    "campaigns.delivery": "Delivery",
    "campaigns.delivery.enabled": "Deliver to the specification",
    "campaigns.delivery.channel_shares": "Shares of the channels",
    "campaigns.delivery.frequency_shape": "Shape of frequency",
    "campaigns.delivery.channel_cap": "Limit on one channel",
    "campaigns.delivery.household_ctv_cap": "Limit of a household on connected TV",
    "campaigns.delivery.day_parts": "Parts of the day",
    "campaigns.delivery.bot_share": "Impressions of bots",
    "campaigns.attribution.enabled": "Credits of every model",
    "campaigns.attribution.model": "Attribution model",
    "campaigns.attribution.click_window_days": "Window after a click",
    "campaigns.attribution.view_window_days": "Window after a view",
    "output.as_of": "Date of the dataset",
    "output.name": "Name of the dataset",
    "output.path": "Folder",
    "output.mode": "What to do with the target",
    "output.unit_households": "Households per unit of work",
    "output.target": "Kind of target",
    "output.target.delta_path": "A folder",
    "output.target.unity_catalog": "Unity Catalog",
    "output.schema_name": "Schema",
}
"""By dotted name; an option or a share by the name of its setting and its own."""

WORDS: Final = {
    "ctv": "CTV", "gaid": "GAID", "id": "ID", "idfa": "IDFA", "ios": "iOS", "ip": "IP", "email": "e-mail",
    "rampid": "RampID", "uid2": "UID2",
}  # fmt: skip
"""Words that are not written in small letters, or not as their name has them."""


def label_of(name: str) -> str:
    """What the thing of a dotted name is called: `campaigns.click_rates.online_video` is Online video."""
    return LABELS.get(name) or derived(name.rpartition(".")[2])


def derived(name: str) -> str:
    """A name in words, the first one with a capital letter."""
    words = " ".join(WORDS.get(word, word) for word in name.split("_"))
    return words if words.startswith("iOS") else words[:1].upper() + words[1:]
