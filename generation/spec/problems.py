"""Problems with input in the user's words: field, value and remedy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from generation.spec.config import Config
from generation.spec.settings import LEAVES, closest, leaf_at, section_of


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: a JSON pointer to it, a stable code and a sentence."""

    pointer: str
    code: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """The sentence, after its place where that is known."""
        return self.message if self.line is None else f"line {self.line}, column {self.column}: {self.message}"


class InvalidConfig(Exception):
    """A configuration that cannot be used; `problems` holds all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


SENTENCES = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be over {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be under {lt}",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "string_sub_type": "must be plain text",
    "string_unicode": "must be text in whole characters",
    "string_too_short": "needs at least {min_length} character(s)",
    "string_too_long": "takes at most {max_length} character(s)",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping of names to values",
    "tuple_type": "must be a list",
    "model_type": "must be a section with settings",
    "model_attributes_type": "must be a section with settings",
    "mapping_type": "must be a mapping of names to values",
    "iteration_error": "must be a list",
    "date_type": "must be a date like 2026-01-01",
    "date_parsing": "must be a date like 2026-01-01",
    "date_from_datetime_parsing": "must be a date like 2026-01-01",
    "literal_error": "must be one of {expected}",
    "string_pattern_mismatch": "must be {wanted}",
    "date_from_datetime_inexact": "must be a date like 2026-01-01",
    "missing": "is missing",
    "invalid_key": "must be named by text",
    "too_short": "needs at least {min_length} item(s)",
    "too_long": "takes at most {max_length} item(s)",
}

PATTERNS = {
    "households.city": "a city and its state, like Austin, TX",
    "output.name": "1 to 63 lower-case letters, digits, - and _, with a letter or digit first",
    "output.engine": "embedded, local, local[n], sc://host:port or session",
    "output.catalog": "1 to 63 lower-case letters, digits, - and _",
    "output.schema_name": "1 to 63 lower-case letters, digits, - and _",
}
"""What a setting's pattern asks for."""


def problems_of(error: ValidationError) -> list[Problem]:
    """All problems pydantic found, in our words."""
    return [_problem(item) for item in error.errors(include_url=False)]


def _problem(item: Any) -> Problem:
    path = _path(item)
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
    name, code = cut(".".join(path), 200) or "config", item["type"]
    if code == "extra_forbidden":
        return Problem(pointer, "unknown_setting", f"{name} is not a setting{_did_you_mean(path)}")
    if code == "value_error":
        return Problem(pointer, "contradiction", f"{name}: {item['ctx']['error']}")
    context = {key: _bound(value) for key, value in item.get("ctx", {}).items() if key != "error"}
    context["wanted"] = PATTERNS.get(name, f"text that matches {context.get('pattern')}")
    sentence = SENTENCES.get(code)
    said = sentence.format(**context) if sentence else item["msg"]
    hint = _meant(path, item["input"]) if code == "literal_error" else ""
    return Problem(pointer, code, f"{name} {said}, got {shown(item['input'])}{hint}")


def _path(item: Any) -> list[str]:
    """The names that lead to a value; a name that is no text is located by itself and a mark that it is the name."""
    path = [str(part) for part in item["loc"]]
    return path[:-1] if path[-1:] == ["[key]"] and item["type"].startswith("string_") else path


def _meant(path: list[str], value: Any) -> str:
    """A hint at the choice that was probably meant."""
    leaf = leaf_at(path)
    close = closest(value, leaf.names) if leaf and isinstance(value, str) else None
    return f"; did you mean {close}?" if close else ""


def _bound(value: Any) -> str:
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)


def shown(value: Any) -> str:
    """A value as a sentence shows it: short, whatever it is."""
    try:
        text = value.isoformat() if isinstance(value, dt.date) else repr(value)
    except (ValueError, RecursionError):
        # Numbers of thousands of digits and values thousands of levels deep cannot be written out.
        return f"{type(value).__name__} of a size that cannot be shown"
    return cut(f"{value:,}" if type(value) is int else text, 60)


def cut(text: str, longest: int) -> str:
    """A text of bounded length."""
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _did_you_mean(path: list[str]) -> str:
    """A hint from the names that exist at that place."""
    model: type[BaseModel] | None = Config
    for part in path[:-1]:
        field = model.model_fields.get(part) if model else None
        model = section_of(field) if field else None
    names = list(model.model_fields) if model else []
    close = closest(path[-1], names) or _elsewhere(path[-1])
    if close:
        return f"; did you mean {close}?"
    return f"; there are {', '.join(names)}" if names else ""


def _elsewhere(name: str) -> str | None:
    """The one setting of that name in another section."""
    found = [leaf for leaf in LEAVES if leaf.rpartition(".")[2] == name]
    return found[0] if len(found) == 1 else None


def validated(values: Any) -> Config:
    """A configuration from plain values; raises `InvalidConfig` with every problem."""
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise InvalidConfig(problems_of(error)) from error
