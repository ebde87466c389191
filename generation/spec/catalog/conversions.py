"""Conversions: the advertiser's whole log, exposed or not."""

from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, MONEY, STRING, TIMESTAMP

CONVERSIONS = Table(
    name="conversions",
    comment="All conversions the advertisers logged, of exposed and unexposed people; one row a conversion.",
    primary_key="conversion_id",
    home="supporting",
    foreign_keys=(
        ForeignKey("individual_id", "individuals", "individual_id"),
        ForeignKey("campaign_id", "campaigns", "campaign_id"),
        ForeignKey("device_id", "devices", "device_id"),
    ),
    columns=(
        Column("conversion_id", BIGINT, "Key of the conversion: (individual_id * 512 + campaign_id) * 4 + number."),
        Column("individual_id", BIGINT, "Who converted."),
        Column("campaign_id", BIGINT, "The campaign whose goal was met."),
        Column("advertiser", STRING, "The advertiser who logged it."),
        Column(
            "device_id",
            BIGINT,
            "The person's device that the order was placed on, often another than the exposures'; null in a shop.",
            nullable=True,
        ),
        Column("timestamp", TIMESTAMP, "When, UTC; from the flight's start to as_of."),
        Column("value", MONEY, "Order value, US dollars."),
    ),
)
