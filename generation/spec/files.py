"""Configuration files: YAML with comments and JSON, read strictly, older versions migrated."""

from __future__ import annotations

import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from generation.spec.config import CONFIG_VERSION, Config
from generation.spec.docs import bounds, unit
from generation.spec.problems import InvalidConfig, Problem, validated

LARGEST_FILE = 256_000
"""Bytes; a configuration is a few thousand."""

MIGRATIONS: dict[int, Any] = {}
"""From version n to n + 1: functions over the plain values, applied in turn. Version 1 is the first."""


class _StrictLoader(yaml.SafeLoader):
    """YAML without aliases (which can blow up) and without repeated keys (of which one would be lost)."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases."""
        if self.check_event(yaml.AliasEvent):
            # The stubs leave the call untyped.
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.YAMLError(f"line {mark.line + 1}: aliases are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Refuse a key that stands twice."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: a name must be text")
            if key in seen:
                raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: {key} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object without repeated names."""
    repeated = {name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1}
    if repeated:
        raise ValueError(f"{', '.join(sorted(repeated))} stands twice")
    return dict(pairs)


def read_values(text: str, name: str) -> dict[str, Any]:
    """The plain values of a YAML or JSON text; raises `InvalidConfig` for anything that is not a mapping."""
    if len(text.encode()) > LARGEST_FILE:
        raise InvalidConfig(
            [Problem("", "too_large", f"{name} has {len(text.encode()):,} bytes; at most {LARGEST_FILE:,} are read")]
        )
    try:
        # JSON is read as JSON: YAML takes its 1e-05 for text.
        is_json = text.lstrip().startswith("{")
        values = json.loads(text, object_pairs_hook=_once) if is_json else yaml.load(text, Loader=_StrictLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidConfig(
            [Problem("", "unreadable", f"{name} is not YAML or JSON: {' '.join(str(error).split())}")]
        ) from error
    if not isinstance(values, dict):
        raise InvalidConfig(
            [Problem("", "unreadable", f"{name} must be a mapping of sections, got {type(values).__name__}")]
        )
    return migrated(values)


def migrated(values: dict[str, Any]) -> dict[str, Any]:
    """Values in the current version's shape; a newer version than ours is refused."""
    version = values.get("version", CONFIG_VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= CONFIG_VERSION:
        raise InvalidConfig(
            [Problem("/version", "unknown_version", f"version must be 1 to {CONFIG_VERSION}, got {version!r}")]
        )
    while version < CONFIG_VERSION:
        values = MIGRATIONS[version](values)
        version += 1
    return {**values, "version": CONFIG_VERSION}


def read_file(path: Path) -> dict[str, Any]:
    """The plain values of a configuration file; raises `InvalidConfig` when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InvalidConfig(
            [Problem("", "unreadable", f"{path}: {reason}; give a YAML or JSON configuration file")]
        ) from error
    return read_values(text, str(path))


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with the values of `over`, section by section."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def with_setting(values: dict[str, Any], assignment: str) -> dict[str, Any]:
    """Values with one `section.key=value`; the value is read as YAML. Raises `InvalidConfig`."""
    dotted, equals, text = assignment.partition("=")
    parts = dotted.strip().split(".")
    if not equals or len(parts) < 2 or not all(parts):
        raise InvalidConfig([Problem("", "bad_assignment", f"--set takes section.key=value, got {assignment!r}")])
    try:
        value = yaml.load(text, Loader=_StrictLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidConfig([Problem("", "bad_assignment", f"--set {dotted}: {text[:60]!r} is not a value")]) from error
    nested: Any = value
    for part in reversed(parts):
        nested = {part: nested}
    return merged(values, nested)


def to_json(config: Config) -> str:
    """The configuration as JSON in the order of its fields."""
    return json.dumps(config.model_dump(mode="json"), indent=2) + "\n"


def to_yaml(config: Config) -> str:
    """The configuration as YAML with every setting's help, unit and bounds as comments, in the order of the fields."""
    return "\n".join(["# Synthetic identity graph dataset", *_yaml_lines(config, 0)]) + "\n"


def _yaml_lines(model: BaseModel, depth: int) -> list[str]:
    lines: list[str] = []
    pad = "  " * depth
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            summary = (type(value).__doc__ or "").strip().splitlines()[0]
            lines += ["", f"{pad}# {summary}", f"{pad}{name}:", *_yaml_lines(value, depth + 1)]
            continue
        plain = model.model_dump(mode="json", include={name})[name]
        flow = None if isinstance(plain, (dict, list)) else False
        text = yaml.safe_dump({name: plain}, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=100)
        facts = "; ".join(fact for fact in (unit(field), bounds(field)) if fact)
        lines.append(f"{pad}# {field.description}" + (f" [{facts}]" if facts else ""))
        lines += [pad + line for line in text.splitlines()]
    return lines


def load(text: str, name: str) -> Config:
    """A configuration from a YAML or JSON text; raises `InvalidConfig`."""
    return validated(read_values(text, name))
