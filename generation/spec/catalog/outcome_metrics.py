"""Outcome metrics: credit under the configured attribution model."""

from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, DOUBLE, MONEY, STRING

CONVERSION_STATUSES = ("converted", "not_converted")
ATTRIBUTION_MODELS = ("first_touch", "last_touch", "linear", "time_decay", "position_based")

OUTCOME_METRICS = Table(
    name="outcome_metrics",
    comment="Credit of exposures for responses under the configured attribution model; one row a credited touch.",
    primary_key="outcome_id",
    foreign_keys=(
        ForeignKey("response_id", "response_events", "response_id"),
        ForeignKey("exposure_id", "campaign_exposures", "exposure_id"),
    ),
    columns=(
        Column("outcome_id", BIGINT, "Key of the outcome: response_id * 256 + number of the touch."),
        Column("response_id", BIGINT, "The response that is credited."),
        Column("exposure_id", BIGINT, "The exposure that gets the credit."),
        Column("conversion_status", STRING, "Whether the response is a conversion.", values=CONVERSION_STATUSES),
        Column("revenue", MONEY, "This touch's share of the response's value, US dollars."),
        Column("attribution_weight", DOUBLE, "This touch's share of the credit; the touches of a conversion sum to 1."),
        Column("attribution_model", STRING, "The model that gave the credit.", values=ATTRIBUTION_MODELS),
    ),
)
