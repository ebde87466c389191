"""Two jobs side by side: what was asked for, what came out."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from webapp import runner
from webapp.auth import current_user
from webapp.errors import Refused
from webapp.filters import number
from webapp.htmx import page
from webapp.jobs.blueprint import blueprint, hands
from webapp.jobs.distributions import side_by_side
from webapp.store.models import Job


@blueprint.get("/jobs/compare")
def compare() -> Response:
    """The page for the two jobs that the address names as `job`, or as `a` and `b`."""
    ids = request.args.getlist("job") or [request.args.get("a", ""), request.args.get("b", "")]
    if len(set(filter(None, ids))) != 2:
        raise Refused(
            422, "not_two_jobs", f"{len(set(filter(None, ids)))} jobs were chosen; tick exactly two in the history"
        )
    left, right = (runner.visible(hands(), current_user(), job_id) for job_id in ids)
    settings = _settings(left, right)
    return page(
        "jobs/compare.html",
        left=left,
        right=right,
        changed=[row for row in settings if row[1] != row[2]],
        same=[row for row in settings if row[1] == row[2]],
        tables=_tables(left, right),
        distributions=side_by_side(left, right),
    )


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted names and values of a nested mapping."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


def _settings(left: Job, right: Job) -> list[tuple[str, str, str]]:
    one, other = flat(left.config), flat(right.config)
    return [(name, _said(one.get(name)), _said(other.get(name))) for name in one | other if name != "output.path"]


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return (
        "–" if value is None else f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    )


def _tables(left: Job, right: Job) -> list[list[Any]]:
    """Rows on both sides, their difference, and whether the fingerprints are equal."""
    one, other = ((job.manifest or {}).get("tables", {}) for job in (left, right))
    rows = []
    for name in one | other:
        a, b = one.get(name), other.get(name)
        if a is None or b is None:
            rows.append([name, number(a and a["rows"]), number(b and b["rows"]), "–", "–"])
            continue
        equal = a["fingerprint"] is not None and a["fingerprint"] == b["fingerprint"]
        rows.append(
            [
                name,
                number(a["rows"]),
                number(b["rows"]),
                f"{b['rows'] - a['rows']:+,}",
                "equal" if equal else "different",
            ]
        )
    return rows
