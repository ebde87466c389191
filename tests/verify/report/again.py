"""The report's figures a second time, by pandas on the tables as any reader has them: no SQL and no code of the judge."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from deltalake import DeltaTable

AGE_BANDS = [13, 18, 25, 35, 45, 55, 65, 200]
HEAD_BANDS = [0, 25, 35, 45, 55, 65, 75, 200]
SHARED = ("tablet", "computer", "ctv")


class Tables:
    """A dataset's tables as frames, and what several figures need."""

    def __init__(self, root: Path) -> None:
        self.root, self.manifest = root, json.loads((root / "manifest.json").read_text())
        self.config = self.manifest["config"]

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name not in self.manifest["tables"]:
            raise AttributeError(name)
        frame = DeltaTable(str(self.root / self.manifest["tables"][name]["location"])).to_pandas()
        setattr(self, name, frame)
        return frame

    @cached_property
    def homes(self) -> pd.DataFrame:
        frame = self.households.set_index("household_id")
        for part in ("state", "city", "time_zone"):
            frame[part] = frame["location"].map(lambda place, part=part: place[part])
        heads = self.individuals[self.individuals["relationship"] == "reference_person"]
        frame["head_age"] = heads.set_index("household_id")["age"]
        counts = self.devices.groupby(["household_id", "device_type"]).size().unstack(fill_value=0)
        return frame.join(counts.reindex(columns=SHARED).fillna(0)).fillna({kind: 0 for kind in SHARED})

    @cached_property
    def people(self) -> pd.DataFrame:
        frame = self.individuals.set_index("individual_id")
        phones = self.devices[(self.devices["device_type"] == "smartphone") & self.devices["individual_id"].notna()]
        frame["has_phone"] = frame.index.isin(phones["individual_id"])
        frame["ios"] = frame.index.isin(phones[phones["os"] == "ios"]["individual_id"])
        shared = self.homes[list(SHARED)].loc[frame["household_id"]].set_axis(frame.index)
        frame = frame.join(shared)
        frame["uses"] = (frame["age"] >= 13) & (frame["has_phone"] | (shared.sum(axis=1) > 0))
        frame["events"] = self.content_engagements.groupby("individual_id").size()
        frame["identifiers"] = self.identity_mappings.groupby("individual_id").size()
        return frame.fillna({"events": 0, "identifiers": 0})

    @cached_property
    def known(self) -> pd.DataFrame:
        """Identifiers of each type of each person."""
        counts = self.identity_mappings.groupby(["individual_id", "identifier_type"]).size().unstack(fill_value=0)
        return counts.reindex(self.people.index).fillna(0)

    @cached_property
    def opted_out(self) -> set[int]:
        return set(self.identity_mappings[self.identity_mappings["opted_out_at"].notna()]["individual_id"])

    @cached_property
    def pairs(self) -> pd.DataFrame:
        keys = ["individual_id", "campaign_id"]
        frame = self.campaign_assignments.set_index(keys)
        frame["exposures"] = self.campaign_exposures.groupby(keys).size()
        frame["conversions"] = self.conversions.groupby(keys).size()
        frame = frame.fillna({"exposures": 0, "conversions": 0}).reset_index()
        return frame.assign(opted_out=frame["individual_id"].isin(self.opted_out))

    @cached_property
    def clicked(self) -> set[int]:
        return set(self.response_events[self.response_events["response_type"] == "click"]["exposure_id"])


def part(values: pd.Series, names: Any) -> list[float]:
    return [float((values == name).mean()) for name in names]


