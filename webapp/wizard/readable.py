"""Answers as people read them: with separators, units and labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from generation.spec.form import FormField, percent_of, text_of
from generation.spec.nested import ABSENT

EMPTY: Final = {
    "households.states": "The whole US",
    "households.people_per_household": "The US mix, about 2.4",
    "households.city": "No",
    "campaigns.plan_seed": "That of the dataset",
}
"""What no answer means, where that is an answer."""


def readable(field: FormField, value: Any) -> str:
    """A setting's value in one line."""
    if value in (None, "", [], (), ABSENT):
        return EMPTY.get(field.name, "–")
    if field.kind in ("shares", "list_of_shares"):
        return ", ".join(f"{label} {share}" for label, share in parts_of(field, value).items()) or text_of(value)
    if field.kind in ("choice", "choices"):
        labels = {option.value: option.label for option in field.options}
        chosen = value if isinstance(value, (list, tuple)) else [value]
        return ", ".join(labels.get(str(one), text_of(one)) for one in chosen)
    return _with_unit(field, value)


def parts_of(field: FormField, value: Any) -> dict[str, str]:
    """The shares of a setting by the labels of its inputs; empty for other settings."""
    if field.kind not in ("shares", "list_of_shares"):
        return {}
    named = value if isinstance(value, Mapping) else {}
    if isinstance(value, (list, tuple)):
        named = {str(index): share for index, share in enumerate(value)}
    return {one.label: _percent(named[one.value]) for one in field.options if one.value in named}


def _percent(value: Any) -> str:
    return f"{percent_of(value)}%" if isinstance(value, (int, float)) else text_of(value)


def _with_unit(field: FormField, value: Any) -> str:
    if field.in_percent:
        return _percent(value)
    is_count = isinstance(value, int) and not isinstance(value, bool) and field.unit
    text = f"{value:,}" if is_count else text_of(value)
    return f"{text} {field.unit}".strip() if isinstance(value, (int, float)) else text
