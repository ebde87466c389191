"""Problems with input in the user's words: field, value and remedy."""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from generation.spec.config import Config


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: a JSON pointer to it, a stable code and a sentence."""

    pointer: str
    code: str
    message: str


class InvalidConfig(Exception):
    """A configuration that cannot be used; `problems` holds all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


SENTENCES = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be over {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be under {lt}",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping of names to values",
    "tuple_type": "must be a list",
    "model_type": "must be a section with settings",
    "date_type": "must be a date like 2026-01-01",
    "literal_error": "must be one of {expected}",
    "string_pattern_mismatch": "must match {pattern}",
    "date_from_datetime_inexact": "must be a date like 2026-01-01",
    "missing": "is missing",
    "invalid_key": "must be named by text",
    "too_short": "needs at least {min_length} item(s)",
    "too_long": "takes at most {max_length} item(s)",
    "int_parsing_size": "is too large a number",
}


def problems_of(error: ValidationError) -> list[Problem]:
    """All problems pydantic found, in our words."""
    return [_problem(item) for item in error.errors(include_url=False)]


def _problem(item: Any) -> Problem:
    path = [str(part) for part in item["loc"]]
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
    name, code = ".".join(path) or "config", item["type"]
    if code == "extra_forbidden":
        return Problem(pointer, "unknown_setting", f"{name} is not a setting{_did_you_mean(path)}")
    if code == "value_error":
        return Problem(pointer, "contradiction", f"{name}: {item['ctx']['error']}")
    context = {key: value for key, value in item.get("ctx", {}).items() if key != "error"}
    sentence = SENTENCES.get(code)
    said = sentence.format(**context) if sentence else item["msg"]
    return Problem(pointer, code, f"{name} {said}, got {_shown(item['input'])}")


def _shown(value: Any) -> str:
    text = value.isoformat() if isinstance(value, dt.date) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _did_you_mean(path: list[str]) -> str:
    """A hint from the names that exist at that place."""
    model: type[BaseModel] | None = Config
    for part in path[:-1]:
        field = model.model_fields.get(part) if model else None
        kind = field.annotation if field else None
        model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    names = list(model.model_fields) if model else []
    close = difflib.get_close_matches(path[-1], names, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are {', '.join(names)}" if names else ""


def validated(values: Any) -> Config:
    """A configuration from plain values; raises `InvalidConfig` with every problem."""
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise InvalidConfig(problems_of(error)) from error
