"""What the environment decides. The only module of the web app that reads it."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class BadSetting(Exception):
    """An environment variable that cannot be used; the message names it, its value and the remedy."""


@dataclass(frozen=True)
class WorkspaceSettings:
    """Where the databricks backend works."""

    host: str = ""
    """DATABRICKS_HOST: set by the platform inside an app."""
    client_id: str = ""
    """DATABRICKS_CLIENT_ID: the app's own principal."""
    client_secret: str = field(default="", repr=False)
    """DATABRICKS_CLIENT_SECRET."""
    warehouse_id: str = ""
    """DATABRICKS_WAREHOUSE_ID: the SQL warehouse that counts rows and publishes."""
    job_id: int = 0
    """IDGRAPH_JOB_ID: the saved job."""
    volume: str = ""
    """IDGRAPH_VOLUME: /Volumes/catalog/schema/volume, where configurations, progress and manifests lie."""
    look_seconds: float = 2.0
    """IDGRAPH_LOOK_SECONDS: between two questions about a run."""


@dataclass(frozen=True)
class Settings:
    """The settings of one process, all of them."""

    datasets_dir: Path = Path("datasets")
    """Where the local backend puts datasets (DATASETS_DIR)."""
    database_url: str = ""
    """DATABASE_URL; empty: an SQLite file below `datasets_dir`."""
    host: str = "127.0.0.1"
    port: int = 8000
    app_name: str | None = None
    """DATABRICKS_APP_NAME: set by the platform, and only then are the proxy's headers believed."""
    backend: str = "local"
    """IDGRAPH_BACKEND: where jobs run."""
    fake_step_seconds: float = 0.02
    """IDGRAPH_FAKE_STEP_SECONDS: pace of the fake backend."""
    user_active_limit: int = 2
    """IDGRAPH_USER_ACTIVE_LIMIT: jobs of one user that run at a time."""
    user_queued_limit: int = 10
    """IDGRAPH_USER_QUEUED_LIMIT: jobs of one user that may wait."""
    slots: int = 1
    """IDGRAPH_SLOTS: jobs that run at a time on one host."""
    lease_seconds: float = 10.0
    """IDGRAPH_LEASE_SECONDS: a supervisor silent for longer has lost its job."""
    beat_seconds: float = 0.5
    """IDGRAPH_BEAT_SECONDS: how often a supervisor renews its lease, and looks whether it shall stop."""
    cancel_seconds: float = 1.5
    """IDGRAPH_CANCEL_SECONDS: after this the dispatcher cancels for a supervisor that does not answer."""
    max_attempts: int = 3
    """IDGRAPH_MAX_ATTEMPTS: starts of a job before it has failed."""
    workers: int = 2
    """IDGRAPH_WORKERS: web processes."""
    threads: int = 8
    """IDGRAPH_THREADS: threads of a web process."""
    log_level: str = "info"
    """IDGRAPH_LOG_LEVEL."""
    workspace: WorkspaceSettings = WorkspaceSettings()
    lakebase_endpoint: str = ""
    """LAKEBASE_ENDPOINT: passwords of DATABASE_URL are tokens of this Lakebase endpoint, renewed before they expire."""
    starter: bool = True
    """IDGRAPH_STARTER: whether a first start makes the starter dataset (never inside Databricks Apps)."""

    @property
    def in_databricks(self) -> bool:
        """Whether this is a Databricks App, behind its proxy."""
        return self.app_name is not None

    @property
    def state_dir(self) -> Path:
        """What the app keeps for itself beside the datasets; no dataset's name can begin with an underscore."""
        return self.datasets_dir.absolute() / "_app"

    @property
    def runs_dir(self) -> Path:
        """One run directory a job."""
        return self.state_dir / "runs"

    @property
    def store_url(self) -> str:
        """The database, by default an SQLite file."""
        return self.database_url or f"sqlite:///{self.state_dir / 'store.db'}"

    @property
    def preview_socket(self) -> Path:
        """Where this host's preview server listens; short, for a socket's path may have about 100 characters."""
        mark = hashlib.sha256(str(self.state_dir).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"idgraph-{os.getuid()}-{mark}.sock"

    @property
    def is_open(self) -> bool:
        """Whether other machines can reach the server."""
        return self.host not in LOOPBACK

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings as the environment has them; raises `BadSetting`."""
        read = _Reader(os.environ if environment is None else environment)
        app_name = read.text("DATABRICKS_APP_NAME", "") or None
        host = read.text("HOST", "0.0.0.0" if app_name else cls.host)
        backend = read.choice("IDGRAPH_BACKEND", cls.backend, ("local", "fake", "databricks"))
        return cls(
            datasets_dir=Path(read.text("DATASETS_DIR", str(cls.datasets_dir))),
            database_url=_database_url(read.text("DATABASE_URL", "")) or _lakebase_url(read),
            host=host,
            port=read.whole("PORT", read.whole("DATABRICKS_APP_PORT", cls.port, 0, 65_535), 0, 65_535),
            app_name=app_name,
            backend=backend,
            workspace=_workspace(read, needed=backend == "databricks"),
            lakebase_endpoint=read.text("LAKEBASE_ENDPOINT", ""),
            fake_step_seconds=read.real("IDGRAPH_FAKE_STEP_SECONDS", cls.fake_step_seconds, 0, 600),
            user_active_limit=read.whole("IDGRAPH_USER_ACTIVE_LIMIT", cls.user_active_limit, 1, 1_000),
            user_queued_limit=read.whole("IDGRAPH_USER_QUEUED_LIMIT", cls.user_queued_limit, 1, 100_000),
            slots=read.whole("IDGRAPH_SLOTS", cls.slots, 1, 64),
            lease_seconds=read.real("IDGRAPH_LEASE_SECONDS", cls.lease_seconds, 1, 600),
            beat_seconds=read.real("IDGRAPH_BEAT_SECONDS", cls.beat_seconds, 0.05, 60),
            cancel_seconds=read.real("IDGRAPH_CANCEL_SECONDS", cls.cancel_seconds, 0.1, 60),
            max_attempts=read.whole("IDGRAPH_MAX_ATTEMPTS", cls.max_attempts, 1, 100),
            workers=read.whole("IDGRAPH_WORKERS", cls.workers, 1, 64),
            threads=read.whole("IDGRAPH_THREADS", cls.threads, 1, 256),
            log_level=read.choice("IDGRAPH_LOG_LEVEL", cls.log_level, ("debug", "info", "warning", "error")),
            starter=read.choice("IDGRAPH_STARTER", "yes", ("yes", "no")) == "yes" and app_name is None,
        )


def _database_url(text: str) -> str:
    """The URL with a driver this app ships; a password in it is never repeated in an error."""
    if not text:
        return ""
    scheme = urlsplit(text).scheme
    if scheme in ("sqlite", "postgresql+psycopg"):
        return text
    if scheme in ("postgres", "postgresql"):
        return "postgresql+psycopg" + text[len(scheme) :]
    raise BadSetting(f"DATABASE_URL begins with {scheme!r}; give a URL that begins with sqlite:/// or postgresql://")


def _lakebase_url(read: _Reader) -> str:
    """The database that the platform attached to the app, by the variables it sets; without a password."""
    if not read.text("LAKEBASE_ENDPOINT", "") or not read.text("PGHOST", ""):
        return ""
    user, host = quote(read.text("PGUSER", ""), safe=""), read.text("PGHOST", "")
    port, name, mode = (
        read.text("PGPORT", "5432"),
        read.text("PGDATABASE", "databricks_postgres"),
        read.text("PGSSLMODE", "require"),
    )
    return f"postgresql+psycopg://{user}@{host}:{port}/{name}?sslmode={mode}&options=-csearch_path%3Didgraph"


def _workspace(read: _Reader, *, needed: bool) -> WorkspaceSettings:
    """The workspace, whose settings have to be there for the backend that works in it."""
    names = ("DATABRICKS_HOST", "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET", "DATABRICKS_WAREHOUSE_ID")
    for name in (*names, "IDGRAPH_JOB_ID", "IDGRAPH_VOLUME") if needed else ():
        if not read.text(name, ""):
            raise BadSetting(f"{name} is missing; IDGRAPH_BACKEND databricks needs it, see docs/databricks.md")
    volume, host = read.text("IDGRAPH_VOLUME", ""), read.text("DATABRICKS_HOST", "").rstrip("/")
    if volume and not re.fullmatch(r"/Volumes(/[^/]+){3,}/?", volume):
        raise BadSetting(f"IDGRAPH_VOLUME is {volume!r}; give a path like /Volumes/catalog/schema/volume")
    return WorkspaceSettings(
        host=host if "://" in host or not host else f"https://{host}",
        client_id=read.text("DATABRICKS_CLIENT_ID", ""),
        client_secret=read.text("DATABRICKS_CLIENT_SECRET", ""),
        warehouse_id=read.text("DATABRICKS_WAREHOUSE_ID", ""),
        job_id=read.whole("IDGRAPH_JOB_ID", 0, 0, 2**53),
        volume=volume,
        look_seconds=read.real("IDGRAPH_LOOK_SECONDS", 2.0, 0.05, 60),
    )


@dataclass(frozen=True)
class _Reader:
    environment: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.environment.get(name, "").strip() or default

    def real(self, name: str, default: float, least: float, most: float) -> float:
        text = self.text(name, str(default))
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise BadSetting(f"{name} is {text!r}; give a number from {least:g} to {most:g}")
        return value

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        value = self.real(name, default, least, most)
        if value != int(value):
            raise BadSetting(f"{name} is {value:g}; give a whole number from {least} to {most}")
        return int(value)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default).lower()
        if value not in allowed:
            raise BadSetting(f"{name} is {value!r}; give one of {', '.join(allowed)}")
        return value
