"""Response events: what followed an exposure."""

from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, MONEY, STRING, TIMESTAMP

RESPONSE_TYPES = ("click", "visit", "signup", "conversion")

RESPONSE_EVENTS = Table(
    name="response_events",
    comment="Responses that follow an exposure of the same person to the same campaign; one row a response.",
    primary_key="response_id",
    foreign_keys=(
        ForeignKey("individual_id", "individuals", "individual_id"),
        ForeignKey("campaign_id", "campaigns", "campaign_id"),
        ForeignKey("exposure_id", "campaign_exposures", "exposure_id"),
        ForeignKey("conversion_id", "conversions", "conversion_id"),
    ),
    columns=(
        Column("response_id", BIGINT, "Key of the response: exposure_id * 8 + number of the type."),
        Column("individual_id", BIGINT, "Who responded."),
        Column("campaign_id", BIGINT, "To which campaign."),
        Column(
            "exposure_id", BIGINT, "The exposure the response follows; for a conversion the last touch in its window."
        ),
        Column("response_type", STRING, "What happened.", values=RESPONSE_TYPES),
        Column("timestamp", TIMESTAMP, "When, UTC; after the exposure and inside its window."),
        Column("value", MONEY, "Order value, US dollars; 0.00 unless a conversion."),
        Column("conversion_id", BIGINT, "The conversion this response is; null for other responses.", nullable=True),
    ),
)
