"""What makes two configurations the same dataset: a hash over everything that changes rows."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from generation.spec.config import Config

HASH_VERSION = 1

ADDED_LATER: frozenset[str] = frozenset(
    {
        *(
            f"households.{name}"
            for name in ("city", "householder_age_shares", "income_shares", "size_shares", "state_shares")
        ),
        "campaigns.plan_seed",
        *(
            f"campaigns.measurement.{name}"
            for name in ("enabled", "confounding", "intent_spread", "null_share", "spillover", "same_device_share")
        ),
        "campaigns.attribution.enabled",
        *(
            f"campaigns.delivery.{name}"
            for name in (
                "enabled",
                "channel_shares",
                "frequency_shape",
                "channel_cap",
                "household_ctv_cap",
                "bot_share",
                "day_parts",
            )
        ),
        *(
            f"demographics.graph.{name}"
            for name in ("enabled", "new_profile_share", "wrong_merge_share", "inferred_share", "false_edge_share")
        ),
        *(
            f"demographics.sources.{name}"
            for name in (
                "enabled",
                "coverage",
                "repeat_share",
                "noise",
                "quality",
                "correlation",
                "stale_share",
                "hard_cases",
            )
        ),
    }
)
"""Dotted names of fields that were added after the first release. While they have their default they stay out of the
hash, so that datasets made before them keep theirs."""


def changes_rows(field: FieldInfo) -> bool:
    """Whether a field decides any value of a row."""
    extra = field.json_schema_extra
    return not (isinstance(extra, dict) and extra.get("changes_rows") is False)


def row_values(model: BaseModel, prefix: str = "") -> dict[str, Any]:
    """The dotted names and JSON values of all fields that change rows."""
    values: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value, dotted = getattr(model, name), f"{prefix}{name}"
        if isinstance(value, BaseModel):
            values |= row_values(value, f"{dotted}.")
        elif changes_rows(field) and not (
            dotted in ADDED_LATER and value == field.get_default(call_default_factory=True)
        ):
            values[dotted] = model.model_dump(mode="json", include={name})[name]
    return values


def config_hash(config: Config) -> str:
    """64 hex digits that are equal for configurations with equal rows; starts anew with `HASH_VERSION`."""
    values = {name: value for name, value in row_values(config).items() if name != "version"}
    text = json.dumps({"hash_version": HASH_VERSION, "values": values}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def fields_without_rows() -> tuple[str, ...]:
    """Dotted names of the fields that do not change any row."""
    found: list[str] = []

    def walk(model: type[BaseModel], prefix: str) -> None:
        for name, field in model.model_fields.items():
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                walk(kind, f"{prefix}{name}.")
            elif not changes_rows(field):
                found.append(f"{prefix}{name}")

    walk(Config, "")
    return tuple(found)


def differences(one: Config, other: Config) -> dict[str, tuple[Any, Any]]:
    """The fields that change rows and differ: dotted name to both values."""
    left, right = row_values(one), row_values(other)
    return {name: (left.get(name), right.get(name)) for name in left | right if left.get(name) != right.get(name)}
