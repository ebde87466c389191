"""The members of a JSON object as a reader wants them: one flat list, with dotted names for what lies deeper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NOT_OPENED = frozenset({"Config"})
"""Shapes that have a section of their own."""
MOST_NAMED = 20
"""Longer sets of names are not written out."""
WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}
FORMATS = {"uuid": "UUID", "date-time": "time, RFC 3339", "date": "date"}
BOUNDS = {"minimum": "at least", "exclusiveMinimum": "over", "maximum": "at most", "exclusiveMaximum": "under"}

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Member:
    """One member: its dotted name, its type in words, whether it must be there, and what it means."""

    name: str
    type: str
    required: bool
    says: str
    shape: str = ""
    """The shape that describes it, where that has a section of its own."""


def members(schema: Schema, schemas: Mapping[str, Schema], prefix: str = "") -> Iterator[Member]:
    """The members of an object and of the objects in it; `[]` stands for each item of a list, `*` for each name."""
    for name, described in schema.get("properties", {}).items():
        inner = _resolved(described, schemas)
        says = described.get("description") or inner.get("description", "")
        yield Member(
            prefix + name, _words(described, schemas), name in schema.get("required", ()), says, _shape(described)
        )
        deeper, step = _inside(inner, schemas)
        if deeper is not None and not _shape(described):
            yield from members(deeper, schemas, f"{prefix}{name}{step}.")


def _name(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _options(schema: Schema) -> list[Schema]:
    return list(schema.get("anyOf", [schema]))


def _shape(schema: Schema) -> str:
    return next((_name(option) for option in _options(schema) if _name(option) in NOT_OPENED), "")


def _resolved(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """The schema itself: that of the shape it refers to, and the one of two that is not null."""
    option = next(option for option in _options(schema) if option.get("type") != "null")
    return schemas[_name(option)] if "$ref" in option else option


def _inside(schema: Schema, schemas: Mapping[str, Schema]) -> tuple[Schema | None, str]:
    """The object within, and how names lead into it."""
    if "properties" in schema:
        return schema, ""
    if isinstance(schema.get("items"), dict):
        return _object(schema["items"], schemas), "[]"
    if isinstance(schema.get("additionalProperties"), dict):
        return _object(schema["additionalProperties"], schemas), ".*"
    return None, ""


def _object(schema: Schema, schemas: Mapping[str, Schema]) -> Schema | None:
    found = _resolved(schema, schemas)
    return found if "properties" in found else None


def _words(schema: Schema, schemas: Mapping[str, Schema]) -> str:
    null = " or null" if len(_options(schema)) > 1 else ""
    return words(_resolved(schema, schemas), schemas) + null


def words(schema: Schema, schemas: Mapping[str, Schema]) -> str:
    """A type as a reader says it."""
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"])) if len(schema["enum"]) <= MOST_NAMED else "text"
    if schema.get("type") == "array":
        inner = _resolved(schema["items"], schemas)
        return "list of objects" if "properties" in inner else f"list of {words(inner, schemas)}"
    if "properties" in schema or schema.get("type") == "object":
        values = schema.get("additionalProperties")
        named = isinstance(values, dict) and not _object(values, schemas)
        return f"object; by name: {words(values, schemas)}" if named and isinstance(values, dict) else "object"
    return FORMATS.get(schema.get("format", ""), WORDS.get(schema.get("type", ""), "anything")) + _range(schema)


def _range(schema: Schema) -> str:
    if "minimum" in schema and "maximum" in schema:
        return f", {schema['minimum']:,} to {schema['maximum']:,}"
    return "".join(f", {says} {schema[name]:,}" for name, says in BOUNDS.items() if name in schema)
