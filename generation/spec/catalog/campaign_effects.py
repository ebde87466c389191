"""Campaign effects: both potential outcomes of every eligible person and campaign."""

from generation.spec.catalog.campaign_assignments import ARMS
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, DOUBLE, INT, MONEY, STRING

CAUSES = ("campaign", "household", "baseline", "none")

CAMPAIGN_EFFECTS = Table(
    name="campaign_effects",
    comment="What every eligible person would do with and without the campaign; one row a person and campaign.",
    primary_key="effect_id",
    home="truth",
    section="campaigns.measurement",
    foreign_keys=(
        ForeignKey("effect_id", "campaign_assignments", "assignment_id"),
        ForeignKey("individual_id", "individuals", "individual_id"),
        ForeignKey("campaign_id", "campaigns", "campaign_id"),
        ForeignKey("caused_by", "campaign_exposures", "exposure_id"),
    ),
    columns=(
        Column("effect_id", BIGINT, "Key of the effect; equals assignment_id."),
        Column("individual_id", BIGINT, "The eligible person."),
        Column("campaign_id", BIGINT, "The campaign."),
        Column("arm", STRING, "Randomised arm.", values=ARMS),
        Column(
            "exposures",
            INT,
            "Exposures in the treatment arm; for a held-out person the ghost ones they would have had.",
        ),
        Column(
            "household_exposures",
            INT,
            "Exposures of the other members of the household in their arms; 0 unless campaigns.measurement.spillover is set.",
        ),
        Column("intent", DOUBLE, "Inclination to convert; 1 on average."),
        Column("p0", DOUBLE, "Chance to convert without own exposures; the others at home have theirs."),
        Column("p1", DOUBLE, "Chance to convert with these exposures; the others at home have theirs."),
        Column("y0", INT, "1 if the person converts without own exposures, else 0."),
        Column("y1", INT, "1 if the person converts with these exposures, else 0; never below y0."),
        Column("y", INT, "1 if the person converts in their arm, else 0: y1 in treatment, y0 in holdout."),
        Column(
            "cause",
            STRING,
            "What made the person convert in their arm: campaign, own exposures; household, those of others at home.",
            values=CAUSES,
        ),
        Column(
            "caused_by",
            BIGINT,
            "The exposure that caused the conversion, of the person or for cause household of another member; else null.",
            nullable=True,
        ),
        Column("value", MONEY, "Value of the order, US dollars, should the person convert."),
    ),
)
