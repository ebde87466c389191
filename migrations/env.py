"""Runs migrations on SQLite and PostgreSQL, one process at a time however many start together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

from webapp.store import models  # noqa: F401 - fills the metadata
from webapp.store.database import engine_of

LOCK = 0x1D6A_A4
"""The advisory lock of migrations; any number that nothing else in the database uses."""


def _migrate(connection: sa.Connection) -> None:
    is_postgres = connection.dialect.name == "postgresql"
    if not is_postgres:
        # SQLite changes a table by making it anew; with its foreign keys on, dropping the old one empties its dependants.
        # Outside the transaction: inside, the switch does nothing.
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        compare_server_default=True,
        render_as_batch=not is_postgres,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        if is_postgres:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        context.run_migrations()
        if not is_postgres:
            _check_references(connection)


def _check_references(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"the migration leaves {len(broken)} rows that refer to none, first in table {broken[0][0]}")


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    url = context.config.attributes.get("url")
    if not url:
        from webapp.settings import Settings

        url = Settings.from_environment().store_url
    engine = engine_of(url)
    with engine.connect() as fresh:
        _migrate(fresh)
        fresh.commit()
    engine.dispose()
