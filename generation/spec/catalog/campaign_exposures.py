"""Campaign exposures: the delivered impressions."""

from generation.spec.catalog.campaigns import CHANNELS
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP

IVT_CLASSES = ("valid", "givt", "sivt")

CAMPAIGN_EXPOSURES = Table(
    name="campaign_exposures",
    comment="Delivered impressions; one row an exposure of a person to a campaign.",
    primary_key="exposure_id",
    foreign_keys=(
        ForeignKey("individual_id", "individuals", "individual_id"),
        ForeignKey("campaign_id", "campaigns", "campaign_id"),
        ForeignKey("device_id", "devices", "device_id"),
        ForeignKey("mapping_id", "identity_mappings", "mapping_id"),
    ),
    columns=(
        Column("exposure_id", BIGINT, "Key of the exposure: (individual_id * 512 + campaign_id) * 256 + frequency."),
        Column("individual_id", BIGINT, "Who was exposed."),
        Column("campaign_id", BIGINT, "To which campaign."),
        Column("timestamp", TIMESTAMP, "When, UTC; inside the flight."),
        Column("channel", STRING, "Through which channel.", values=CHANNELS),
        Column("frequency", INT, "1 for the person's first exposure to the campaign, 2 for the second, ..."),
        Column("device_id", BIGINT, "On which device."),
        Column("mapping_id", BIGINT, "The identifier that was targeted; null when none was usable.", nullable=True),
        Column("creative", STRING, "Name of the creative shown."),
        Column("in_view_pct", DOUBLE, "Largest share of the creative's pixels in view, 0 to 1."),
        Column("in_view_ms", INT, "Time in view, milliseconds."),
        Column(
            "is_viewable", BOOLEAN, "At least half the pixels in view for 1 second (2 seconds for video): MRC rule."
        ),
        Column(
            "ivt_class",
            STRING,
            "Invalid-traffic class: valid, general (givt) or sophisticated (sivt).",
            values=IVT_CLASSES,
        ),
    ),
)
