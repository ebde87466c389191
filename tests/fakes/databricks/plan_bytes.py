"""Spark Connect requests taken apart as bytes: plans nest deeper than the protobuf library is willing to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyspark.sql.connect.proto as spark
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from tests.fakes.databricks.sql.reading import Reader, qualified_names

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
REQUEST, PLAN, COMMAND = spark.ExecutePlanRequest.DESCRIPTOR, spark.Plan.DESCRIPTOR, spark.Command.DESCRIPTOR


def _number(message: Descriptor, name: str) -> int:
    return message.fields_by_name[name].number


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(data: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """Number, wire type, start, start of the value and end of each field."""
    at = 0
    while at < len(data):
        start = at
        key, at = _varint(data, at)
        kind, value = key & 7, at
        if kind == VARINT:
            _, at = _varint(data, at)
        elif kind == BYTES:
            size, value = _varint(data, at)
            at = value + size
        else:
            at += {FIXED64: 8, FIXED32: 4}[kind]
        yield key >> 3, kind, start, value, at


def without(data: bytes, number: int) -> tuple[bytes, bytes]:
    """A message without one of its length-delimited fields, and that field's content (empty if it is not there)."""
    rest, content = [], b""
    for found, _, start, value, end in _fields(data):
        if found == number:
            content = data[value:end]
        else:
            rest.append(data[start:end])
    return b"".join(rest), content


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return _encoded(number << 3 | BYTES) + _encoded(len(content)) + content


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


@dataclass(frozen=True)
class Asked:
    """A request to execute a plan: what surrounds the plan, the name of its command (none for a query), and the
    command's bytes."""

    head: spark.ExecutePlanRequest
    command: str | None
    content: bytes

    @classmethod
    def read(cls, request: bytes) -> Asked:
        """A request taken apart."""
        head, plan = without(request, _number(REQUEST, "plan"))
        _, command = without(plan, _number(PLAN, "command"))
        for number, _, _, value, end in _fields(command):
            return cls(
                spark.ExecutePlanRequest.FromString(head), COMMAND.fields_by_number[number].name, command[value:end]
            )
        return cls(spark.ExecutePlanRequest.FromString(head), None, b"")

    def with_command(self, name: str, content: bytes) -> bytes:
        """The same request with another command."""
        command = field(_number(PLAN, "command"), field(_number(COMMAND, name), content))
        return self.head.SerializeToString() + field(_number(REQUEST, "plan"), command)


def tables_read(message: Descriptor, data: bytes) -> list[str]:
    """The three-part names of the tables that a plan reads, by name or in SQL."""
    found: list[str] = []
    waiting = [(message, data)]
    while waiting:
        descriptor, part = waiting.pop()
        if descriptor is spark.Read.NamedTable.DESCRIPTOR:
            name = Reader(spark.Read.NamedTable.FromString(part).unparsed_identifier).name()
            found += [".".join(name)] if len(name) == 3 else []
        elif descriptor is spark.SQL.DESCRIPTOR:
            found += [name for _, name in qualified_names(_query(part))]
        else:
            waiting += _parts(descriptor, part)
    return found


def _query(part: bytes) -> str:
    number = _number(spark.SQL.DESCRIPTOR, "query")
    return next((part[value:end].decode() for n, _, _, value, end in _fields(part) if n == number), "")


def _parts(descriptor: Descriptor, part: bytes) -> Iterator[tuple[Descriptor, bytes]]:
    for number, kind, _, value, end in _fields(part):
        known = descriptor.fields_by_number.get(number)
        if kind == BYTES and known is not None and known.type == FieldDescriptor.TYPE_MESSAGE:
            yield known.message_type, part[value:end]
