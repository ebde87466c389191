"""Source records: what each source system wrote down of somebody, with errors; no key in it gives the person away."""

from generation.spec.sources import SOURCES
from generation.spec.table import Column, Table
from generation.spec.types import BIGINT, DATE, STRING

SECTION = "demographics.sources"

_TEXTS = {
    "first_name": "Given name as the source has it.",
    "last_name": "Surname as the source has it.",
    "birth_date": "Date of birth as the source has it.",
    "gender": "Gender as the source has it.",
    "email": "E-mail address as the source has it; in a reserved domain.",
    "hashed_email": "SHA-256 of the trimmed lower-case address, in hex.",
    "phone": "Phone number in E.164; in an unassigned area code.",
    "street_address": "House number and invented street.",
    "city": "City.",
    "state": "State code.",
    "postal_code": "ZIP code.",
    "cookie_id": "First-party cookie of the browser; UUID of version 8.",
    "tv_id": "Advertising id of the connected TV; UUID of version 8.",
    "ip_address": "Network address, of a private or shared range.",
}

SOURCE_RECORDS = Table(
    name="source_records",
    comment="What each source system wrote down of somebody; blinded: keys, order and dates say nothing about the person.",
    primary_key="record_id",
    axis="blinded",
    home="supporting",
    section=SECTION,
    columns=(
        Column("record_id", BIGINT, "Key of the record: a keyed permutation of a fixed domain."),
        Column("source", STRING, "The source system.", values=SOURCES),
        Column("captured_on", DATE, "Day the source wrote the record; drawn for the record, not the person."),
        *(
            Column(
                name, DATE if name == "birth_date" else STRING, f"{text} Null where the source has none.", nullable=True
            )
            for name, text in _TEXTS.items()
        ),
    ),
)
