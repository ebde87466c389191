"""A draft's configuration to take along: as a file, as a command, as a request."""

from __future__ import annotations

import json
import shlex
import uuid
from typing import Any

from flask import Response, make_response, request

from generation.spec.config import Config
from generation.spec.files import to_json, to_yaml
from generation.spec.problems import validated
from webapp.wizard.blueprint import blueprint, draft_of


@blueprint.get("/wizard/<uuid:session_id>/config.yaml")
def as_yaml(session_id: uuid.UUID) -> Response:
    """The configuration as YAML, with what every setting means."""
    return _file(session_id, to_yaml, "yaml", "application/yaml")


@blueprint.get("/wizard/<uuid:session_id>/config.json")
def as_json(session_id: uuid.UUID) -> Response:
    """The configuration as JSON."""
    return _file(session_id, to_json, "json", "application/json")


def _file(session_id: uuid.UUID, write: Any, ending: str, kind: str) -> Response:
    config = validated(draft_of(session_id).config)
    answer = make_response(write(config))
    answer.content_type = f"{kind}; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{config.output.name}.{ending}"'
    return answer


def command_line(config: Config) -> str:
    """What makes the same dataset without this app, from the exported file."""
    name = config.output.name
    mode = f" --mode {config.output.mode}" if config.output.mode != "create" else ""
    return f"idgraph generate {name}.yaml --output {shlex.quote(f'datasets/{name}')}{mode}"


def api_request(config: Config) -> str:
    """What makes the same dataset here, from a shell."""
    body = json.dumps({"config": differing(config)})
    address = shlex.quote(f"{request.host_url}generate/start")
    return f"curl -X POST {address} \\\n  -H 'Content-Type: application/json' \\\n  -d {shlex.quote(body)}"


def differing(config: Config) -> dict[str, Any]:
    """The settings that are not the defaults, section by section."""
    return _over(config.model_dump(mode="json"), Config().model_dump(mode="json"))


def _over(values: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        if value != usual.get(key):
            both = isinstance(value, dict) and isinstance(usual.get(key), dict)
            found[key] = _over(value, usual[key]) if both and not _is_set(usual[key]) else value
    return found


def _is_set(value: dict[str, Any]) -> bool:
    """Whether a mapping is one setting, which is given whole."""
    return all(isinstance(share, (int, float)) for share in value.values())
