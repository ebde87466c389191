"""The OpenAPI document, and the page that shows people what is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Blueprint, Response, current_app, make_response, request
from pydantic import BaseModel

from generation.spec.config import Config
from generation.spec.docs import unit
from generation.spec.settings import LEAVES, Leaf
from webapp import htmx
from webapp.api import openapi
from webapp.api.context import services
from webapp.api.endpoints import ENDPOINTS, GROUPS
from webapp.api.examples import commands
from webapp.api.members import Member, members, words
from webapp.api.problems import KINDS
from webapp.api.registry import Endpoint


def mount(blueprint: Blueprint) -> None:
    """Makes the blueprint answer at both addresses."""
    blueprint.add_url_rule("/openapi.json", "read_openapi", read_openapi)
    blueprint.add_url_rule("/docs", "docs", show_docs)


def read_openapi() -> Response:
    """The document, the same for everybody."""
    made = current_app.response_class(openapi.text(), mimetype="application/json")
    made.add_etag()
    return make_response(made.make_conditional(request))


@dataclass(frozen=True)
class Shown:
    """An endpoint with what the page shows of it."""

    endpoint: Endpoint
    command: str
    asked: list[Member]
    told: list[Member]


def show_docs() -> Response:
    """Both APIs on one page."""
    settings = services().settings
    host = request.headers.get("X-Forwarded-Host", request.host)
    base = f"https://{host}" if settings.in_databricks else request.url_root.rstrip("/")
    options = ' -H "Authorization: Bearer $TOKEN"' if settings.in_databricks else ""
    examples = commands(ENDPOINTS, base, options)
    groups = [(group, [_shown(endpoint, examples) for endpoint in group.endpoints]) for group in GROUPS]
    context: dict[str, Any] = {"groups": groups, "problems": KINDS, "sections": _sections(), "base": base}
    context |= {"needs_token": settings.in_databricks, "type_words": lambda schema: words(schema, {})}
    return htmx.page("docs/api.html", **context)


def _shown(endpoint: Endpoint, examples: dict[str, str]) -> Shown:
    takes, answers = endpoint.contract.takes, endpoint.contract.answers
    asked = _members(takes.shape) if takes else []
    return Shown(endpoint, examples[endpoint.name], asked, _members(answers[0].shape) if answers[0].shape else [])


@cache
def _members(shape: type[BaseModel]) -> list[Member]:
    schemas = openapi.document()["components"]["schemas"]
    return list(members(schemas[shape.__name__], schemas))


@dataclass(frozen=True)
class SettingShown:
    """A setting of the configuration: its name, what it takes, its default and what it means."""

    name: str
    type: str
    default: str
    says: str


@cache
def _sections() -> list[tuple[str, list[SettingShown]]]:
    """The configuration's sections with their settings; what stands outside of them comes first."""
    types = {member.name: member.type for member in _members(Config)}
    found: dict[str, list[SettingShown]] = {}
    for leaf in LEAVES.values():
        path, _, name = leaf.name.rpartition(".")
        setting = SettingShown(name, _type(types[leaf.name], leaf), *_default(leaf))
        found.setdefault(path, []).append(setting)
    return [(path or "the whole configuration", settings) for path, settings in found.items()]


def _type(words: str, leaf: Leaf) -> str:
    return f"{words}; {unit(leaf.field)}" if unit(leaf.field) not in ("", "share") else words


def _default(leaf: Leaf) -> tuple[str, str]:
    """A setting's default and its meaning; the defaults of many names are too long to stand in one cell."""
    value, says = leaf.field.default, leaf.field.description or ""
    if isinstance(value, dict):
        listed = ", ".join(f"{name} {share:g}" for name, share in value.items())
        return "by name", f"{says} Defaults: {listed}."
    if value is None or value == ():
        return "empty", says
    return value if isinstance(value, str) else json.dumps(value, default=str), says
