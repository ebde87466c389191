"""Migrations: on both engines, by many processes at once, there and back, with rows, and what the tables refuse."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory

from tests.webapp.store.builders import HERE, MADE, ME, a_job, brought_to, moves
from tests.webapp.store.rows import ILLEGAL, SEEDS
from webapp.lifecycle import State
from webapp.store.database import alembic_config, engine_of, is_current, migrate
from webapp.store.jobs import Jobs
from webapp.store.models import Job
from webapp.store.store import Store

REVISIONS = [script.revision for script in ScriptDirectory.from_config(alembic_config("")).walk_revisions()][::-1]
"""All versions, the oldest first."""

NEXT_VERSION = '''
"""What a later release may do: add."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "next", "{head}", None, None
def upgrade():
    with op.batch_alter_table("job", recreate="{recreate}") as table:
        table.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.create_table("label", sa.Column("name", sa.String(20), primary_key=True))
def downgrade():
    op.drop_table("label")
    with op.batch_alter_table("job") as table:
        table.drop_column("priority")
'''


@pytest.fixture
def engine(empty_url: str) -> Iterator[sa.Engine]:
    opened = engine_of(empty_url)
    yield opened
    opened.dispose()


def url_of(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def left_behind(engine: sa.Engine) -> list[str]:
    """Everything in the database but Alembic's own table."""
    if engine.dialect.name == "sqlite":
        query = "select name from sqlite_master where name not like 'sqlite_%'"
    else:
        query = (
            "select relname from pg_class where relnamespace = 'public'::regnamespace union all "
            "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        )
    with engine.connect() as connection:
        return sorted(name for (name,) in connection.execute(sa.text(query)) if not name.startswith("alembic_version"))


def rows_of(engine: sa.Engine, table: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(f"select * from {table} order by 1")).mappings()]


def with_next(url: str, folder: Path, recreate: str = "never") -> AlembicConfig:
    """The migrations, and one more."""
    config = alembic_config(url)
    (folder / "next.py").write_text(NEXT_VERSION.format(head=REVISIONS[-1], recreate=recreate))
    own = Path(str(config.get_main_option("script_location"))) / "versions"
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{own}\n{folder}")
    return config


def test_there_is_one_line_of_versions() -> None:
    assert len(ScriptDirectory.from_config(alembic_config("")).get_heads()) == 1


def test_a_migrated_database_is_current_and_has_what_the_models_say(engine: sa.Engine) -> None:
    assert not is_current(engine)
    migrate(url_of(engine))
    assert is_current(engine)
    command.check(alembic_config(url_of(engine)))


def test_migrating_again_changes_nothing(engine: sa.Engine) -> None:
    migrate(url_of(engine))
    before = left_behind(engine)
    migrate(url_of(engine))
    assert left_behind(engine) == before


MIGRATE = """
import sys
from alembic import command
from webapp.store.database import migrate
print("ready", flush=True)
sys.stdin.readline()
migrate(sys.argv[1])
"""


def test_eight_processes_may_migrate_an_empty_database_at_once(empty_url: str) -> None:
    words, pipe = [sys.executable, "-c", MIGRATE, empty_url], subprocess.PIPE
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(subprocess.Popen(words, stdin=pipe, stdout=pipe)) for _ in range(8)]
        for process in started:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
        assert [process.wait(timeout=60) for process in started] == [0] * 8
    command.check(alembic_config(empty_url))


def test_downgrading_to_nothing_leaves_nothing(engine: sa.Engine) -> None:
    migrate(url_of(engine))
    assert left_behind(engine)
    command.downgrade(alembic_config(url_of(engine)), "base")
    assert left_behind(engine) == []
    migrate(url_of(engine))
    command.check(alembic_config(url_of(engine)))


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_version_keeps_the_rows_of_the_versions_before(engine: sa.Engine, revision: str) -> None:
    config = alembic_config(url_of(engine))
    for earlier in REVISIONS[: REVISIONS.index(revision) + 1]:
        before = {
            table: rows_of(engine, table) for known in REVISIONS[: REVISIONS.index(earlier)] for table in SEEDS[known]
        }
        command.upgrade(config, earlier)
        for table, rows in before.items():
            assert [{name: row[name] for name in rows[0]} for row in rows_of(engine, table)] == rows
        with engine.begin() as connection:
            for statement in SEEDS[earlier].values():
                connection.execute(sa.text(statement))
    assert all(rows_of(engine, table) for known in SEEDS.values() for table in known)
    command.downgrade(config, "base")
    assert left_behind(engine) == []


def test_a_table_that_is_made_anew_keeps_what_refers_to_it(engine: sa.Engine, tmp_path: Path) -> None:
    """SQLite changes a table by dropping it, which takes its dependants along while foreign keys are on."""
    migrate(url_of(engine))
    jobs = Jobs(engine, 10)
    job = brought_to(jobs, State.SUCCEEDED)
    before = moves(jobs, job)
    command.upgrade(
        with_next(url_of(engine), tmp_path, recreate="auto" if "postgres" in url_of(engine) else "always"), "head"
    )
    assert moves(jobs, job) == before


def test_this_release_works_on_the_tables_of_the_next(engine: sa.Engine, tmp_path: Path) -> None:
    """In a rolling deploy, and after a rollback: two containers of different releases share the database."""
    migrate(url_of(engine))
    command.upgrade(with_next(url_of(engine), tmp_path), "head")
    migrate(url_of(engine))
    store = Store(url_of(engine), 10)
    assert store.is_ready()
    job = brought_to(store.jobs, State.SUCCEEDED, idempotency_key="k")
    assert store.jobs.by_key("ann", "k") == job and store.jobs.get(job.id) == job
    assert [event[1] for event in moves(store.jobs, job)] == ["queued", "running", "succeeded"]
    store.close()


def test_a_database_that_is_behind_or_away_is_not_ready(engine: sa.Engine, tmp_path: Path) -> None:
    store = Store(url_of(engine), 10)
    assert not store.is_ready()
    migrate(url_of(engine))
    assert store.is_ready()
    store.close()
    away = Store("postgresql+psycopg://nobody@/nothing?host=/nowhere", 10)
    assert not away.is_ready()


@pytest.mark.parametrize("name", ILLEGAL)
def test_an_illegal_row_is_refused(store: Store, name: str) -> None:
    table, row = ILLEGAL[name]
    job = brought_to(store.jobs, State.QUEUED)
    known = {"job": a_job().model_dump() | {"created_at": 1.0}, "job_event": _event(job)}[table]
    statement = sa.insert(sa.Table(table, sa.MetaData(), autoload_with=store.engine)).values(**{**_plain(known), **row})
    with pytest.raises(sa.exc.IntegrityError, match=name), store.engine.begin() as connection:
        connection.execute(statement)


def _event(job: Job) -> dict[str, Any]:
    return {"job_id": job.id, "after": "running", "before": "queued", "attempt": 1, "at": 1.0, "actor": "test"}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values for a table as the database describes it: what is missing is left out."""
    return {name: value for name, value in values.items() if value is not None}


def test_every_rule_of_the_tables_has_a_row_that_breaks_it(store: Store) -> None:
    inspector = sa.inspect(store.engine)
    checks = {
        str(check["name"]) for table in inspector.get_table_names() for check in inspector.get_check_constraints(table)
    }
    assert checks == set(ILLEGAL)


@pytest.mark.parametrize("end", [State.SUCCEEDED, State.FAILED, State.CANCELLED], ids=lambda state: state.value)
def test_no_statement_takes_a_job_out_of_its_end(store: Store, end: State) -> None:
    job = brought_to(store.jobs, end)
    back = "state = 'queued', finished_at = null, manifest_hash = null, error = null"
    with pytest.raises(sa.exc.IntegrityError, match="an ended job keeps its state"), store.engine.begin() as connection:
        connection.execute(sa.text(f"update job set {back} where id = '{job.id}'"))


def test_no_statement_changes_an_event(store: Store) -> None:
    brought_to(store.jobs, State.QUEUED)
    with pytest.raises(sa.exc.IntegrityError, match="an event is never changed"), store.engine.begin() as connection:
        connection.execute(sa.text("update job_event set reason = 'another'"))


def test_a_claim_survives_in_a_database_that_was_closed_and_opened_again(store_url: str) -> None:
    first = Store(store_url, 10)
    job = brought_to(first.jobs, State.RUNNING)
    first.close()
    second = Store(store_url, 10)
    assert second.jobs.get(job.id) == job and second.jobs.succeed(job, ME, MADE) is not None
    assert second.jobs.claim(ME, HERE) is None
    second.close()
