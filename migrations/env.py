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
