"""How a step's questions are laid out: what most people want to decide first, rare ones folded away below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from webapp.steps import Step


@dataclass(frozen=True)
class Fold:
    """Questions that open when somebody wants them."""

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """Questions that belong together."""

    title: str
    lead: str
    names: tuple[str, ...]
    folds: tuple[Fold, ...] = ()

    @property
    def all_names(self) -> tuple[str, ...]:
        """The block's questions, folded or not."""
        return (*self.names, *(name for fold in self.folds for name in fold.names))


BLOCKS: Final[Mapping[Step, tuple[Block, ...]]] = {
    Step.HOUSEHOLDS: (
        Block(
            "How many, and how large",
            "",
            ("households.count", "households.people_per_household"),
            (
                Fold("Mix of household types", ("households.type_shares",)),
                Fold("Sizes of households", ("households.size_shares",)),
            ),
        ),
        Block(
            "A market of its own",
            "The US mix follows from who lives together. Change these where your market differs.",
            (),
            (
                Fold("Ages of householders", ("households.householder_age_shares",)),
                Fold("Incomes", ("households.income_shares",)),
            ),
        ),
        Block(
            "Where",
            "",
            (),
            (Fold("Only some states", ("households.states",)), Fold("Only one city", ("households.city",))),
        ),
    ),
    Step.DEMOGRAPHICS: (
        Block(
            "Devices",
            "What people and households have decides which identifiers they leave behind.",
            (
                "demographics.identity.smartphone_share",
                "demographics.identity.ios_share",
                "demographics.identity.ctv_household_share",
            ),
            (
                Fold(
                    "Tablets and computers",
                    (
                        "demographics.identity.tablet_household_share",
                        "demographics.identity.computer_household_share",
                    ),
                ),
            ),
        ),
        Block(
            "Identifiers",
            "How hard the graph is to put together again.",
            ("demographics.identity.cookie_lifetime_days", "demographics.identity.opt_out_share"),
            (
                Fold("How much of each identifier is known", ("demographics.identity.coverage",)),
                Fold("E-mail addresses per adult", ("demographics.identity.emails_per_adult",)),
            ),
        ),
        Block(
            "Identity resolution",
            "What source systems wrote down of people, with errors of known kind, and the answer key.",
            ("demographics.sources.enabled",),
            (
                Fold(
                    "Sources",
                    (
                        "demographics.sources.coverage",
                        "demographics.sources.repeat_share",
                        "demographics.sources.quality",
                        "demographics.sources.stale_share",
                    ),
                ),
                Fold("Errors", ("demographics.sources.noise", "demographics.sources.correlation")),
                Fold("Hard cases", ("demographics.sources.hard_cases",)),
            ),
        ),
        Block(
            "The graph in time",
            "How identifiers, homes and profiles changed, and how sure each edge is.",
            ("demographics.graph.enabled",),
            (
                Fold(
                    "Profiles and edges",
                    (
                        "demographics.graph.new_profile_share",
                        "demographics.graph.wrong_merge_share",
                        "demographics.graph.inferred_share",
                        "demographics.graph.false_edge_share",
                    ),
                ),
            ),
        ),
        Block(
            "Names",
            "",
            (),
            (Fold("Surnames of couples", ("demographics.wife_takes_surname", "demographics.wife_hyphenates")),),
        ),
    ),
    Step.ENGAGEMENT: (
        Block(
            "Activity",
            "",
            ("engagement.events_per_person_month", "engagement.history_days", "engagement.inactive_share"),
            (Fold("How activity differs between people", ("engagement.activity_sigma",)),),
        ),
        Block(
            "Content",
            "",
            ("engagement.titles",),
            (
                Fold(
                    "How popularity differs between titles",
                    ("engagement.popularity_exponent", "engagement.popularity_offset"),
                ),
            ),
        ),
        Block(
            "Audiences",
            "From where on somebody belongs to a segment. People are in every segment that applies to them.",
            (
                "engagement.audiences.heavy_frequency",
                "engagement.audiences.affinity",
                "engagement.audiences.lapsed_days",
            ),
            (Fold("Small numbers", ("engagement.audiences.minimum_events",)),),
        ),
    ),
    Step.CAMPAIGNS: (
        Block(
            "Campaigns",
            "",
            ("campaigns.count", "campaigns.flight_days", "campaigns.channels"),
            (Fold("The same campaigns over other people", ("campaigns.plan_seed",)),),
        ),
        Block(
            "Reach and frequency",
            "",
            ("campaigns.eligible_share", "campaigns.reach", "campaigns.mean_frequency"),
            (
                Fold("Limit of exposures", ("campaigns.frequency_cap",)),
                Fold(
                    "Delivery to the specification",
                    (
                        "campaigns.delivery.enabled",
                        "campaigns.delivery.channel_shares",
                        "campaigns.delivery.frequency_shape",
                        "campaigns.delivery.channel_cap",
                        "campaigns.delivery.household_ctv_cap",
                        "campaigns.delivery.day_parts",
                        "campaigns.delivery.bot_share",
                    ),
                ),
            ),
        ),
        Block(
            "The true effect",
            "Built in, and written down in the truth tables: a measurement that works finds it again.",
            (
                "campaigns.measurement.enabled",
                "campaigns.measurement.lift",
                "campaigns.measurement.conversion_rate",
                "campaigns.measurement.holdout_share",
            ),
            (
                Fold("How soon the effect is reached", ("campaigns.measurement.saturation_exposures",)),
                Fold(
                    "What misleads a measurement",
                    (
                        "campaigns.measurement.confounding",
                        "campaigns.measurement.intent_spread",
                        "campaigns.measurement.null_share",
                        "campaigns.measurement.spillover",
                        "campaigns.measurement.same_device_share",
                    ),
                ),
            ),
        ),
        Block(
            "Responses",
            "",
            ("campaigns.attribution.model", "campaigns.attribution.enabled"),
            (
                Fold(
                    "Clicks, visits and sign-ups",
                    ("campaigns.click_rates", "campaigns.visit_rate", "campaigns.signup_rate"),
                ),
                Fold(
                    "Attribution windows",
                    ("campaigns.attribution.click_window_days", "campaigns.attribution.view_window_days"),
                ),
            ),
        ),
    ),
    Step.REVIEW: (
        Block(
            "The dataset",
            "",
            ("output.name", "output.seed"),
            (
                Fold("If a dataset of this name is there already", ("output.mode",)),
                Fold("Place in Unity Catalog", ("output.catalog", "output.schema_name")),
                Fold("Date and units of work", ("output.as_of", "output.unit_households")),
            ),
        ),
    ),
}
