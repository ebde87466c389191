"""A table with a column of every type, awkward rows for it, and the fingerprint's page read as plain Python."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from generation.spec.fingerprint import DuckDialect, query, rendered, row_text
from generation.spec.table import Column, Table
from generation.spec.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    MONEY,
    STRING,
    TIMESTAMP,
    Array,
    Field,
    Map,
    Struct,
)

PLACE = Struct((Field("name", STRING, "Name."), Field("spots", Array(DOUBLE), "Where.")))
TYPES = {
    "id": BIGINT, "number": INT, "real": DOUBLE, "text": STRING, "flag": BOOLEAN, "day": DATE, "moment": TIMESTAMP,
    "money": MONEY, "list": Array(STRING), "scores": Map(STRING, DOUBLE), "place": PLACE,
}  # fmt: skip
EVERY_TYPE = Table(
    "every_type", "All types.", tuple(Column(name, kind, ".", nullable=True) for name, kind in TYPES.items()), "id"
)
ARROW = pa.schema(
    {
        "id": pa.int64(), "number": pa.int32(), "real": pa.float64(), "text": pa.string(), "flag": pa.bool_(),
        "day": pa.date32(), "moment": pa.timestamp("us", "UTC"), "money": pa.decimal128(12, 2),
        "list": pa.list_(pa.string()), "scores": pa.map_(pa.string(), pa.float64()),
        "place": pa.struct({"name": pa.string(), "spots": pa.list_(pa.float64())}),
    }
)  # fmt: skip

PLAIN: dict[str, Any] = {
    "id": 7, "number": -3, "real": 0.5, "text": "Zoë|", "flag": True, "day": dt.date(1970, 1, 3),
    "moment": dt.datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=dt.timezone.utc), "money": Decimal("-12.30"),
    "list": ["a", "", "b"], "scores": {"b": 1.0, "a": -2.0}, "place": {"name": "x", "spots": [1.0]},
}  # fmt: skip
PLAIN_TEXT = (
    "7|-3|4602678819172646912|5:Zoë||t|2|1000005|-1230|[1:a,0:,1:b,]|"
    "[1:a=-4611686018427387904,1:b=4607182418800017408,]|(1:x,[4607182418800017408,],)|"
)
NULLS = dict.fromkeys(TYPES)
EXTREMES: tuple[dict[str, Any], ...] = (
    {"id": -(2**63), "number": 2**31 - 1, "real": -0.0, "text": "", "money": Decimal("9999999999.99"), "list": []},
    {"id": 2**63 - 1, "number": -(2**31), "real": 1.7976931348623157e308, "text": "N", "scores": {}},
    {"real": 2.2250738585072014e-308, "text": "🜁\n\t'\"", "day": dt.date(1969, 12, 31), "flag": False},
    {"moment": dt.datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.timezone.utc), "money": Decimal("-0.01")},
    {"moment": dt.datetime(2100, 1, 1, tzinfo=dt.timezone.utc), "scores": {"é": 1.0, "z": 2.0, "Z": 3.0, "🜁": 4.0}},
    {"place": {"name": None, "spots": []}, "list": ["N", "1:N,"], "day": dt.date(2100, 1, 1), "real": -1e-300},
)


def row(**values: Any) -> dict[str, Any]:
    """The plain row with some other values."""
    return {**PLAIN, **values}


def awkward_rows() -> list[dict[str, Any]]:
    """Rows that implementations tend to disagree about; real numbers at both sides of every power of two."""
    powers = [2.0**exponent for exponent in range(-1022, 1024)]
    reals = [x for p in powers for x in (p, -math.nextafter(p, 0), math.nextafter(p, 1e309)) if abs(x) >= powers[0]]
    return [
        PLAIN,
        NULLS,
        *(NULLS | extreme for extreme in EXTREMES),
        *(NULLS | {"id": n, "real": x} for n, x in enumerate(reals)),
    ]


def arrow(rows: list[dict[str, Any]]) -> pa.Table:
    """The rows as an Arrow table."""
    entries = [None if values["scores"] is None else list(values["scores"].items()) for values in rows]
    listed = [{**values, "scores": scores} for values, scores in zip(rows, entries, strict=True)]
    return pa.Table.from_pylist(listed, ARROW)


def stored(connection: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> str:
    """The rows as a relation of the connection."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.register(name, arrow(rows))
    return name


def fingerprint_of(rows: list[dict[str, Any]]) -> tuple[int, str]:
    """Number and fingerprint of rows, by DuckDB."""
    connection = duckdb.connect()
    return total(connection, stored(connection, "rows_in", rows))


def total(connection: duckdb.DuckDBPyConnection, source: str) -> tuple[int, str]:
    """Number and fingerprint of a relation, by DuckDB."""
    count, number = connection.execute(query(EVERY_TYPE, source, DuckDialect())).fetchall()[0]
    return int(count), rendered(int(number))


def text_of(values: dict[str, Any]) -> str:
    """The canonical text of one row, by DuckDB."""
    connection = duckdb.connect()
    source = stored(connection, "rows_in", [values])
    return str(connection.execute(f"SELECT {row_text(EVERY_TYPE, DuckDialect())} FROM {source} AS t").fetchall()[0][0])


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows as a Parquet file."""
    pq.write_table(arrow(rows), path)
    return path


def bits(x: float) -> int:
    """The bits of a double as a signed number; both zeros are 0."""
    return int(struct.unpack("<q", struct.pack("<d", x))[0]) if x else 0


def as_documented(value: Any) -> str:
    """A value as docs/fingerprint.md writes it."""
    match value:
        case None:
            return "N"
        case bool():
            return "t" if value else "f"
        case int():
            return str(value)
        case float():
            return str(bits(value))
        case str():
            return f"{len(value.encode())}:{value}"
        case Decimal():
            return str(int(value * 100))
        case dt.datetime():
            return str((value - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)) // dt.timedelta(microseconds=1))
        case dt.date():
            return str((value - dt.date(1970, 1, 1)).days)
        case list():
            return "[" + "".join(f"{as_documented(item)}," for item in value) + "]"
        case dict() if "spots" in value:
            return "(" + "".join(f"{as_documented(item)}," for item in (value["name"], value["spots"])) + ")"
        case dict():
            entries = sorted(value.items(), key=lambda entry: entry[0].encode())
            return "[" + "".join(f"{as_documented(k)}={as_documented(v)}," for k, v in entries) + "]"
    raise AssertionError(json.dumps(value, default=str))


def documented_fingerprint(rows: list[dict[str, Any]]) -> tuple[int, str]:
    """Number and fingerprint of rows, by the page."""
    texts = ["".join(f"{as_documented(values[name])}|" for name in TYPES) for values in rows]
    numbers = [int(hashlib.md5(text.encode()).hexdigest()[:15], 16) for text in texts]
    return len(rows), f"idgraph-1:{sum(numbers) % 2**128:032x}"
