"""Attribution credits: the credit of every touch of a conversion, under every model."""

from generation.spec.catalog.campaigns import CHANNELS
from generation.spec.catalog.outcome_metrics import ATTRIBUTION_MODELS
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, DOUBLE, INT, MONEY, STRING

CREDIT_MODELS = (*ATTRIBUTION_MODELS, "removal_effect")
CREDIT_UNITS = ("person", "household")

ATTRIBUTION_CREDITS = Table(
    name="attribution_credits",
    comment="Credit of exposures for conversions under every attribution model; one row a credited touch, unit "
    "and model. A conversion without a touch in its window is organic and has no row.",
    primary_key="credit_id",
    axis="summary",
    home="supporting",
    growth="recomputed",
    section="campaigns.attribution",
    foreign_keys=(
        ForeignKey("conversion_id", "conversions", "conversion_id"),
        ForeignKey("exposure_id", "campaign_exposures", "exposure_id"),
    ),
    columns=(
        Column(
            "credit_id",
            BIGINT,
            "Key of the credit: exposure_id * 256 + number of the converting person at home * 16 + 8 for unit household "
            "+ number of the model.",
        ),
        Column("conversion_id", BIGINT, "The conversion that is credited."),
        Column("exposure_id", BIGINT, "The exposure that gets the credit."),
        Column("channel", STRING, "The exposure's channel.", values=CHANNELS),
        Column(
            "unit",
            STRING,
            "Whose exposures are touches: the converting person's, or those of everybody in the household.",
            values=CREDIT_UNITS,
        ),
        Column("model", STRING, "The model that gives the credit.", values=CREDIT_MODELS),
        Column("touch", INT, "Number of the exposure among the conversion's touches, 1 the first."),
        Column("touches", INT, "Touches of the conversion: exposures before it that are inside their window."),
        Column("weight", DOUBLE, "Share of the credit; the touches of a conversion sum to 1 for each unit and model."),
        Column("revenue", MONEY, "Share of the conversion's value, US dollars, to the cent."),
    ),
)
