"""Campaigns: who advertised what to whom, when and how."""

from generation.spec.table import Column, Table
from generation.spec.types import BIGINT, DATE, DOUBLE, INT, MONEY, STRING, Array, Field, Struct

CHANNELS = ("display", "social", "online_video", "audio", "native", "email", "search", "ctv")
VERTICALS = ("impulse_retail", "general_ecommerce", "travel_auto", "finance_lead")

CAMPAIGNS = Table(
    name="campaigns",
    comment="Advertising campaigns; one row a campaign.",
    primary_key="campaign_id",
    axis="whole",
    columns=(
        Column("campaign_id", BIGINT, "Key of the campaign, counting from 1."),
        Column("name", STRING, "Invented campaign name."),
        Column("advertiser", STRING, "Invented advertiser."),
        Column("vertical", STRING, "Line of business; decides conversion lag and order value.", values=VERTICALS),
        Column("start_date", DATE, "First day of the flight, UTC."),
        Column("end_date", DATE, "Last day of the flight, UTC, inclusive."),
        Column(
            "target_criteria",
            Struct(
                (
                    Field("min_age", INT, "Youngest targeted age, inclusive."),
                    Field("max_age", INT, "Oldest targeted age, inclusive."),
                    Field("genders", Array(STRING), "Targeted genders; empty means all."),
                    Field("states", Array(STRING), "Targeted states; empty means all."),
                    Field("income_brackets", Array(STRING), "Targeted income brackets; empty means all."),
                    Field("segments", Array(STRING), "Targeted demographic segments (any of them); empty means all."),
                )
            ),
            "Who is eligible; every part must hold.",
        ),
        Column("channels", Array(STRING), "Channels the campaign runs on."),
        Column("budget", MONEY, "Planned spend, US dollars."),
        Column("frequency_cap", INT, "Most exposures a person may get in the flight."),
        Column("click_window_days", INT, "Days after a clicked exposure within which a conversion counts."),
        Column("view_window_days", INT, "Days after an exposure without click within which a conversion counts."),
        Column("holdout_share", DOUBLE, "Share of eligible people randomly held out."),
    ),
)
