"""Devices: what people use, owned or shared."""

from generation.spec.table import Column, ForeignKey, Table
from generation.spec.types import BIGINT, BOOLEAN, STRING, TIMESTAMP

DEVICE_TYPES = ("smartphone", "ctv", "tablet", "computer")
OPERATING_SYSTEMS = (
    "ios", "android", "ipados", "windows", "macos", "chromeos", "roku", "fire_tv", "tizen", "webos", "google_tv", "tvos",
)  # fmt: skip

DEVICES = Table(
    name="devices",
    comment="Devices of the households; one row a device.",
    primary_key="device_id",
    home="supporting",
    foreign_keys=(
        ForeignKey("household_id", "households", "household_id"),
        ForeignKey("individual_id", "individuals", "individual_id"),
    ),
    columns=(
        Column("device_id", BIGINT, "Key of the device: household_id * 64 + slot in the household."),
        Column("household_id", BIGINT, "The household the device belongs to."),
        Column("individual_id", BIGINT, "The owner; null for a device the household shares.", nullable=True),
        Column("device_type", STRING, "Kind of device.", values=DEVICE_TYPES),
        Column("os", STRING, "Operating system.", values=OPERATING_SYSTEMS),
        Column("shared", BOOLEAN, "True when the whole household uses the device."),
        Column("first_seen", TIMESTAMP, "When the device was first seen, UTC."),
        Column("last_seen", TIMESTAMP, "When the device was last seen, UTC; before as_of."),
    ),
)
