"""Individuals: the people, the true identities of the graph."""

from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, DATE, INT, STRING

RELATIONSHIPS = (
    "reference_person", "spouse", "unmarried_partner", "child", "grandchild", "parent", "other_relative", "roommate",
)  # fmt: skip
GENDERS = ("female", "male")
EDUCATIONS = (
    "not_finished_school", "less_than_9th_grade", "some_high_school", "high_school", "some_college", "associate",
    "bachelor", "graduate",
)  # fmt: skip
EMPLOYMENTS = (
    "under_16", "full_time", "part_time", "self_employed", "armed_forces", "unemployed", "student", "retired", "disabled",
    "homemaker",
)  # fmt: skip
MARITAL_STATUSES = ("never_married", "married", "divorced", "widowed")

INDIVIDUALS = Table(
    name="individuals",
    comment="People of the households; one row a person.",
    primary_key="individual_id",
    foreign_keys=(ForeignKey("household_id", "households", "household_id"),),
    columns=(
        Column("individual_id", BIGINT, "Key of the person: household_id * 16 + place in the household."),
        Column("household_id", BIGINT, "The household the person lives in."),
        Column("relationship", STRING, "Relationship to the household's reference person.", values=RELATIONSHIPS),
        Column("first_name", STRING, "Given name, drawn by gender and decade of birth."),
        Column("last_name", STRING, "Surname; families share one as families do."),
        Column("birth_date", DATE, "Date of birth; agrees with age at the dataset's as_of date."),
        Column("age", INT, "Completed years at the dataset's as_of date."),
        Column("gender", STRING, "Gender.", values=GENDERS),
        Column("education", STRING, "Highest attainment; not_finished_school below 18.", values=EDUCATIONS),
        Column("employment", STRING, "Employment status; under_16 below working age.", values=EMPLOYMENTS),
        Column("marital_status", STRING, "Legal marital status.", values=MARITAL_STATUSES),
        Column("moved_in", DATE, "When the person moved into the household's home, or was born into it."),
    ),
)
