"""What the features work with, built once a process: settings, store and backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from webapp.backends.base import Backend
from webapp.backends.fake import Fake
from webapp.backends.local import Local
from webapp.rights import Rights
from webapp.settings import Settings
from webapp.store.store import Store


def nobody() -> None:
    """There is no dispatcher in this process to wake."""


@dataclass
class Services:
    """One process's hands. `wake` tells this process's dispatcher that there is something to do."""

    settings: Settings
    store: Store
    backend: Backend
    wake: Callable[[], None] = nobody
    rights: Rights | None = None
    """Who may write where; None where everybody who can open the app may."""


def services_of(settings: Settings) -> Services:
    """Services as the settings choose them."""
    set_up_passwords(settings)
    store = Store(settings.store_url, settings.lease_seconds)
    if settings.backend != "databricks":
        return Services(settings, store, _backend(settings))
    # Only here: the packages for Databricks are not installed everywhere.
    from webapp.backends.databricks import Databricks
    from webapp.warehouse import Governance
    from webapp.workspace import Workspace

    workspace = Workspace.of(settings)
    backend = Databricks(workspace, settings.workspace.look_seconds)
    return Services(settings, store, backend, rights=Governance(workspace))


def set_up_passwords(settings: Settings) -> None:
    """Before the database is first used: its passwords may come from the workspace."""
    if not settings.lakebase_endpoint:
        return
    from webapp.lakebase import Tokens
    from webapp.store.database import use_passwords
    from webapp.workspace import Workspace

    use_passwords(Tokens(Workspace.of(settings), settings.lakebase_endpoint))


def _backend(settings: Settings) -> Backend:
    if settings.backend == "fake":
        return Fake(settings.datasets_dir, settings.fake_step_seconds)
    return Local(settings.datasets_dir, settings.lease_seconds)
