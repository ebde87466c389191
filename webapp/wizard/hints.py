"""What pages say about settings beyond their name and bounds: what changes when one is turned. Others have the
configuration's own description.
"""

from __future__ import annotations

from typing import Final

HINTS: Final = {
    "households.count": "Everything else grows with it: by default each household brings about 2.4 people and 110 rows.",
    "households.people_per_household": "On average. More means more families, fewer means more people living alone. Leave it "
    "empty for the US mix, about 2.4.",
    "households.type_shares": "The US mix, unless you change it.",
    "households.size_shares": "The US mix follows from the household types. Change one of the two, not both.",
    "households.householder_age_shares": "Of the person a household is named after: the US mix, unless you change it.",
    "households.income_shares": "The US mix, unless you change it. Incomes differ by the age and schooling of who lives there.",
    "households.city": "Like Austin, TX: every household lives there. Leave it empty for all of the states.",
    "households.states": "Tick none for the whole US. Otherwise only these, weighted by population.",
    "demographics.wife_takes_surname": "Of married women with a husband. The others keep their name, or take both.",
    "demographics.wife_hyphenates": "Of married women with a husband. Names that change and double are hard to match.",
    "demographics.identity.smartphone_share": "Phones carry mobile ad IDs, mobile IP addresses and cookies.",
    "demographics.identity.ios_share": "The others run Android. iOS phones have an IDFA, Android phones a GAID.",
    "demographics.identity.ctv_household_share": "Households with at least one. Everybody who lives there shares its ID.",
    "demographics.identity.tablet_household_share": "Households with at least one. Its browser has a cookie for each user.",
    "demographics.identity.computer_household_share": "Households with at least one. Its browser has a cookie for each user.",
    "demographics.identity.cookie_lifetime_days": "Typical time until a browser's first-party cookie is reset. Shorter means "
    "more cookies per person, and harder matching.",
    "demographics.identity.opt_out_share": "Within the history window. From that moment on they are not tracked, and see no "
    "campaign.",
    "demographics.identity.coverage": "For which part of those who have one it is known. Lower means larger gaps between what "
    "people have and what you can match.",
    "demographics.identity.emails_per_adult": "More addresses per person means more identifiers to tie together.",
    "demographics.sources.enabled": "Adds a table of records from seven source systems, and who each record truly is.",
    "demographics.sources.coverage": "Lower means fewer records per person. 0: the source has none.",
    "demographics.sources.quality": "100%: the source makes no error. 0%: every error as often as given below.",
    "demographics.sources.stale_share": "Of records from before a move.",
    "demographics.sources.noise": "Of cells, in a source that prevents no error. Default: as registers and censuses report.",
    "demographics.sources.correlation": "0: errors fall anywhere. Higher: some records are wrong in many cells.",
    "demographics.sources.hard_cases": "Of records that can be in one. More of them lets families and firms run together.",
    "demographics.graph.enabled": "Adds what happened to identifiers, people and profiles, and edges with their truth.",
    "demographics.graph.new_profile_share": "More means more profiles of one person that have to be merged.",
    "demographics.graph.wrong_merge_share": "Two people in one profile. Most are split within a month.",
    "demographics.graph.inferred_share": "More means more probabilistic edges beside those that rest on a login.",
    "demographics.graph.false_edge_share": "Of the probabilistic edges. Their confidences follow: one with 0.9 is correct nine "
    "times in ten.",
    "engagement.history_days": "Events and campaigns lie within it. It ends on the date of the dataset.",
    "engagement.events_per_person_month": "What people of 13 or older with a device watch, read and play. This decides the size "
    "of the largest table.",
    "engagement.activity_sigma": "0: everybody is equally active. Higher: few people cause most of the events. It is the "
    "standard deviation of log activity.",
    "engagement.inactive_share": "They never engage. The others make up for it: the mean stays.",
    "engagement.titles": "What there is to watch, read and play.",
    "engagement.popularity_exponent": "0: all titles are equally popular. Higher: few hits draw most of the events. The exponent "
    "of the Zipf-Mandelbrot law.",
    "engagement.popularity_offset": "Higher: the very top stands out less from what follows. The offset of the same law.",
    "engagement.audiences.heavy_frequency": "From so many events in 30 days on somebody is a heavy viewer.",
    "engagement.audiences.affinity": "From this share of their time on somebody is a fan of sports, news or gaming.",
    "engagement.audiences.minimum_events": "With fewer events nobody is a fan of anything.",
    "engagement.audiences.lapsed_days": "Days without any event.",
    "campaigns.count": "0: none, and empty tables of what follows from them.",
    "campaigns.plan_seed": "Names, dates, targets and channels follow from it. Give it, and change the seed of the dataset: the "
    "same campaigns meet other people. Leave it empty to have it follow the dataset's.",
    "campaigns.flight_days": "How long each campaign runs. It has to fit into the history window.",
    "campaigns.channels": "Each campaign runs on some of them.",
    "campaigns.eligible_share": "Roughly the share of adults that the target criteria of a campaign select.",
    "campaigns.reach": "Of those who are eligible and not held out, how many see it at least once.",
    "campaigns.mean_frequency": "How often those who are reached see it, on average.",
    "campaigns.frequency_cap": "The most that anybody sees it. Needs to be over twice the mean.",
    "campaigns.click_rates": "Of first exposures on a channel, how many are clicked.",
    "campaigns.visit_rate": "Of all exposures, how many are followed by a visit to the site without a click.",
    "campaigns.signup_rate": "Of clicks, how many are followed by a sign-up.",
    "campaigns.measurement.holdout_share": "Chosen at random and never exposed. Comparing with them measures the effect.",
    "campaigns.measurement.conversion_rate": "Of eligible people who see nothing of the campaign.",
    "campaigns.measurement.lift": "How much likelier a conversion becomes at full exposure. 30% turns a rate of 2% into 2.6%. "
    "This is the true effect your measurement should find.",
    "campaigns.measurement.enabled": "Adds what everybody would have done with and without the campaign, and the true lift.",
    "campaigns.measurement.confounding": "1.5: people who are reached would buy half as often again anyway.",
    "campaigns.measurement.spillover": "0.3: an exposure of somebody else at home counts as three tenths of an own one.",
    "campaigns.measurement.same_device_share": "Of orders that an exposure on a phone, tablet or computer caused; the others, and "
    "all that a TV caused, are placed on another device.",
    "campaigns.delivery.enabled": "Reach and mean frequency come out as you ask for them, channels have their shares and limits, "
    "and a table of what bots were served is added.",
    "campaigns.delivery.channel_shares": "Weights: of a campaign's channels, a person sees those that reach them in this "
    "proportion.",
    "campaigns.delivery.frequency_shape": "Lower: few people see most of the impressions. The shape of a negative binomial.",
    "campaigns.delivery.channel_cap": "The most that anybody sees of a campaign on one channel.",
    "campaigns.delivery.household_ctv_cap": "The most that a household sees of a campaign on its TVs, all members together.",
    "campaigns.delivery.day_parts": "Weights, by local time. At 0 nothing is delivered in that part of the day.",
    "campaigns.delivery.bot_share": "Of all impressions served. They are in a table of their own, and reach nobody.",
    "campaigns.attribution.enabled": "Adds a table with the credit of every touch under six models, to compare them.",
    "campaigns.measurement.saturation_exposures": "Fewer: the first exposures already do most of the work.",
    "campaigns.attribution.model": "How the credit for a conversion is shared between the touches before it.",
    "campaigns.attribution.click_window_days": "A conversion counts for so long after a clicked exposure.",
    "campaigns.attribution.view_window_days": "A conversion counts for so long after an exposure without a click.",
    "output.name": "Its folder and its entry in the history are called so.",
    "output.seed": "The same settings and seed give the same rows, on any machine and on any day.",
    "output.as_of": "The dataset's today: its last event is on the day before.",
    "output.mode": "What happens when a dataset of this name is there already.",
    "output.unit_households": "Smaller units take less memory and save progress more often. The rows stay the same.",
}
"""By setting."""

OPTION_HINTS: Final = {
    "output.mode": {
        "create": "A new dataset. One that is there already is left alone.",
        "regenerate": "A new version of every table. Earlier versions stay readable by time travel.",
        "append": "More households for the dataset that is there. Its rows stay as they are.",
    },
    "campaigns.attribution.model": {
        "first_touch": "All of it goes to the first.",
        "last_touch": "All of it goes to the last.",
        "linear": "Each touch gets the same.",
        "time_decay": "Later touches get more.",
        "position_based": "First and last get most, those between share the rest.",
    },
}
"""By setting and choice; choices with hints are shown all at once."""

ROW_LABELS: Final = {
    "households.type_shares": "Type",
    "demographics.identity.coverage": "Identifier",
    "demographics.identity.emails_per_adult": "Addresses",
    "demographics.sources.coverage": "Source",
    "demographics.sources.quality": "Source",
    "demographics.sources.noise": "Kind of error",
    "demographics.sources.hard_cases": "Hard case",
    "campaigns.click_rates": "Channel",
    "campaigns.delivery.channel_shares": "Channel",
}
"""What the rows of a set of shares are."""
