"""Fingerprints of tables: equal for equal rows, whatever their order, files, engine or date.

A row becomes a canonical text, the text an MD5 digest, the digest's first 60 bits a number; a table's fingerprint is its
number of rows and the sum of the numbers. Sums add up, so parts of a table can be fingerprinted apart. docs/fingerprint.md
specifies the encoding so that others can compute it. MD5 serves as a fast, everywhere available mixing function here: it
guards against accidents, not against forgers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from generation.spec.table import Table
from generation.spec.types import Array, ColumnType, Map, Scalar, Struct

SCHEME = "idgraph-1"
HEX_DIGITS = 15


class Dialect(Protocol):
    """The few names that differ between engines. All functions take and return SQL text."""

    @property
    def text(self) -> str:
        """The type of texts."""

    def micros(self, x: str) -> str:
        """Microseconds since 1970 of a timestamp."""

    def days(self, x: str) -> str:
        """Days since 1970 of a date."""

    def octets(self, x: str) -> str:
        """Length of a text in UTF-8 bytes."""

    def entries(self, x: str) -> str:
        """A map's entries as an array of (key, value), sorted by key."""

    def mapped(self, x: str, name: str, body: str) -> str:
        """An array with each element `name` replaced by `body`."""

    def joined(self, x: str) -> str:
        """An array of texts as one text."""

    def bits(self, x: str) -> str:
        """The IEEE 754 bits of a DOUBLE as a signed BIGINT; both zeros are 0."""

    def numbers(self, text: str, source: str) -> str:
        """A relation with a column `n`: for each row `t` of a source, the first 60 bits of a text's MD5 digest."""


@dataclass(frozen=True)
class SparkDialect:
    """Spark SQL 3.5 and Sail."""

    text = "STRING"

    def micros(self, x: str) -> str:
        """See `Dialect`."""
        return f"unix_micros({x})"

    def days(self, x: str) -> str:
        """See `Dialect`."""
        return f"datediff({x}, DATE '1970-01-01')"

    def octets(self, x: str) -> str:
        """See `Dialect`."""
        return f"octet_length({x})"

    def entries(self, x: str) -> str:
        """See `Dialect`."""
        return f"array_sort(map_entries({x}))"

    def mapped(self, x: str, name: str, body: str) -> str:
        """See `Dialect`."""
        return f"transform({x}, {name} -> {body})"

    def joined(self, x: str) -> str:
        """See `Dialect`."""
        return f"array_join({x}, '')"

    def bits(self, x: str) -> str:
        """See `Dialect`."""
        return double_bits(x)

    def numbers(self, text: str, source: str) -> str:
        """See `Dialect`."""
        return f"SELECT CAST(conv(substring(md5({text}), 1, {HEX_DIGITS}), 16, 10) AS BIGINT) AS n FROM {source} AS t"


@dataclass(frozen=True)
class DuckDialect:
    """DuckDB."""

    text = "VARCHAR"

    def micros(self, x: str) -> str:
        """See `Dialect`."""
        return f"epoch_us({x})"

    def days(self, x: str) -> str:
        """See `Dialect`."""
        return f"date_diff('day', DATE '1970-01-01', {x})"

    def octets(self, x: str) -> str:
        """See `Dialect`."""
        return f"strlen({x})"

    def entries(self, x: str) -> str:
        """See `Dialect`."""
        return f"list_sort(map_entries({x}))"

    def mapped(self, x: str, name: str, body: str) -> str:
        """See `Dialect`."""
        return f"list_transform({x}, lambda {name}: {body})"

    def joined(self, x: str) -> str:
        """See `Dialect`."""
        return f"array_to_string({x}, '')"

    def bits(self, x: str) -> str:
        """See `Dialect`. DuckDB has the bits themselves; the sign of zero is not among a value's."""
        return f"CASE WHEN {x} = 0 THEN 0 ELSE CAST(CAST({x} AS BIT) AS BIGINT) END"

    def numbers(self, text: str, source: str) -> str:
        """See `Dialect`. Without hexadecimal text, which costs as much as the digest.

        DuckDB reads the digest with its first byte as the lowest: bytes are swapped in pairs, then the pairs.
        """
        first = f"SELECT CAST(md5_number({text}) & {2**64 - 1}::UHUGEINT AS UBIGINT) AS b FROM {source} AS t"
        pairs = f"SELECT {_swapped('b', 8, 0x00FF00FF00FF00FF)} AS p FROM ({first})"
        halves = f"SELECT {_swapped('p', 16, 0x0000FFFF0000FFFF)} AS h FROM ({pairs})"
        return f"SELECT ((h & {2**32 - 1}) << 28) | (h >> 36) AS n FROM ({halves})"


