"""The JSON a request carries, read strictly: what a client did not mean to send is refused, never guessed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from generation.spec.json_text import JsonText
from generation.spec.places import NOTHING, Found, Unreadable, below, dotted
from generation.spec.problems import SENTENCES, Problem, shown
from generation.spec.settings import closest
from webapp.errors import SAID, Refused
from webapp.security import MAX_BODY

BODY = "the body"
KINDS = {list: "a list", str: "text", bool: "true or false", type(None): "null", int: "a number", float: "a number"}


@dataclass(frozen=True)
class Takes:
    """The body of an endpoint, with examples by name. One that is not required may be left out, with its content type."""

    shape: type[BaseModel]
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    required: bool = True


def body_of(takes: Takes) -> BaseModel:
    """The present request's body; raises `Refused`."""
    data = _sent()
    if not data and not takes.required:
        return takes.shape()
    if request.mimetype != "application/json":
        raise Refused(415, "unsupported_media_type", SAID[415])
    return shaped(json_of(data), takes.shape)


def _sent() -> bytes:
    """The body's bytes. Werkzeug cuts a body off that does not say its length in advance; here it is refused."""
    data = request.get_data()
    if not request.content_length and len(data) >= MAX_BODY:
        raise RequestEntityTooLarge
    return data


def json_of(data: bytes) -> Any:
    """The value of a JSON text without repeated names, half characters, NUL, NaN and infinities; raises `Refused`."""
    found = Found(BODY)
    try:
        value = JsonText(data.decode("utf-8").removeprefix("\ufeff"), found).whole()
    except UnicodeDecodeError:
        raise _unreadable("the body is not UTF-8 text; encode it as UTF-8") from None
    except Unreadable as error:
        raise _ended(error.problem) from None
    if not all(math.isfinite(number) for number in _leaves(value) if isinstance(number, float)):
        raise _unreadable("the body holds NaN, an infinity or a number beyond 1.8e308, which is not JSON")
    problems = [*found.problems, *_null_characters("", value)]
    if problems:
        raise _misshapen(problems)
    return value


def _unreadable(message: str) -> Refused:
    return Refused(400, "malformed_json", message)


def _ended(problem: Problem) -> Refused:
    """Text that is no JSON is malformed; JSON that is too deep or too long is refused as such."""
    return _unreadable(str(problem)) if problem.code == "unreadable" else _misshapen([problem])


def _misshapen(problems: list[Problem]) -> Refused:
    said = f"the body has {len(problems)} problem{'s' if len(problems) != 1 else ''}"
    return Refused(422, "invalid_body", said, problems=problems)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value is not NOTHING:
        yield value


def _null_characters(pointer: str, value: Any) -> Iterator[Problem]:
    """No database keeps the character NUL in text, and no setting needs it."""
    if isinstance(value, str) and "\0" in value:
        says = f"{dotted(pointer) if pointer else BODY} holds the character NUL; leave it out"
        yield Problem(pointer, "null_character", says)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _null_characters(f"{pointer}/{place}", item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _null_characters(below(pointer, name), name if "\0" in name else item)


def shaped(value: Any, shape: type[BaseModel]) -> BaseModel:
    """The value as the model; raises `Refused` with every problem."""
    if not isinstance(value, dict):
        says = f"the body must be a JSON object, got {KINDS.get(type(value), 'something else')}"
        raise _misshapen([Problem("", "object_type", says)])
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise _misshapen([_problem(item, shape) for item in error.errors(include_url=False)]) from None


def _problem(item: Any, shape: type[BaseModel]) -> Problem:
    path = [str(part) for part in item["loc"]]
    pointer = ""
    for part in path:
        pointer = below(pointer, part)
    name, code = ".".join(path) or BODY, str(item["type"])
    if code == "extra_forbidden":
        return Problem(pointer, "unknown_member", f"{shown(name)} is not expected here{_expected(name, shape)}")
    if code == "value_error":
        return Problem(pointer, "contradiction", f"{name}: {item['ctx']['error']}")
    if code == "missing":
        return Problem(pointer, code, f"{name} is missing; send it")
    said = SENTENCES[code].format(**item.get("ctx", {})) if code in SENTENCES else str(item["msg"])
    return Problem(pointer, code, f"{name} {said}, got {shown(item['input'])}")


def _expected(name: str, shape: type[BaseModel]) -> str:
    names = list(shape.model_fields)
    close = closest(name, names)
    if close:
        return f"; did you mean {close}?"
    return f"; there may be {', '.join(names)}" if names else "; the body has no members"
