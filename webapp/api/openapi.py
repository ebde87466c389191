"""The OpenAPI 3.1 document, from the endpoints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from generation import __version__
from generation.spec.config import Config
from webapp.api.endpoints import ENDPOINTS, GROUPS
from webapp.api.problems import WITH_RETRY_AFTER, Kind
from webapp.api.registry import Answer, Endpoint, Link, Parameter
from webapp.api.schemas import reference, schemas
from webapp.api.shapes import ProblemDetails, StaleDraft

TITLE = "Synthetic Identity Graph Dataset Generator"
SAYS = (
    "Two APIs over the same drafts and jobs: the wizard's, for configurations that are made step by step, and generation's, "
    "for configurations that are known.\n\n"
    "Bodies are JSON objects with `Content-Type: application/json`: at most a million bytes, 20 levels and 10,000 values, "
    "without repeated names, NaN, infinities or the character NUL. Members that are not declared are refused.\n\n"
    "Problems are `application/problem+json` (RFC 9457). The last part of `type` is a code that stays the same. `pointer`s "
    "of `invalid_config` point into the configuration, those of `invalid_body` into the body.\n\n"
    "Every answer has an `X-Request-Id`: yours, if you send one of up to 64 letters, digits, - and _."
)
REQUEST_ID = {"description": "Names the request in the server's log.", "required": True, "schema": {"type": "string"}}
RESPONSES = "#/components/responses/"
PROBLEM_RETRY = "Seconds to wait before asking again."


@cache
def text() -> str:
    """The document as it is served and committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


@cache
def document() -> dict[str, Any]:
    """The document as plain values."""
    paths: dict[str, dict[str, Any]] = {}
    for group in GROUPS:
        for endpoint in group.endpoints:
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, group.title)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": __version__, "description": SAYS, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "/"}],
        "tags": [{"name": group.title, "description": group.says} for group in GROUPS],
        "paths": paths,
        "components": {
            "headers": {"RequestId": REQUEST_ID},
            "responses": _problem_answers(),
            "schemas": schemas(_shapes()),
        },
    }  # fmt: skip


def _operation(endpoint: Endpoint, tag: str) -> dict[str, Any]:
    contract = endpoint.contract
    operation: dict[str, Any] = {"operationId": endpoint.name, "tags": [tag], "summary": endpoint.summary}
    if endpoint.description:
        operation["description"] = endpoint.description
    if contract.parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in contract.parameters]
    if contract.takes is not None:
        examples = {name: {"value": value} for name, value in contract.takes.examples.items()}
        content = {"application/json": {"schema": reference(contract.takes.shape.__name__), "examples": examples}}
        operation["requestBody"] = {"required": contract.takes.required, "content": content}
    answers = {str(answer.status): _answer(answer) for answer in contract.answers}
    return {**operation, "responses": dict(sorted({**answers, **_problems(endpoint)}.items()))}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.says,
        "schema": dict(parameter.schema),
    }


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.says, "headers": _headers(answer.headers)}
    if answer.shape is not None:
        described["content"] = {"application/json": {"schema": reference(answer.shape.__name__)}}
    if answer.links:
        described["links"] = {link.endpoint: _link(link) for link in answer.links}
    return described


def _headers(headers: Mapping[str, str]) -> dict[str, Any]:
    own = {name: {"description": says, "schema": {"type": "string"}} for name, says in headers.items()}
    return {**own, "X-Request-Id": {"$ref": "#/components/headers/RequestId"}}


def _link(link: Link) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": link.endpoint, "description": ENDPOINTS[link.endpoint].summary}
    if link.parameters:
        described["parameters"] = dict(link.parameters)
    return described if link.body is None else {**described, "requestBody": dict(link.body)}


def _problems(endpoint: Endpoint) -> dict[str, dict[str, str]]:
    """References to the problems an endpoint answers with, by status."""
    return {str(status): {"$ref": f"{RESPONSES}{_named(kinds)}"} for status, kinds in _by_status(endpoint).items()}


def _by_status(endpoint: Endpoint) -> dict[int, list[Kind]]:
    found: dict[int, list[Kind]] = {}
    for kind in endpoint.problems:
        found.setdefault(kind.status, []).append(kind)
    return found


def _named(kinds: list[Kind]) -> str:
    return ".".join(kind.code for kind in kinds)


def _problem_answers() -> dict[str, Any]:
    """Every set of problems that some endpoint answers with under one status."""
    sets = [kinds for endpoint in ENDPOINTS.values() for kinds in _by_status(endpoint).values()]
    return dict(sorted((_named(kinds), _problem(kinds)) for kinds in sets))


def _problem(kinds: list[Kind]) -> dict[str, Any]:
    codes = {kind.code for kind in kinds}
    stale = [reference(StaleDraft.__name__)] if "stale_version" in codes else []
    schemas = [*stale, reference(ProblemDetails.__name__)]
    return {
        "description": "\n".join(f"- `{kind.code}`: {kind.says}" for kind in kinds),
        "headers": _headers({"Retry-After": PROBLEM_RETRY} if codes & WITH_RETRY_AFTER else {}),
        "content": {"application/problem+json": {"schema": {"anyOf": schemas} if stale else schemas[0]}},
    }


def _shapes() -> Iterator[type[BaseModel]]:
    yield from (Config, ProblemDetails, StaleDraft)
    for endpoint in ENDPOINTS.values():
        yield from (answer.shape for answer in endpoint.contract.answers if answer.shape is not None)
        if endpoint.contract.takes is not None:
            yield endpoint.contract.takes.shape
