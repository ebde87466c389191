"""All endpoints of both APIs, in the order in which documents show them."""

from __future__ import annotations

from webapp.api.generate import generation
from webapp.api.health import health
from webapp.api.registry import Endpoint
from webapp.api.wizard import wizard

GROUPS = (wizard, generation, health)
ENDPOINTS: dict[str, Endpoint] = {endpoint.name: endpoint for group in GROUPS for endpoint in group.endpoints}
