"""Two tabs saved the same step: both versions side by side, and nothing lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from generation.spec.nested import value_at
from webapp.htmx import page
from webapp.store.models import WizardSession
from webapp.wizard.answers import Answers
from webapp.wizard.blueprint import step_url
from webapp.wizard.questions import asked
from webapp.wizard.readable import parts_of, readable


def mark_of(values: Mapping[str, Any], section: str) -> str:
    """What a section's saved answers are recognised by."""
    return hashlib.sha256(json.dumps(values.get(section), sort_keys=True).encode()).hexdigest()[:16]


def conflict(current: WizardSession, answers: Answers) -> Response:
    """The page that asks which of the two shall stay; the form holds what was typed."""
    kept = [(name, text) for name, text in request.form.items(multi=True) if name not in ("version", "mark", "go")]
    return page(
        "wizard/conflict.html", status=409, session=current, step=answers.step, rows=differences(current, answers),
        kept=kept, action=step_url(current, answers.step, **{"return": request.args.get("return")}),
        take=step_url(current, answers.step, **{"return": request.args.get("return")}),
    )  # fmt: skip


def differences(current: WizardSession, answers: Answers) -> list[tuple[str, str, str]]:
    """The inputs that differ: label, what was typed, what is saved."""
    rows = []
    for field in asked(answers.step).values():
        mine, saved = (value_at(values, tuple(field.name.split("."))) for values in (answers.values, current.config))
        if mine == saved:
            continue
        parts = parts_of(field, mine), parts_of(field, saved)
        rows += [
            (f"{field.label}: {label}", parts[0].get(label, "–"), parts[1].get(label, "–"))
            for label in parts[0] | parts[1]
            if parts[0].get(label) != parts[1].get(label)
        ] or [(field.label, readable(field, mine), readable(field, saved))]
    return rows
