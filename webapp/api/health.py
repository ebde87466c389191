"""What load balancers and probes ask."""

from __future__ import annotations

from webapp.api.context import services
from webapp.api.registry import Answer, Contract, Group, Reply
from webapp.api.shapes import Health
from webapp.errors import Refused

health = Group("Health", "For load balancers and probes; no user is needed.")


@health.get("/healthz", Contract(answers=(Answer(200, "The process answers.", Health),)))
def read_health() -> Reply:
    """Whether the process answers; the database is not asked."""
    return Reply(Health(status="ok"))


@health.get("/readyz", Contract(answers=(Answer(200, "Requests can be served.", Health),), problems=("not_ready",)))
def read_readiness() -> Reply:
    """Whether requests can be served: the database answers and has the tables of this version."""
    if not services().store.is_ready():
        message = "the database cannot be reached or is not migrated; start the app once with python -m webapp"
        raise Refused(503, "not_ready", message, retry_after=5)
    return Reply(Health(status="ok"))
