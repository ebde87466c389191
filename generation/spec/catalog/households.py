"""Households: where people live together."""

from generation.spec.table import Column, Table
from generation.spec.types import BIGINT, DOUBLE, INT, MONEY, STRING, TIMESTAMP, Field, Struct

INCOME_BRACKETS = (
    "under_15k", "15k_25k", "25k_35k", "35k_50k", "50k_75k", "75k_100k", "100k_150k", "150k_200k", "200k_plus",
)  # fmt: skip
HOUSEHOLD_TYPES = (
    "single_person", "married_couple", "married_with_children", "married_with_adults", "married_with_children_and_adults",
    "cohabiting_couple", "cohabiting_with_children", "lone_parent", "lone_parent_with_adults", "parent_with_adult_children",
    "roommates", "other_relatives",
)  # fmt: skip
TENURES = ("owner", "renter")

HOUSEHOLDS = Table(
    name="households",
    comment="Consumer households with their place, income and composition; one row a household.",
    primary_key="household_id",
    columns=(
        Column("household_id", BIGINT, "Key of the household, counting from 1."),
        Column(
            "location",
            Struct(
                (
                    Field("city", STRING, "City or post office name of the ZIP code."),
                    Field("state", STRING, "Two-letter US state code (District of Columbia: DC)."),
                    Field("postal_code", STRING, "Five-digit ZIP code."),
                    Field("latitude", DOUBLE, "Degrees north, scattered about the ZIP code's centre."),
                    Field("longitude", DOUBLE, "Degrees east, scattered about the ZIP code's centre."),
                    Field("time_zone", STRING, "IANA time zone of the ZIP code."),
                )
            ),
            "Where the household lives; the parts agree with each other.",
        ),
        Column("income_bracket", STRING, "Bracket of household_income, US dollars a year.", values=INCOME_BRACKETS),
        Column("household_income", MONEY, "Money income of all members, US dollars a year."),
        Column("size", INT, "Number of people living in the household."),
        Column("household_type", STRING, "Who lives together.", values=HOUSEHOLD_TYPES),
        Column("tenure", STRING, "Whether the home is owned or rented.", values=TENURES),
        Column("created_at", TIMESTAMP, "When the household's record began, UTC; before the history window."),
    ),
)
