"""Bot impressions: what was served and billed, and no person saw."""

from generation.spec.catalog.campaigns import CHANNELS
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP

BOT_CLASSES = ("givt", "sivt")
BOT_ORIGINS = ("data_center", "declared_crawler", "spoofed_device", "hijacked_device")

BOT_IMPRESSIONS = Table(
    name="bot_impressions",
    comment="Impressions that were served to bots; one row an impression. Nobody saw them: they have no person, household or "
    "device, and reach nobody.",
    primary_key="impression_id",
    axis="summary",
    home="supporting",
    section="campaigns.delivery",
    foreign_keys=(ForeignKey("campaign_id", "campaigns", "campaign_id"),),
    columns=(
        Column("impression_id", BIGINT, "Key of the impression; tells nothing."),
        Column("campaign_id", BIGINT, "Which campaign paid for it."),
        Column("timestamp", TIMESTAMP, "When, UTC; inside the flight, at any hour alike."),
        Column("channel", STRING, "Through which channel.", values=CHANNELS),
        Column("creative", STRING, "Name of the creative served."),
        Column("ivt_class", STRING, "Invalid-traffic class: general (givt) or sophisticated (sivt).", values=BOT_CLASSES),
        Column("origin", STRING, "What asked for it: the first two are general, the others sophisticated.", values=BOT_ORIGINS),
        Column("ip_address", STRING, "Address of the request, of a range kept for documentation."),
        Column("in_view_pct", DOUBLE, "Share of the creative's pixels reported in view, 0 to 1."),
        Column("in_view_ms", INT, "Time reported in view, milliseconds."),
        Column("is_viewable", BOOLEAN, "Whether the report meets the MRC rule, as an exposure's."),
    ),
)  # fmt: skip
