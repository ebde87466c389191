"""What the features work with, built once a process: settings, store and backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from webapp.backends.base import Backend
from webapp.backends.fake import Fake
from webapp.backends.local import Local
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


def services_of(settings: Settings) -> Services:
    """Services as the settings choose them."""
    return Services(settings, Store(settings.store_url, settings.lease_seconds), _backend(settings))


def _backend(settings: Settings) -> Backend:
    if settings.backend == "fake":
        return Fake(settings.datasets_dir, settings.fake_step_seconds)
    return Local(settings.datasets_dir, settings.lease_seconds)