def _swapped(x: str, width: int, low: int) -> str:
    """SQL for an UBIGINT with neighbours of `width` bits in each other's place; `low` marks the lower ones."""
    return f"((({x} & {low}::UBIGINT) << {width}) | (({x} >> {width}) & {low}::UBIGINT))"


def row_text(table: Table, dialect: Dialect) -> str:
    """SQL for the canonical text of a row: each column's encoding followed by `|`."""
    parts = ", ".join(f"{encoded(column.type, quoted(column.name), dialect, 0)}, '|'" for column in table.columns)
    return f"concat({parts})"


def query(table: Table, source: str, dialect: Dialect) -> str:
    """SQL that returns one row: `rows` and `total` (a decimal sum) of a relation with the table's columns."""
    numbers = dialect.numbers(row_text(table, dialect), source)
    return f"SELECT count(*) AS rows, coalesce(sum(CAST(n AS DECIMAL(38,0))), 0) AS total FROM ({numbers}) AS numbered"


def rendered(total: int) -> str:
    """The fingerprint's text from the sum: the scheme and 128 bits in hexadecimal."""
    return f"{SCHEME}:{total % (1 << 128):032x}"


def quoted(name: str) -> str:
    """A column of the relation; qualified, because one of the names is a keyword."""
    return f"t.{name}"


def encoded(kind: ColumnType, x: str, dialect: Dialect, depth: int) -> str:
    """SQL for the canonical text of a value of a type."""
    return f"coalesce({_present(kind, x, dialect, depth)}, 'N')"


def _present(kind: ColumnType, x: str, dialect: Dialect, depth: int) -> str:
    name = f"e{depth}"
    if isinstance(kind, Struct):
        fields = ", ".join(f"{encoded(f.type, f'{x}.{f.name}', dialect, depth)}, ','" for f in kind.fields)
        return f"CASE WHEN {x} IS NULL THEN NULL ELSE concat('(', {fields}, ')') END"
    if isinstance(kind, Array):
        body = f"concat({encoded(kind.element, name, dialect, depth + 1)}, ',')"
        return _list(x, name, body, dialect)
    if isinstance(kind, Map):
        key = encoded(kind.key, f"{name}.key", dialect, depth + 1)
        value = encoded(kind.value, f"{name}.value", dialect, depth + 1)
        return _list(dialect.entries(x), name, f"concat({key}, '=', {value}, ',')", dialect)
    return _scalar(kind, x, dialect)


def _list(x: str, name: str, body: str, dialect: Dialect) -> str:
    return f"CASE WHEN {x} IS NULL THEN NULL ELSE concat('[', {dialect.joined(dialect.mapped(x, name, body))}, ']') END"


def _scalar(kind: Scalar, x: str, dialect: Dialect) -> str:
    text = dialect.text
    if kind.delta in ("long", "integer"):
        return f"CAST({x} AS {text})"
    if kind.delta == "string":
        return f"CASE WHEN {x} IS NULL THEN NULL ELSE concat(CAST({dialect.octets(x)} AS {text}), ':', {x}) END"
    if kind.delta == "boolean":
        return f"CASE WHEN {x} THEN 't' WHEN NOT {x} THEN 'f' END"
    number = {
        "double": dialect.bits(x),
        "timestamp": dialect.micros(x),
        "date": dialect.days(x),
        "decimal(12,2)": f"CAST({x} * 100 AS BIGINT)",
    }[kind.delta]
    return f"CAST({number} AS {text})"


def double_bits(x: str) -> str:
    """SQL for the IEEE 754 bits of a finite, normal DOUBLE as a signed BIGINT, from arithmetic that every engine has.

    The exponent is guessed by a logarithm and then corrected by comparisons, so that its rounding cannot matter.
    """
    a = f"abs({x})"
    guess = f"floor(log2({a}))"
    too_high, too_low = f"pow(2.0, {guess}) > {a}", f"pow(2.0, {guess} + 1) <= {a}"
    power = f"CASE WHEN {too_high} THEN {guess} - 1 WHEN {too_low} THEN {guess} + 1 ELSE {guess} END"
    mantissa = f"({a} / pow(2.0, {power}) - 1) * 4503599627370496"
    bits = f"(CAST({power} AS BIGINT) + 1023) * 4503599627370496 + CAST({mantissa} AS BIGINT)"
    sign = f"CASE WHEN {x} < 0 THEN -9223372036854775807 - 1 ELSE 0 END"
    return f"CASE WHEN {x} IS NULL THEN NULL WHEN {x} = 0 THEN 0 ELSE ({bits}) + ({sign}) END"