def pyramid(t: Tables) -> list[list[float]]:
    band = (t.individuals["age"] // 5).clip(upper=17)
    return [
        [float(((band == at) & (t.individuals["gender"] == gender)).mean()) for at in range(18)]
        for gender in ("female", "male")
    ]


def income_by_age(t: Tables) -> list[list[float]]:
    homes = t.homes[t.homes["head_age"] >= 20]
    grouped = homes["household_income"].astype(float).groupby((homes["head_age"] // 5 * 5).clip(upper=85))
    return [grouped.quantile(at).sort_index().tolist() for at in (0.25, 0.5, 0.75)]


def activity(t: Tables, figure: dict[str, Any]) -> list[list[float]]:
    busy = t.content_engagements.groupby("individual_id").size()
    return [[float((busy >= mark).mean()) for mark in figure["x"]]]


def popularity(t: Tables, figure: dict[str, Any]) -> list[list[float]]:
    ranked = t.content_engagements["content_id"].value_counts(normalize=True).tolist()
    return [[ranked[int(rank) - 1] for rank in figure["x"]]]


def heat(t: Tables) -> list[list[float]]:
    events = t.content_engagements.merge(t.individuals[["individual_id", "household_id"]], on="individual_id")
    zones = t.homes["time_zone"].loc[events["household_id"]].to_numpy()
    grid = np.zeros((7, 24))
    for zone in set(zones):
        local = events["timestamp"][zones == zone].dt.tz_convert(zone)
        np.add.at(grid, (local.dt.dayofweek.to_numpy(), local.dt.hour.to_numpy()), 1)
    return (grid / grid.sum()).tolist()


def lift(t: Tables) -> list[list[float]]:
    rows = []
    for _, pairs in sorted(t.pairs.groupby("campaign_id")):
        arms = {arm: (len(g), int((g["conversions"] > 0).sum())) for arm, g in pairs.groupby("arm")}
        (n, k), (m, j) = arms["treatment"], arms["holdout"]
        p, q = (k + 1) / (n + 2), (j + 1) / (m + 2)
        half = 1.959964 * math.sqrt(p * (1 - p) / (n + 2) + q * (1 - q) / (m + 2))
        rows.append((k / n - j / m, p - q - half, p - q + half))
    return [list(column) for column in zip(*rows, strict=True)]


def reach_by_campaign(t: Tables) -> list[list[float]]:
    treated = t.pairs[t.pairs["arm"] == "treatment"]
    return [(treated["exposures"] > 0).groupby(treated["campaign_id"]).mean().sort_index().tolist()]


def dose(t: Tables) -> list[list[float]]:
    band = pd.cut(t.pairs["exposures"], [-1, 0, 1, 2, 3, 5, 8, 12, 255], labels=False)
    rates = (t.pairs["conversions"] > 0).groupby(band).mean()
    return [[float(rates.get(at, 0.0)) for at in range(8)]]


TYPES = (
    "single_person", "married_couple", "married_with_children", "married_with_adults", "married_with_children_and_adults",
    "cohabiting_couple", "cohabiting_with_children", "lone_parent", "lone_parent_with_adults", "parent_with_adult_children",
    "roommates", "other_relatives",
)  # fmt: skip
BRACKETS = ("under_15k", "15k_25k", "25k_35k", "35k_50k", "50k_75k", "75k_100k", "100k_150k", "150k_200k", "200k_plus")

FIGURES: dict[str, Callable[[Tables, dict[str, Any]], list[list[float]]]] = {
    "age_pyramid": lambda t, f: pyramid(t),
    "household_sizes": lambda t, f: [part(t.households["size"].clip(upper=7), range(1, 8))],
    "household_types": lambda t, f: [part(t.households["household_type"], TYPES)],
    "income_brackets": lambda t, f: [part(t.households["income_bracket"], BRACKETS)],
    "income_by_age": lambda t, f: income_by_age(t),
    "identifiers_per_person": lambda t, f: [
        part(t.people[t.people["age"] >= 13]["identifiers"].clip(upper=40), range(41))
    ],
    "people_by_identifier": lambda t, f: [
        [float((t.known[t.people["age"] >= 13][kind] > 0).mean()) for kind in IDENTIFIERS]
    ],
    "activity": activity,
    "popularity": popularity,
    "hour_by_weekday": lambda t, f: heat(t),
    "events_per_day": lambda t, f: [
        [
            float(n)
            for n in t.content_engagements.groupby(t.content_engagements["timestamp"].dt.date).size().sort_index()
        ]
    ],
    "frequency": lambda t, f: [
        part(t.campaign_exposures.groupby(["individual_id", "campaign_id"]).size().clip(upper=20), range(1, 21))
    ],
    "reach": lambda t, f: [[float((t.pairs[t.pairs["arm"] == "treatment"]["exposures"] >= k).mean()) for k in f["x"]]],
    "reach_by_campaign": lambda t, f: reach_by_campaign(t),
    "lift": lambda t, f: lift(t),
    "dose": lambda t, f: dose(t),
}

IDENTIFIERS = (
    "email", "hashed_email", "hashed_email_base64", "phone", "hashed_phone", "idfa", "gaid", "first_party_cookie", "ctv_id",
    "home_ip", "mobile_ip", "customer_id", "loyalty_id", "synthetic_rampid", "synthetic_uid2",
)  # fmt: skip


def named(prefix: str, values: pd.Series, names: Any) -> dict[str, float]:
    return {f"{prefix}.{name}": share for name, share in zip(names, part(values, names), strict=True)}


def households(t: Tables) -> dict[str, Any]:
    homes, prefix = t.homes, "households"
    bands = pd.cut(homes["head_age"], HEAD_BANDS, right=False, labels=False)
    return {
        f"{prefix}.count": len(homes),
        f"{prefix}.people_per_household": homes["size"].mean(),
        f"{prefix}.states": homes["state"].nunique(),
        f"{prefix}.city": len(homes[["city", "state"]].drop_duplicates()),
        f"{prefix}.state_shares": distance_of_states(homes["state"]),
        **named(f"{prefix}.type_shares", homes["household_type"], TYPES),
        **named(f"{prefix}.size_shares", homes["size"].clip(upper=7) - 1, range(7)),
        **named(f"{prefix}.householder_age_shares", bands, range(7)),
        **named(f"{prefix}.income_shares", homes["income_bracket"], BRACKETS),
    }


def distance_of_states(states: pd.Series) -> float:
    path = Path(__file__).parents[3] / "generation" / "verify" / "realism" / "targets.json"
    published = json.loads(path.read_text())["state_population"]["share"]
    total = sum(published.values())
    return sum(abs((states == name).mean() - part / total) for name, part in published.items()) / 2


def surnames(t: Tables) -> dict[str, Any]:
    grown = t.individuals[t.individuals["relationship"].isin(["reference_person", "spouse"])]
    married = t.households[t.households["household_type"].str.startswith("married")]["household_id"]
    grown = grown[grown["household_id"].isin(married)]
    men, women = (grown[grown["gender"] == gender] for gender in ("male", "female"))
    couples = men.merge(women, on="household_id", suffixes=("_his", "_hers"))
    same = couples["last_name_his"] == couples["last_name_hers"]
    both = couples["last_name_hers"].str.contains("-") & ~same
    return {"demographics.wife_takes_surname": same.mean(), "demographics.wife_hyphenates": both.mean()}


def identity(t: Tables) -> dict[str, Any]:
    adults, prefix = t.people["age"] >= 18, "demographics.identity"
    cookies = t.identity_mappings[t.identity_mappings["identifier_type"] == "first_party_cookie"]
    lives = cookies.sort_values("first_seen").groupby(["individual_id", "device_id"])["first_seen"].diff().dropna()
    emails = t.known["email"][adults]
    return {
        **named(f"{prefix}.emails_per_adult", emails.clip(upper=5), range(6)),
        f"{prefix}.smartphone_share": t.people["has_phone"][adults].mean(),
        f"{prefix}.ios_share": t.people["ios"].sum() / t.people["has_phone"].sum(),
        **{f"{prefix}.{kind}_household_share": (t.homes[kind] > 0).mean() for kind in SHARED},
        f"{prefix}.cookie_lifetime_days": lives.dt.total_seconds().median() / 86400,
        f"{prefix}.opt_out_share": len(t.opted_out) / t.identity_mappings["individual_id"].nunique(),
        **{f"{prefix}.coverage.{kind}": share for kind, share in coverage(t, cookies).items()},
    }


def coverage(t: Tables, cookies: pd.DataFrame) -> dict[str, float]:
    known, people = t.known, t.people
    adults, android = people["age"] >= 18, people["has_phone"] & ~people["ios"]
    owned = sum(k * share for k, share in enumerate(t.config["demographics"]["identity"]["emails_per_adult"]))
    tvs = t.devices[t.devices["device_type"] == "ctv"]["device_id"]
    seen = t.identity_mappings[t.identity_mappings["identifier_type"] == "ctv_id"]["device_id"]
    grown = people[people["age"] >= 13]
    browsers = (grown["has_phone"].astype(int) + (grown["computer"] > 0) + (grown["tablet"] > 0)).sum()
    return {
        "email": known["email"][adults].mean() / owned,
        "hashed_email": known["hashed_email"].sum() / known["email"].sum(),
        "hashed_email_base64": known["hashed_email_base64"].sum() / known["email"].sum(),
        "phone": (known["phone"][people["has_phone"]] > 0).mean(),
        "hashed_phone": known["hashed_phone"].sum() / known["phone"].sum(),
        "idfa": (known["idfa"][people["ios"]] > 0).mean(),
        "gaid": (known["gaid"][android] > 0).mean(),
        "first_party_cookie": len(cookies[["individual_id", "device_id"]].drop_duplicates()) / browsers,
        "ctv_id": tvs.isin(seen).mean(),
        "home_ip": (known["home_ip"][grown.index].groupby(grown["household_id"]).max() > 0).mean(),
        "mobile_ip": (known["mobile_ip"][people["has_phone"]] > 0).mean(),
        **{kind: (known[kind][adults] > 0).mean() for kind in IDENTIFIERS[-4:]},
    }


def engagement(t: Tables) -> dict[str, Any]:
    asked, users = t.config["engagement"], t.people[t.people["uses"]]
    first = t.content_engagements["timestamp"].min().date()
    return {
        "engagement.history_days": (pd.Timestamp(t.config["output"]["as_of"]).date() - first).days,
        "engagement.events_per_person_month": users["events"].mean() * 30 / asked["history_days"],
        "engagement.activity_sigma": sigma(users, asked["inactive_share"]),
        "engagement.inactive_share": inactive(users, asked),
        "engagement.titles": len(t.content_catalog),
        "engagement.popularity_exponent": exponent(t, asked["popularity_offset"]),
        "engagement.popularity_offset": first_tenth(t),
    }


def sigma(users: pd.DataFrame, never: float) -> float | None:
    """By inverting the normal distribution with the error function and bisection."""
    bands = pd.cut(users["age"], AGE_BANDS, right=False, labels=False)
    means = users["events"].groupby(bands).transform("mean") / (1 - never)
    active = len(users) * (1 - never)
    if active < 500:
        return None
    share, low, high = float((users["events"] > means).sum()) / active, 0.0, 8.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if 0.5 * math.erfc(middle / 2 / math.sqrt(2)) > share else (low, middle)
    return low


def inactive(users: pd.DataFrame, asked: dict[str, Any]) -> float:
    """By integrating over the log-normal rate with the trapezoidal rule."""
    z = np.linspace(-8, 8, 20_001)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    mean, s = (
        asked["events_per_person_month"] * asked["history_days"] / 30 / (1 - asked["inactive_share"]),
        asked["activity_sigma"],
    )
    chance = float((density * np.exp(-mean * np.exp(s * z - s * s / 2))).sum() * (z[1] - z[0]))
    return ((users["events"] == 0).mean() - chance) / (1 - chance)


def exponent(t: Tables, offset: float) -> float:
    """By Newton's method on the likelihood, category by category."""
    events, s = t.content_engagements["content_id"].value_counts(), 1.0
    shelves = [shelf["content_id"].to_numpy() for _, shelf in t.content_catalog.groupby("category")]
    for _ in range(50):
        slope = curve = 0.0
        for keys in shelves:
            counts, x = events.reindex(keys).fillna(0).to_numpy(), np.log(keys + offset)
            p = np.exp(-s * x) / np.exp(-s * x).sum()
            slope += (counts * x).sum() - counts.sum() * (p * x).sum()
            curve += counts.sum() * ((p * x * x).sum() - (p * x).sum() ** 2)
        s -= slope / curve
    return s


def first_tenth(t: Tables) -> float:
    return float((t.content_engagements["content_id"] <= len(t.content_catalog) // 10).mean())


def audiences(t: Tables) -> dict[str, Any]:
    marked = t.audience_attributes.set_index("individual_id")
    has = {name: marked["classifications"].map(lambda all_, name=name: name in list(all_)) for name in
           ("heavy_viewers", "lapsed_viewers", "sports_fans")}  # fmt: skip
    habits = t.viewership_patterns.set_index("individual_id")
    sports = marked["affinity_scores"].map(lambda scores: dict(scores).get("sports", 0.0))[has["sports_fans"]]
    fans = t.people["events"][has["sports_fans"][has["sports_fans"]].index]
    name = "engagement.audiences"
    return {
        f"{name}.heavy_frequency": habits["frequency"][has["heavy_viewers"].reindex(habits.index)].min(),
        f"{name}.lapsed_days": habits["recency"][has["lapsed_viewers"].reindex(habits.index)].min(),
        f"{name}.affinity": sports.min(),
        f"{name}.minimum_events": fans.min(),
    }


def campaigns(t: Tables) -> dict[str, Any]:
    treated = t.pairs[(t.pairs["arm"] == "treatment") & ~t.pairs["opted_out"]]
    adults, first = (t.people["age"] >= 18).sum(), t.campaign_exposures[t.campaign_exposures["frequency"] == 1]
    clicks = first["exposure_id"].isin(t.clicked).groupby(first["channel"]).mean()
    visits = set(t.response_events[t.response_events["response_type"] == "visit"]["exposure_id"]) - t.clicked
    signups = set(t.response_events[t.response_events["response_type"] == "signup"]["exposure_id"])
    days = (pd.to_datetime(t.campaigns["end_date"]) - pd.to_datetime(t.campaigns["start_date"])).dt.days + 1
    name = "campaigns"
    return {
        f"{name}.count": len(t.campaigns),
        f"{name}.flight_days": days.max(),
        f"{name}.eligible_share": t.pairs.groupby("campaign_id").size().sum() / len(t.campaigns) / adults,
        f"{name}.reach": (treated["exposures"] > 0).mean(),
        f"{name}.mean_frequency": treated["exposures"][treated["exposures"] > 0].mean(),
        f"{name}.frequency_cap": t.campaign_exposures["frequency"].max(),
        f"{name}.channels": ", ".join(sorted(t.campaign_exposures["channel"].unique())),
        **{f"{name}.click_rates.{channel}": rate for channel, rate in clicks.items()},
        f"{name}.visit_rate": len(visits) / (len(t.campaign_exposures) - len(t.clicked)),
        f"{name}.signup_rate": len(signups & t.clicked) / len(t.clicked) if t.clicked else None,
        **measurement(t),
        **attribution(t),
    }


def measurement(t: Tables) -> dict[str, Any]:
    asked, name = t.config["campaigns"]["measurement"], "campaigns.measurement"
    last = pd.Timestamp(t.config["output"]["as_of"]) - pd.Timedelta(days=14)
    ended = t.campaigns[pd.to_datetime(t.campaigns["end_date"]) <= last]["campaign_id"]
    pairs = t.pairs[t.pairs["campaign_id"].isin(ended)]
    out, treated = (pairs[pairs["arm"] == arm] for arm in ("holdout", "treatment"))
    base, raised = (out["conversions"] > 0), (treated["conversions"] > 0)
    dose = (treated["exposures"] / (treated["exposures"] + asked["saturation_exposures"])).mean()
    enough = min(base.sum(), raised.sum()) >= 20
    return {
        f"{name}.holdout_share": (t.pairs["arm"] == "holdout").mean(),
        f"{name}.conversion_rate": base.mean(),
        f"{name}.lift": raised.mean() / base.mean() - 1 if enough else None,
        f"{name}.saturation_exposures": dose,
    }


def attribution(t: Tables) -> dict[str, Any]:
    name = "campaigns.attribution"
    found = t.outcome_metrics.merge(t.response_events, on="response_id", suffixes=("", "_response"))
    found = found[found["response_type"] == "conversion"].merge(
        t.campaign_exposures[["exposure_id", "timestamp"]], on="exposure_id", suffixes=("", "_exposure")
    )
    days = (found["timestamp"] - found["timestamp_exposure"]).dt.total_seconds() / 86400
    was_clicked = found["exposure_id"].isin(t.clicked)
    return {
        f"{name}.model": ", ".join(sorted(t.outcome_metrics["attribution_model"].unique())),
        f"{name}.click_window_days": days[was_clicked].max() if was_clicked.any() else None,
        f"{name}.view_window_days": days[~was_clicked].max() if (~was_clicked).any() else None,
    }


def knobs(t: Tables) -> dict[str, Any]:
    """What was found of every setting."""
    return {**households(t), **surnames(t), **identity(t), **engagement(t), **audiences(t), **campaigns(t)}
