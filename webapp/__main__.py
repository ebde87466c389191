"""Migrates the store, makes the starter dataset if it was never made, and serves: python -m webapp."""

from __future__ import annotations

import signal
import socket
import sys

from webapp.dispatcher import release_host
from webapp.logs import set_up
from webapp.server import Server
from webapp.services import services_of, set_up_passwords
from webapp.settings import BadSetting, Settings
from webapp.starter import make_starter
from webapp.store.database import migrate


def main() -> int:
    """Serves until stopped; 2 for settings that cannot be used."""
    try:
        settings = Settings.from_environment()
    except BadSetting as error:
        print(f"webapp: {error}", file=sys.stderr)
        return 2
    set_up(settings.log_level)
    taken = why_port_is_taken(settings)
    if taken:
        print(f"webapp: {taken}", file=sys.stderr)
        return 2
    set_up_passwords(settings)
    migrate(settings.store_url)
    if settings.starter and not _starter(settings):
        return 130
    Server(settings).run()
    return 0


def why_port_is_taken(settings: Settings) -> str | None:
    """Why the server could not listen, found out before any work; None if it can."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            return (
                f"HOST {settings.host}, PORT {settings.port}: {error.strerror}; give another PORT, or end what uses it"
            )
    return None


def _starter(settings: Settings) -> bool:
    """Whether to go on: false when the user stops the server while the starter is made."""
    services = services_of(settings)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        make_starter(services)
    except KeyboardInterrupt:
        release_host(services)
        return False
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        services.store.close()
    return True


if __name__ == "__main__":
    sys.exit(main())
