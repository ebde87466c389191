"""Rows for migrations: some of every version to be kept, and one for every rule to be refused."""

from __future__ import annotations

import json
from typing import Any

CONFIG = json.dumps({"output": {"name": "one"}})

SEEDS: dict[str, dict[str, str]] = {
    "0001": {
        "job": (
            "insert into job (id, owner, name, idempotency_key, request_hash, backend, target, config, config_hash, households, "
            "state, attempt, max_attempts, created_at, finished_at, manifest_hash, manifest) values "
            f"('j', 'ann', 'one', 'k', 'r', 'local', '/d/one', '{CONFIG}', 'c', 100, "
            "'succeeded', 1, 3, 1.5, 2.5, 'm', '{\"serial\": 1}')"
        ),
        "job_event": (
            "insert into job_event (job_id, before, after, attempt, at, actor, reason) values "
            "('j', null, 'queued', 0, 1.5, 'api', 'submitted')"
        ),
        "wizard_session": (
            "insert into wizard_session (id, owner, name, config, version, step, origin, created_at, updated_at) values "
            f"('s', 'ann', 'one', '{CONFIG}', 3, 'review', 'file', 1.5, 2.5)"
        ),
    },
}
"""A row a table by the version that the table has then. A version without new tables or columns has an empty entry."""

ILLEGAL: dict[str, tuple[str, dict[str, Any]]] = {
    "ck_job_state_known": ("job", {"state": "lost"}),
    "ck_job_lease_while_held": ("job", {"state": "running", "holder": "me"}),
    "ck_job_holder_while_held": ("job", {"state": "running", "lease_until": 1.0}),
    "ck_job_finished_when_ended": ("job", {"state": "cancelled"}),
    "ck_job_manifest_when_succeeded": ("job", {"state": "succeeded", "finished_at": 2.0}),
    "ck_job_error_when_failed": ("job", {"state": "failed", "finished_at": 2.0}),
    "ck_job_published_after_success": ("job", {"published_at": 2.0}),
    "ck_job_attempts_in_bounds": ("job", {"attempt": 4}),
    "ck_job_event_after_known": ("job_event", {"after": "lost"}),
    "ck_job_event_before_known": ("job_event", {"before": "lost"}),
}
"""For every rule of the tables, a row that breaks it and no other: what differs from a good one."""
