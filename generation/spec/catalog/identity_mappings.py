"""Identity mappings: which identifiers stand for which person, and when."""

from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, BOOLEAN, DOUBLE, STRING, TIMESTAMP

IDENTIFIER_TYPES = (
    "email", "hashed_email", "hashed_email_base64", "phone", "hashed_phone", "idfa", "gaid", "first_party_cookie", "ctv_id",
    "home_ip", "mobile_ip", "customer_id", "loyalty_id", "synthetic_rampid", "synthetic_uid2",
)  # fmt: skip
HASH_SCHEMES = ("sha256_hex", "sha256_base64")
MAPPING_SOURCES = (
    "crm",
    "ecommerce",
    "loyalty",
    "web_analytics",
    "mobile_sdk",
    "ctv_app",
    "ip_match",
    "identity_partner",
)
MATCH_TYPES = ("deterministic", "probabilistic")

IDENTITY_MAPPINGS = Table(
    name="identity_mappings",
    comment="Identifiers of people with lifetime, match type, confidence and consent; one row an identifier, person and epoch.",
    primary_key="mapping_id",
    foreign_keys=(
        ForeignKey("individual_id", "individuals", "individual_id"),
        ForeignKey("device_id", "devices", "device_id"),
    ),
    columns=(
        Column("mapping_id", BIGINT, "Key of the mapping: individual_id * 8192 + slot * 64 + epoch."),
        Column("individual_id", BIGINT, "The person the identifier stands for."),
        Column("identifier_type", STRING, "Kind of identifier.", values=IDENTIFIER_TYPES),
        Column("identifier_value", STRING, "The identifier as a platform would store it; can belong to nobody real."),
        Column("device_id", BIGINT, "The device that carries the identifier, where one does.", nullable=True),
        Column(
            "hash_scheme",
            STRING,
            "How the value was hashed; null when it is not a hash.",
            nullable=True,
            values=HASH_SCHEMES,
        ),
        Column("source", STRING, "The system that contributed the mapping.", values=MAPPING_SOURCES),
        Column("match_type", STRING, "Whether the link rests on a login or on inference.", values=MATCH_TYPES),
        Column("confidence", DOUBLE, "Confidence of the link, 0 to 1."),
        Column("first_seen", TIMESTAMP, "Start of the identifier's life, UTC."),
        Column("last_seen", TIMESTAMP, "Last moment of the identifier's life before as_of, UTC."),
        Column("is_active", BOOLEAN, "True when the identifier is alive at as_of."),
        Column("consent_advertising", BOOLEAN, "True when the identifier may be used for advertising at as_of."),
        Column("consent_measurement", BOOLEAN, "True when the identifier may be used for measurement at as_of."),
        Column(
            "consent_personalization", BOOLEAN, "True when the identifier may be used for personalization at as_of."
        ),
        Column(
            "opted_out_at",
            TIMESTAMP,
            "When the person opted out; the identifier is not used from then on.",
            nullable=True,
        ),
    ),
)
