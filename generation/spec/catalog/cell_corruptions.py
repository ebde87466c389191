"""Cell corruptions: the ledger of every changed cell; undoing it restores the clean records."""

from generation.spec.catalog.source_records import SECTION
from generation.spec.sources import LEDGER_TYPES, VALUE_COLUMNS
from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, STRING

CELL_CORRUPTIONS = Table(
    name="cell_corruptions",
    comment="Every cell of source_records that differs from what a perfect source would hold; one row a cell.",
    primary_key="corruption_id",
    axis="blinded",
    home="truth",
    section=SECTION,
    foreign_keys=(ForeignKey("record_id", "source_records", "record_id"),),
    columns=(
        Column("corruption_id", BIGINT, "Key: record_id * 32 + number of the column."),
        Column("record_id", BIGINT, "The source record."),
        Column("column_name", STRING, "The column of the cell.", values=VALUE_COLUMNS),
        Column("noise_type", STRING, "Why the cell differs.", values=LEDGER_TYPES),
        Column("original_value", STRING, "What a perfect source would hold, as text; dates as 2001-02-03."),
        Column("noisy_value", STRING, "What the source holds, as text; null where it is missing.", nullable=True),
    ),
)
