"""Strict value types of the configuration, with their units in the JSON schema and help texts beside the field."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

US_STATES = (
    "AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL", "IN", "KS", "KY", "LA", "MA",
    "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "RI",
    "SC", "SD", "TN", "TX", "UT", "VA", "VT", "WA", "WI", "WV", "WY",
)  # fmt: skip


def _whole(value: Any) -> Any:
    """JSON Schema calls 5.0 an integer; strict pydantic does not."""
    return int(value) if type(value) is float and value.is_integer() else value


def _real(value: Any) -> Any:
    """A whole number is a real one, also where booleans are not."""
    if type(value) is not int:
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


Whole = Annotated[int, BeforeValidator(_whole)]
Real = Annotated[float, BeforeValidator(_real)]
Share = Annotated[float, BeforeValidator(_real), Field(ge=0, le=1)]


class Section(BaseModel):
    """A part of the configuration: unknown keys, wrong types, NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, validate_default=True)


def setting(default: Any, help: str, *, unit: str = "", rows: bool = True, **bounds: Any) -> Any:
    """A field with default, help text, unit and bounds; `rows=False` says that it does not change any row."""
    return Field(default, description=help, json_schema_extra={"unit": unit, "changes_rows": rows}, **bounds)


def shares_problem(name: str, shares: dict[str, float]) -> str | None:
    """Why a set of shares is refused, with the sum shown; None when it adds up to 1."""
    total = sum(shares.values())
    if abs(total - 1) <= 1e-6:
        return None
    terms = " + ".join(f"{value:g}" for value in shares.values())
    return f"{name} must add up to 1, but {terms} = {total:g}; change them by {1 - total:+g} in all"
