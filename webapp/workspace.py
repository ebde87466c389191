"""The Databricks workspace as this app reaches it: one client, bounded in time, and one translation of foreign errors."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import requests
import urllib3
from databricks import sql
from databricks.sdk import WorkspaceClient
from databricks.sdk import errors as sdk
from databricks.sdk.config import Config as ClientConfig
from databricks.sdk.errors.base import DatabricksError

if TYPE_CHECKING:
    from webapp.settings import Settings

HTTP_SECONDS, RETRY_SECONDS = 20, 25
"""A call, and a call with all repetitions that the client makes by itself: both well below the proxy's 120 seconds."""


class Unavailable(OSError):
    """The workspace, or a part of it, cannot be asked just now; nothing is known about what was asked."""


class Denied(Exception):
    """The workspace said that a privilege is missing."""


class Absent(Exception):
    """The workspace said that there is no such thing."""


class Rejected(Exception):
    """The workspace understood and said no; the message is safe to show."""


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Whatever the SDK, the connector or their transports raise comes out as one of the four above."""
    try:
        yield
    except sdk.NotFound as error:
        raise Absent(f"{what}: {_first_line(error)}") from error
    except (sdk.PermissionDenied, sdk.Unauthenticated) as error:
        # The SDK adds the client's own settings to these; none of that is shown.
        raise Denied(f"{what}: {_first_line(error)}") from error
    except (sdk.TooManyRequests, sdk.TemporarilyUnavailable, sdk.InternalError, sdk.DeadlineExceeded) as error:
        raise Unavailable(f"{what}: the workspace does not answer just now ({type(error).__name__})") from error
    except DatabricksError as error:
        raise Rejected(f"{what}: {_first_line(error)}") from error
    except sql.exc.ServerOperationError as error:
        raise _of_sql(what, str(error)) from error
    except (sql.exc.Error, urllib3.exceptions.HTTPError, requests.RequestException, TimeoutError) as error:
        raise Unavailable(f"{what}: no answer ({type(error).__name__}); try again") from error
    except ValueError as error:
        # What the SDK says about logins it could not complete.
        raise Unavailable(f"{what}: the login to the workspace failed ({type(error).__name__})") from error


def _of_sql(what: str, text: str) -> Exception:
    """By error class and SQLSTATE, never by prose."""
    line = f"{what}: {text.splitlines()[0] if text else 'failed'}"[:500]
    if any(mark in text for mark in ("42501", "INSUFFICIENT_PERMISSIONS", "PERMISSION_DENIED")):
        return Denied(line)
    if any(mark in text for mark in ("42P01", "42704", "_NOT_FOUND]")):
        return Absent(line)
    if "57014" in text or "STATEMENT_TIMEOUT" in text or "CANCELED" in text:
        return Unavailable(line)
    return Rejected(line)


def _first_line(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text.partition(" Config: ")[0].partition("Config:")[0].strip()[:400]


@dataclass(frozen=True)
class Workspace:
    """A workspace, and the app's own login there (OAuth for machines)."""

    host: str
    client_id: str
    client_secret: str = field(repr=False)
    warehouse_id: str
    job_id: int
    volume: str
    """A folder in a Volume, /Volumes/catalog/schema/volume[/...]: one run directory a job below it."""

    @classmethod
    def of(cls, settings: Settings) -> Workspace:
        """As the settings have it."""
        given = settings.workspace
        return cls(
            given.host, given.client_id, given.client_secret, given.warehouse_id, given.job_id, given.volume.rstrip("/")
        )

    @cached_property
    def client(self) -> WorkspaceClient:
        """The app's own client. Making it asks the workspace, so it is made once, and when it is first needed."""
        with translated("logging in"):
            return WorkspaceClient(
                config=ClientConfig(
                    host=self.host,
                    client_id=self.client_id,
                    client_secret=self.client_secret,
                    auth_type="oauth-m2m",
                    http_timeout_seconds=HTTP_SECONDS,
                    retry_timeout_seconds=RETRY_SECONDS,
                )
            )

    def as_user(self, token: str) -> WorkspaceClient:
        """A client that acts for a user, by the token that the platform's proxy sent with the request."""
        with translated("acting for you"):
            return WorkspaceClient(
                config=ClientConfig(
                    host=self.host,
                    token=token,
                    auth_type="pat",
                    http_timeout_seconds=HTTP_SECONDS,
                    retry_timeout_seconds=RETRY_SECONDS,
                )
            )

    def read(self, path: str) -> bytes | None:
        """A file of the Volume; None without it."""
        try:
            with translated(f"reading {path}"):
                contents = self.client.files.download(path).contents
                return b"" if contents is None else contents.read()
        except Absent:
            return None

    def write(self, path: str, data: bytes) -> None:
        """Puts a file into the Volume, over one that is there."""
        with translated(f"writing {path}"):
            self.client.files.upload(path, io.BytesIO(data), overwrite=True)

    def remove(self, path: str) -> None:
        """Afterwards there is no such file."""
        try:
            with translated(f"removing {path}"):
                self.client.files.delete(path)
        except Absent:
            return

    @property
    def warehouse_path(self) -> str:
        """The warehouse's HTTP path."""
        return f"/sql/1.0/warehouses/{self.warehouse_id}"
