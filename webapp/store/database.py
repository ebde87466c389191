"""The database behind the store: its engine, its clock, and which version its tables have."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

BUSY_SECONDS = 10

AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.TimeoutError)
"""Errors that say that the database cannot be used just now, not that it was used wrongly."""

PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""How PostgreSQL's driver finds out that a server has gone without a word."""


class Passwords(Protocol):
    """Where passwords that change come from."""

    def current(self) -> str:
        """The password to log in with now."""

    def forget(self, refused: str) -> None:
        """The database refused this one."""


_SOURCE: list[Passwords] = []


def use_passwords(source: Passwords) -> None:
    """From now on this process logs in to PostgreSQL with what the source says, unless a URL holds a password."""
    _SOURCE[:] = [source]


def logged_in(source: Passwords, connect: Callable[..., Any], arguments: Any, settings: dict[str, Any]) -> Any:
    """A new connection with the current password. One that is refused may have been ended early: once, another is tried."""
    password = source.current()
    try:
        return connect(*arguments, **{**settings, "password": password})
    except Exception as error:
        if "password" not in str(error) and "authentication" not in str(error):
            raise
        source.forget(password)
        return connect(*arguments, **{**settings, "password": source.current()})


class DatabaseUnavailable(Exception):
    """The database cannot be reached or cannot write; the message is safe to show."""


def engine_of(url: str) -> sa.Engine:
    """An engine for a URL. SQLite: write-ahead log, and every transaction takes the write lock when it begins, for one that
    reads first and writes then would be refused at once while another writes.
    """
    if not url.startswith("sqlite"):
        made = sa.create_engine(url, pool_pre_ping=True, pool_recycle=1800, connect_args=PATIENCE)
        if _SOURCE and not made.url.password:
            source = _SOURCE[0]

            @sa.event.listens_for(made, "do_connect")
            def _log_in(dialect: Any, _record: Any, arguments: Any, settings: Any) -> Any:
                return logged_in(source, dialect.connect, arguments, settings)

        return made
    database = sa.make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


def now(engine: sa.Engine) -> sa.ColumnElement[float]:
    """Seconds since 1970 by the database's own clock: hosts' clocks are never compared."""
    if engine.dialect.name == "postgresql":
        return sa.cast(sa.func.extract("epoch", sa.func.clock_timestamp()), sa.Double)
    return sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)", sa.Double)


def alembic_config(url: str) -> AlembicConfig:
    """The migrations that ship with the app, for a database."""
    # Only who migrates or asks for the version pays for the import: a supervisor starts in half the time.
    from alembic.config import Config as AlembicConfig

    import migrations

    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Brings the database to the newest version; safe when several processes do it at once. One that a later release has
    migrated already stays as it is: versions only add, so this code works on it.
    """
    from alembic import command

    engine = engine_of(url)
    try:
        _make_schema(engine)
        if not _is_later(engine):
            command.upgrade(alembic_config(url), "head")
    finally:
        engine.dispose()


def _make_schema(engine: sa.Engine) -> None:
    """The schema that the URL's search path names: an app's role may write in none that it did not make."""
    named = re.search(r"search_path=(\w+)", str(engine.url.query.get("options", "")))
    if named:
        with engine.begin() as connection:
            connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{named[1]}"')


def is_current(engine: sa.Engine) -> bool:
    """Whether the tables have the version this code was written for, or a later one."""
    from alembic.script import ScriptDirectory

    heads = ScriptDirectory.from_config(alembic_config("")).get_heads()
    return _versions(engine) == set(heads) or _is_later(engine)


def _is_later(engine: sa.Engine) -> bool:
    """Whether the tables have a version that this code does not know."""
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(alembic_config("")).walk_revisions()}
    versions = _versions(engine)
    return bool(versions) and versions.isdisjoint(known)


def _versions(engine: sa.Engine) -> set[str]:
    from alembic.runtime.migration import MigrationContext

    with engine.connect().execution_options(reads_only=True) as connection:
        return set(MigrationContext.configure(connection).get_current_heads())
