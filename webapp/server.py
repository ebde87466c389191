"""Gunicorn as this app uses it: some processes of threads, and in each a dispatcher."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from webapp import create_app
from webapp.dispatcher import Dispatcher, release_host
from webapp.logs import log
from webapp.preview import Previews
from webapp.services import services_of
from webapp.settings import Settings


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """The web server of one host."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Takes the settings as gunicorn names them; its own command line and files are not read."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The app, made in every worker anew: connections do not survive a fork."""
        return create_app(self._settings)


def options(settings: Settings) -> dict[str, Any]:
    """Gunicorn's settings. Behind the platform's proxy HTTP/2 without TLS is spoken too."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": [f"{host}:{settings.port}"],
        "worker_class": "gthread",
        "workers": settings.workers,
        "threads": settings.threads,
        "http_protocols": "h2,h1",
        "http2_cleartext": "both",
        "forwarded_allow_ips": "*" if settings.in_databricks else "127.0.0.1",
        "control_socket_disable": True,
        "graceful_timeout": 8,
        "timeout": 60,
        "keepalive": 75,
        "max_requests": 20_000,
        "max_requests_jitter": 2_000,
        "loglevel": "warning",
        "when_ready": lambda server: _announce(settings, server),
        "post_worker_init": _start_dispatcher,
        "worker_exit": _stop_dispatcher,
        "on_exit": lambda server: _shut_down(settings),
    }


def _announce(settings: Settings, server: Any) -> None:
    addresses = [str(listener) for listener in server.LISTENERS]
    log("serving", addresses=addresses, backend=settings.backend, datasets=str(settings.datasets_dir.absolute()))
    if settings.in_databricks and settings.store_url.startswith("sqlite"):
        log(
            "store_is_ephemeral",
            remedy="set DATABASE_URL to a PostgreSQL database: an app's own disk does not outlive it",
        )
    elif settings.is_open and not settings.in_databricks:
        log("open_to_the_network", remedy="there are no users here: whoever reaches the port may do everything")


def _start_dispatcher(worker: Any) -> None:
    services = worker.wsgi.extensions["idgraph"]
    dispatcher = Dispatcher(services)
    services.wake = dispatcher.kick
    worker.idgraph_dispatcher = dispatcher
    threading.Thread(target=dispatcher.run, name="dispatcher", daemon=True).start()


def _stop_dispatcher(_server: Any, worker: Any) -> None:
    dispatcher = getattr(worker, "idgraph_dispatcher", None)
    if dispatcher is not None:
        dispatcher.stop()


def _shut_down(settings: Settings) -> None:
    """The host stops in order: running jobs go back to the queue, and are taken up at the next start."""
    services = services_of(settings)
    Previews(settings).stop()
    release_host(services)
    services.store.close()
