"""Campaign lift: the true effect of every campaign, channel and segment."""

from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, DOUBLE, MONEY, STRING

BREAKDOWNS = ("campaign", "channel", "segment")

CAMPAIGN_LIFT = Table(
    name="campaign_lift",
    comment="True effect of every campaign: in all, by channel and by audience segment; one row a group.",
    primary_key="lift_id",
    axis="summary",
    home="truth",
    growth="recomputed",
    section="campaigns.measurement",
    foreign_keys=(ForeignKey("campaign_id", "campaigns", "campaign_id"),),
    columns=(
        Column("lift_id", BIGINT, "Key of the group: campaign_id * 64 + number of the group."),
        Column("campaign_id", BIGINT, "The campaign."),
        Column("breakdown", STRING, "What the group is of.", values=BREAKDOWNS),
        Column("group_name", STRING, "The channel or segment; all for the whole campaign."),
        Column("eligible", BIGINT, "People of the group in both arms; of a channel those exposed on it."),
        Column("treated", BIGINT, "Those in the treatment arm."),
        Column("reached", BIGINT, "Those with exposures, ghost ones of the holdout included."),
        Column("baseline_conversions", BIGINT, "Reached people who convert without own exposures."),
        Column("itt", DOUBLE, "Mean of y1 - y0 over eligible people; null for channels, by which nobody is randomised.",
               nullable=True),
        Column("att", DOUBLE, "Mean of y1 - y0 over reached people; of a channel only what its exposures caused. Null "
               "where nobody is reached.", nullable=True),
        Column("relative_lift", DOUBLE, "Caused over baseline conversions of reached people; null without the latter.",
               nullable=True),
        Column("incremental_conversions", BIGINT, "Conversions that the campaign caused in the treatment arm."),
        Column("incremental_revenue", MONEY, "Their value, US dollars."),
        Column("spillover_conversions", BIGINT, "Conversions that exposures of others at home caused, in both arms; 0 for "
               "channels."),
    ),
)  # fmt: skip
