"""What the endpoints are: where they live, what they take and what they answer.

The app, the OpenAPI document and the page /docs are all made from this, so none of them can say what another denies.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Blueprint, Response, current_app, make_response, request
from pydantic import BaseModel

from webapp.api.bodies import Takes, body_of
from webapp.api.problems import BY_CODE, EVERYWHERE, OF_BODIES, OF_CHANGES, Kind


@dataclass(frozen=True)
class Parameter:
    """A part of the address or a header that an endpoint reads."""

    name: str
    place: Literal["path", "header"]
    says: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Link:
    """Where a value of an answer leads: the endpoint's name and its parameters and body as runtime expressions."""

    endpoint: str
    parameters: Mapping[str, str]
    body: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Answer:
    """What a request that is carried out is answered with. `headers` name what they say."""

    status: int
    says: str
    shape: type[BaseModel] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Contract:
    """What an endpoint promises: its parameters and body, its answers, and the codes of its problems."""

    answers: tuple[Answer, ...]
    problems: tuple[str, ...] = ()
    takes: Takes | None = None
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What a view answers. With an `ETag` among the headers, a client that has it already gets 304 and no body."""

    content: BaseModel
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The HTTP answer to the present request."""
        made = current_app.response_class(self.content.model_dump_json(), self.status, mimetype="application/json")
        made.headers.update(self.headers)
        return make_response(made.make_conditional(request)) if "ETag" in made.headers else made


View = Callable[..., Reply]


@dataclass(frozen=True)
class Endpoint:
    """One method of one address."""

    method: str
    rule: str
    contract: Contract
    view: View
    common: tuple[str, ...] = ()
    """Codes of problems of the whole group."""

    @property
    def name(self) -> str:
        """What Flask and OpenAPI call it."""
        return self.view.__name__

    @property
    def summary(self) -> str:
        """What it does, in a sentence."""
        return _paragraphs(self.view)[0]

    @property
    def description(self) -> str:
        """What else there is to know."""
        return "\n\n".join(_paragraphs(self.view)[1:])

    @property
    def path(self) -> str:
        """The address as OpenAPI writes it."""
        return self.rule.replace("<uuid:", "<").replace("<", "{").replace(">", "}")

    @property
    def problems(self) -> list[Kind]:
        """Every problem it answers with, by status."""
        codes = {*EVERYWHERE, *self.common, *self.contract.problems}
        codes |= set(OF_CHANGES) if self.method == "POST" else set()
        codes |= set(OF_BODIES) if self.contract.takes else set()
        codes |= {"not_found"} if "<uuid:" in self.rule else set()
        return [kind for kind in BY_CODE.values() if kind.code in codes]

    def called(self, values: Mapping[str, Any]) -> Response:
        """The view's answer to the present request."""
        known: dict[str, Any] = {name: str(value) for name, value in values.items()}
        if self.contract.takes is not None:
            known["body"] = body_of(self.contract.takes)
        return self.view(**known).response()


def _paragraphs(view: View) -> list[str]:
    return [" ".join(part.split()) for part in inspect.cleandoc(view.__doc__ or "").split("\n\n")]


@dataclass
class Group:
    """Endpoints that belong together."""

    title: str
    says: str
    common: tuple[str, ...] = ()
    """Codes of problems of every endpoint in it."""
    endpoints: list[Endpoint] = field(default_factory=list)

    def get(self, rule: str, contract: Contract) -> Callable[[View], View]:
        """Adds the view to the group, for GET and HEAD."""
        return self._add("GET", rule, contract)

    def post(self, rule: str, contract: Contract) -> Callable[[View], View]:
        """Adds the view to the group, for POST."""
        return self._add("POST", rule, contract)

    def _add(self, method: str, rule: str, contract: Contract) -> Callable[[View], View]:
        def add(view: View) -> View:
            self.endpoints.append(Endpoint(method, rule, contract, view, self.common))
            return view

        return add

    def mount(self, blueprint: Blueprint) -> None:
        """Makes the blueprint answer at the group's addresses."""
        for endpoint in self.endpoints:
            blueprint.add_url_rule(endpoint.rule, endpoint.name, _answering(endpoint), methods=[endpoint.method])


def _answering(endpoint: Endpoint) -> Callable[..., Response]:
    return lambda **values: endpoint.called(values)
