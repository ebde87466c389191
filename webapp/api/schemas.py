"""The JSON schemas of all shapes, as the OpenAPI document has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from generation.spec.config import Config
from generation.spec.settings import LEAVES, section_of
from generation.spec.values import Section
from webapp.api.shapes import DOCUMENTED_AS, Asked

SCHEMAS = "#/components/schemas/"
BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""What pydantic calls bounds that stand behind an annotation of their own."""


class _Schemas(GenerateJsonSchema):
    """Without titles that repeat the names of members."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def reference(name: str) -> dict[str, str]:
    """Where the document has a shape."""
    return {"$ref": f"{SCHEMAS}{name}"}


def schemas(shapes: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """The schemas of shapes and of all that they hold, by name."""
    modes = [(shape, _mode(shape)) for shape in sorted(set(shapes), key=lambda shape: shape.__name__)]
    _, schema = models_json_schema(modes, ref_template=f"{SCHEMAS}{{model}}", schema_generator=_Schemas)
    found: dict[str, Any] = _plain(schema["$defs"])
    if Config.__name__ in found:
        _close_names(found, Config, "")
    return dict(sorted(found.items()))


def _mode(shape: type[BaseModel]) -> Literal["validation", "serialization"]:
    return "validation" if issubclass(shape, (Asked, Section)) else "serialization"


def _plain(value: Any) -> Any:
    """A schema in the words of JSON Schema, with references where it names the shape it is documented as."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_number = value.get("type") in ("number", "integer")
    plain = {BOUNDS.get(name, name) if is_number else name: _plain(item) for name, item in value.items()}
    shape = plain.pop(DOCUMENTED_AS, None)
    return plain if shape is None else {**reference(shape), **plain}


def _close_names(found: dict[str, Any], section: type[Section], path: str) -> None:
    """The configuration's mappings and lists of names say which names they take: types cannot, its checks do."""
    for name, field in section.model_fields.items():
        inner = section_of(field)
        if inner is not None:
            _close_names(found, inner, f"{path}{name}.")
            continue
        schema, names = found[section.__name__]["properties"][name], LEAVES[f"{path}{name}"].names
        if names and schema.get("type") == "object":
            schema["propertyNames"] = {"enum": list(names)}
        elif names and schema.get("type") == "array":
            schema |= {"items": {"type": "string", "enum": list(names)}, "uniqueItems": True}
