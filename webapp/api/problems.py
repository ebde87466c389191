"""Every problem the APIs answer with: its status, and what it means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of problem: the last part of its `type`, its status, and what to do about it."""

    code: str
    status: int
    says: str


KINDS = (
    Kind("malformed_json", 400, "The body is not JSON; `detail` says at which line and column."),
    Kind("bad_header", 400, "The header Idempotency-Key cannot be used; send 1 to 200 visible ASCII characters."),
    Kind("unknown_host", 400, "The server answers to 127.0.0.1 and localhost only; set HOST to open it to others."),
    Kind("not_signed_in", 401, "The request names no user; open the app through your workspace."),
    Kind("cross_origin", 403, "The request came from another site's page."),
    Kind("not_permitted", 403, "You, or the principal that writes, lack privileges; `errors` hold the GRANT statements."),
    Kind("not_your_job", 403, "The job is shared with you to look at; only its owner may change it."),
    Kind("not_found", 404, "There is nothing at this address; ids are UUIDs with their dashes."),
    Kind("no_such_session", 404, "There is no such draft, or it is somebody else's."),
    Kind("no_such_step", 404, "The wizard has no such step."),
    Kind("no_such_job", 404, "There is no such job, or it is somebody else's."),
    Kind("method_not_allowed", 405, "The address does not take that method; the header Allow names those it takes."),
    Kind("stale_version", 409, "The draft was saved since; the problem holds `version`, `step` and `config` as they are now."),
    Kind("target_in_use", 409, "Another job still writes to the dataset of that name; wait, cancel it, or change output.name."),
    Kind("target_of_another", 409, "The dataset of that name belongs to somebody else; change output.name."),
    Kind("not_finished", 409, "The job has not ended; ask again after the seconds in Retry-After."),
    Kind("no_result", 409, "The job failed or was cancelled, so there is no result; `detail` says how it ended."),
    Kind("already_ended", 409, "The job has ended; nothing is left to cancel."),
    Kind("dataset_gone", 410, "The job succeeded, but its dataset was deleted or moved; generate it again."),
    Kind("length_required", 411, "A form must say how long it is; send it with a Content-Length."),
    Kind("request_entity_too_large", 413, "The body has more than a million bytes; a configuration has a few thousand."),
    Kind("unsupported_media_type", 415, "The body must be JSON; send Content-Type: application/json."),
    Kind("invalid_body", 422, "The body has the wrong shape; `errors` point into the body."),
    Kind("invalid_config", 422, "The configuration has problems; `errors` point into the configuration."),
    Kind("key_reused", 422, "The idempotency key stands for another configuration; use a new key for a new job."),
    Kind("too_many_jobs", 429, "You have as many waiting jobs as allowed; ask again after the seconds in Retry-After."),
    Kind("internal_error", 500, "Something went wrong on the server, and nothing was changed; try again."),
    Kind("database_unavailable", 503, "The database cannot be reached; ask again after the seconds in Retry-After."),
    Kind("rights_unknown", 503, "Your privileges could not be found out; ask again after the seconds in Retry-After."),
    Kind("not_ready", 503, "The database cannot be reached or is not migrated; ask again after the seconds in Retry-After."),
)  # fmt: skip

BY_CODE = {kind.code: kind for kind in KINDS}

EVERYWHERE = ("unknown_host", "internal_error")
"""Codes of every endpoint."""
OF_USERS = ("not_signed_in", "database_unavailable")
"""Codes of every endpoint that works for a user."""
OF_CHANGES = ("cross_origin",)
"""Codes of every endpoint that changes something."""
OF_BODIES = ("malformed_json", "request_entity_too_large", "unsupported_media_type", "invalid_body")
"""Codes of every endpoint that takes a body."""
WITH_RETRY_AFTER = frozenset(
    {"target_in_use", "not_finished", "too_many_jobs", "database_unavailable", "not_ready", "rights_unknown"}
)
"""Problems that pass: their answers have the header Retry-After."""
