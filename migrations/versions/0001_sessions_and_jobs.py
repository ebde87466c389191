"""Wizard sessions, jobs and what happened to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TAKEN = sa.text("finished_at is null or (state = 'succeeded' and published_at is null)")


def upgrade() -> None:
    op.create_table('job',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('owner', sa.String(length=200), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('idempotency_key', sa.String(length=200), nullable=True),
    sa.Column('request_hash', sa.String(length=64), nullable=False),
    sa.Column('session_id', sa.String(length=36), nullable=True),
    sa.Column('parent_id', sa.String(length=36), nullable=True),
    sa.Column('shared', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('backend', sa.String(length=20), nullable=False),
    sa.Column('target', sa.String(length=1000), nullable=False),
    sa.Column('config', JSON, nullable=False),
    sa.Column('config_hash', sa.String(length=64), nullable=False),
    sa.Column('households', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('max_attempts', sa.Integer(), nullable=False),
    sa.Column('shutdowns', sa.Integer(), server_default='0', nullable=False),
    sa.Column('holder', sa.String(length=200), nullable=True),
    sa.Column('lease_until', sa.Double(), nullable=True),
    sa.Column('host', sa.String(length=200), nullable=True),
    sa.Column('processes', JSON, nullable=True),
    sa.Column('not_before', sa.Double(), server_default='0', nullable=False),
    sa.Column('progress', JSON, nullable=True),
    sa.Column('rows', sa.BigInteger(), nullable=True),
    sa.Column('error', JSON, nullable=True),
    sa.Column('manifest_hash', sa.String(length=64), nullable=True),
    sa.Column('manifest', JSON, nullable=True),
    sa.Column('certificate', JSON, nullable=True),
    sa.Column('request_id', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('started_at', sa.Double(), nullable=True),
    sa.Column('cancel_at', sa.Double(), nullable=True),
    sa.Column('finished_at', sa.Double(), nullable=True),
    sa.Column('published_at', sa.Double(), nullable=True),
    sa.CheckConstraint("(state = 'failed') = (error is not null)", name=op.f('ck_job_error_when_failed')),
    sa.CheckConstraint("(state = 'succeeded') = (manifest_hash is not null)", name=op.f('ck_job_manifest_when_succeeded')),
    sa.CheckConstraint("(state in ('cancelled', 'failed', 'succeeded')) = (finished_at is not null)", name=op.f('ck_job_finished_when_ended')),
    sa.CheckConstraint("(state in ('cancelling', 'running')) = (holder is not null)", name=op.f('ck_job_holder_while_held')),
    sa.CheckConstraint("(state in ('cancelling', 'running')) = (lease_until is not null)", name=op.f('ck_job_lease_while_held')),
    sa.CheckConstraint("published_at is null or state = 'succeeded'", name=op.f('ck_job_published_after_success')),
    sa.CheckConstraint("state in ('cancelled', 'cancelling', 'failed', 'queued', 'running', 'succeeded')", name=op.f('ck_job_state_known')),
    sa.CheckConstraint('attempt >= 0 and attempt <= max_attempts + shutdowns', name=op.f('ck_job_attempts_in_bounds')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('owner', 'idempotency_key', name=op.f('uq_job_owner_idempotency_key'))
    )
    op.create_index('ix_job_host', 'job', ['host'], unique=False)
    op.create_index('ix_job_created_at', 'job', ['created_at'], unique=False)
    op.create_index('ix_job_owner_job_created_at', 'job', ['owner', 'created_at'], unique=False)
    op.create_index('ix_job_owner_job_state_job_created_at', 'job', ['owner', 'state', 'created_at'], unique=False)
    op.create_index('ix_job_state_job_lease_until', 'job', ['state', 'lease_until'], unique=False)
    op.create_index('ix_job_target_job_finished_at', 'job', ['target', 'finished_at'], unique=False)
    op.create_index('uq_job_target_taken', 'job', ['target'], unique=True, sqlite_where=TAKEN, postgresql_where=TAKEN)

    op.create_table('wizard_session',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('owner', sa.String(length=200), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('config', JSON, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=20), nullable=False),
    sa.Column('origin', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('updated_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wizard_session'))
    )
    op.create_index('ix_wizard_session_owner_wizard_session_updated_at', 'wizard_session', ['owner', 'updated_at'], unique=False)

    op.create_table('job_event',
    sa.Column('n', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('job_id', sa.String(length=36), nullable=False),
    sa.Column('before', sa.String(length=10), nullable=True),
    sa.Column('after', sa.String(length=10), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('at', sa.Double(), nullable=False),
    sa.Column('actor', sa.String(length=200), nullable=False),
    sa.Column('reason', sa.String(length=2000), nullable=True),
    sa.CheckConstraint("after in ('cancelled', 'cancelling', 'failed', 'queued', 'running', 'succeeded')", name=op.f('ck_job_event_after_known')),
    sa.CheckConstraint("before is null or before in ('cancelled', 'cancelling', 'failed', 'queued', 'running', 'succeeded')", name=op.f('ck_job_event_before_known')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_event_job_id_job'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('n', name=op.f('pk_job_event'))
    )
    op.create_index('ix_job_event_job_id', 'job_event', ['job_id'], unique=False)
    _protect()


def downgrade() -> None:
    _unprotect()
    op.drop_index('ix_job_event_job_id', table_name='job_event')

    op.drop_table('job_event')
    op.drop_index('ix_wizard_session_owner_wizard_session_updated_at', table_name='wizard_session')

    op.drop_table('wizard_session')
    op.drop_index('uq_job_target_taken', table_name='job', sqlite_where=TAKEN, postgresql_where=TAKEN)
    op.drop_index('ix_job_target_job_finished_at', table_name='job')
    op.drop_index('ix_job_state_job_lease_until', table_name='job')
    op.drop_index('ix_job_owner_job_state_job_created_at', table_name='job')
    op.drop_index('ix_job_owner_job_created_at', table_name='job')
    op.drop_index('ix_job_host', table_name='job')
    op.drop_index('ix_job_created_at', table_name='job')

    op.drop_table('job')


PROTECTED = (
    ("job_ended_stays", "job", "old.finished_at is not null and new.state <> old.state", "an ended job keeps its state"),
    ("job_event_stays", "job_event", "1 = 1", "an event is never changed"),
)
"""Trigger, table, condition of an update that is refused, and why: no code path may rewrite what happened."""


def _protect() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for name, table, condition, reason in PROTECTED:
        if postgres:
            op.execute(
                f"create function {name}() returns trigger language plpgsql as "
                f"$$ begin if {condition} then raise exception '{reason}' using errcode = '23514'; end if; return new; end $$"
            )
            op.execute(f"create trigger {name} before update on {table} for each row execute function {name}()")
        else:
            op.execute(
                f"create trigger {name} before update on {table} when {condition} begin select raise(abort, '{reason}'); end"
            )


def _unprotect() -> None:
    for name, table, _, _ in PROTECTED:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"drop trigger {name} on {table}")
            op.execute(f"drop function {name}()")
        else:
            op.execute(f"drop trigger {name}")
