"""Campaign assignments: the randomised arms."""

from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, STRING, TIMESTAMP

ARMS = ("treatment", "holdout")

CAMPAIGN_ASSIGNMENTS = Table(
    name="campaign_assignments",
    comment="Eligible people of every campaign with their randomised arm; one row a person and campaign.",
    primary_key="assignment_id",
    home="supporting",
    foreign_keys=(
        ForeignKey("individual_id", "individuals", "individual_id"),
        ForeignKey("campaign_id", "campaigns", "campaign_id"),
    ),
    columns=(
        Column("assignment_id", BIGINT, "Key of the assignment: individual_id * 512 + campaign_id."),
        Column("individual_id", BIGINT, "The eligible person."),
        Column("campaign_id", BIGINT, "The campaign."),
        Column("arm", STRING, "Randomised arm; holdout people get no exposure.", values=ARMS),
        Column(
            "ghost_impression_at",
            TIMESTAMP,
            "When a held-out person would have been exposed first, UTC; null in the treatment arm and without opportunity.",
            nullable=True,
        ),
    ),
)
