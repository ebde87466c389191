"""Content catalog: what people watch, read and play."""

from generation.spec.table import Column, Table
from generation.spec.types import BIGINT, INT, STRING

CATEGORIES = ("news", "sports", "drama", "comedy", "lifestyle", "kids_family", "gaming", "documentary", "music")
FORMATS = ("short", "clip", "episode", "film", "article")

CONTENT_CATALOG = Table(
    name="content_catalog",
    comment="Titles that engagements refer to; one row a title.",
    primary_key="content_id",
    axis="whole",
    home="supporting",
    columns=(
        Column(
            "content_id", BIGINT, "Key of the title, counting from 1; lower keys are more popular in their category."
        ),
        Column("title", STRING, "Invented title."),
        Column("category", STRING, "Subject of the title.", values=CATEGORIES),
        Column("format", STRING, "Form of the title.", values=FORMATS),
        Column("length_seconds", INT, "Running or typical reading time, seconds."),
    ),
)
