"""Discovery, OAuth for machines (client credentials), and SCIM's "who am I"."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from tests.fakes.databricks.wire import Call, Reply, Route, reply

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace


def host_config(workspace: Workspace, call: Call) -> Reply:
    """Where to log in."""
    return reply({"oidc_endpoint": f"{workspace.host}/oidc", "workspace_id": "1", "account_id": "fake-account"})


def endpoints(workspace: Workspace, call: Call) -> Reply:
    """The OAuth server's own description."""
    base = f"{workspace.host}/oidc"
    return reply(
        {"issuer": base, "authorization_endpoint": f"{base}/v1/authorize", "token_endpoint": f"{base}/v1/token"}
    )


def token(workspace: Workspace, call: Call) -> Reply:
    """An access token for a service principal's id and secret."""
    form = dict(parse_qsl(call.request.body.decode()))
    if form.get("grant_type") != "client_credentials":
        return _oauth_error(400, "unsupported_grant_type", "Only client_credentials is supported")
    client_id, secret = _basic(call) or (form.get("client_id", ""), form.get("client_secret", ""))
    if not workspace.directory.secret_fits(client_id, secret):
        return _oauth_error(401, "invalid_client", "Client authentication failed")
    seconds = workspace.directory.token_seconds
    access = workspace.directory.issue(client_id)
    scope = form.get("scope", "all-apis")
    return reply({"access_token": access, "token_type": "Bearer", "expires_in": int(seconds), "scope": scope})


def _basic(call: Call) -> tuple[str, str] | None:
    header = next((text for name, text in call.request.headers.items() if name.lower() == "authorization"), "")
    kind, _, encoded = header.partition(" ")
    try:
        user, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, secret) if kind == "Basic" else None


def _oauth_error(status: int, code: str, says: str) -> Reply:
    return reply({"error": code, "error_description": says}, status)


def me(workspace: Workspace, call: Call) -> Reply:
    """The caller with its direct groups; a service principal's user name is its application id."""
    principal = call.principal
    groups = [
        {"display": name, "value": id_, "type": "direct", "$ref": f"Groups/{id_}"}
        for name, id_ in workspace.directory.groups_of(principal.name)
    ]
    body = {
        "id": principal.id,
        "userName": principal.name,
        "displayName": principal.display_name,
        "active": True,
        "groups": groups,
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    }
    if principal.kind == "user":
        body["emails"] = [{"type": "work", "value": principal.name, "primary": True}]
    return reply(body)


ROUTES = [
    Route("GET", "/.well-known/databricks-config", host_config, scope=None),
    Route("GET", "/oidc/.well-known/oauth-authorization-server", endpoints, scope=None),
    Route("POST", "/oidc/v1/token", token, scope=None),
    Route("GET", "/api/2.0/preview/scim/v2/Me", me, scope="iam.current-user:read"),
]
