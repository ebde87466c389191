"""The settings of a step as questions: what the controls show, what is said about them and what is wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from generation.spec.config import Config
from generation.spec.form import FormField, fields, flattened
from generation.spec.nested import value_at
from webapp.steps import Step
from webapp.wizard.answers import Answers
from webapp.wizard.complaints import ADDING_UP, FIELDS
from webapp.wizard.hints import HINTS, OPTION_HINTS, ROW_LABELS

NOT_ASKED: Final = frozenset({"output.path", "output.engine", "output.target"})
"""Settings of the command line: here the server decides where datasets lie and what makes them."""
MANY = 12

TOGETHER: Final = (
    frozenset({"demographics.wife_takes_surname", "demographics.wife_hyphenates"}),
    frozenset({"engagement.events_per_person_month", "engagement.history_days"}),
    frozenset({"campaigns.mean_frequency", "campaigns.frequency_cap"}),
    frozenset({"campaigns.measurement.conversion_rate", "campaigns.measurement.lift"}),
    frozenset({"output.mode", "output.name"}),
)
"""Settings of one step that a rule ties together: when one is turned, what is said at the others may change."""


@dataclass(frozen=True)
class Sheet:
    """A step's questions. `texts` and `errors` are by name of input, `totals` what shares add up to."""

    fields: Mapping[str, FormField]
    texts: Mapping[str, str]
    errors: Mapping[str, str]
    totals: Mapping[str, float]
    changed: frozenset[str]

    def option_hints(self, name: str) -> list[tuple[str, str, str]]:
        """The choices of a setting that are explained one by one; nothing for other settings."""
        hints = OPTION_HINTS.get(name)
        return [(one.value, one.label, hints.get(one.value, "")) for one in self.fields[name].options] if hints else []

    def row_label(self, name: str) -> str:
        """What the rows of a set of shares are."""
        return ROW_LABELS.get(name, "")

    def tied(self, name: str) -> list[str]:
        """The questions that a rule ties to one."""
        return sorted({other for group in TOGETHER if name in group for other in group} - {name})

    def errs(self, name: str) -> bool:
        """Whether anything is wrong with a setting."""
        return any(self.errors.get(one) for one in (name, *self.fields[name].inputs))


def asked(step: Step) -> dict[str, FormField]:
    """The settings that a step asks for, with what the page says about them."""
    return {field.name: _on_the_page(field) for field in fields(step.section) if field.name not in NOT_ASKED}


def _on_the_page(field: FormField) -> FormField:
    """With the page's own words; many choices in the order of their labels."""
    many = len(field.options) > MANY and field.kind == "choices"
    options = tuple(sorted(field.options, key=lambda option: option.label)) if many else field.options
    return dataclasses.replace(field, help=HINTS.get(field.name, field.help), options=options)


def sheet(answers: Answers) -> Sheet:
    """The questions of the step that is being answered."""
    known = asked(answers.step)
    errors = {name: answers.error_of(name) for name in known}
    for name, field in known.items():
        errors |= {one: answers.error_of_part(name, one[len(name) + 1 :]) for one in field.inputs if one != name}
    return Sheet(known, texts(answers), errors, _totals(answers.values), frozenset(changed(answers.values)))


def texts(answers: Answers) -> dict[str, str]:
    """What the controls show: what was typed, or else what is saved."""
    typed = {}
    for name, several in answers.typed.items():
        is_set = name in FIELDS and FIELDS[name].kind == "choices"
        typed[name] = ", ".join(text for text in several if text) if is_set else several[-1]
    return flattened(answers.values) | typed


def _totals(values: Mapping[str, Any]) -> dict[str, float]:
    """What shares add up to, unless some of them are no numbers."""
    totals = {}
    for name in ADDING_UP:
        saved = value_at(values, tuple(name.split(".")))
        parts = list(saved.values()) if isinstance(saved, Mapping) else list(saved) if isinstance(saved, list) else []
        if parts and all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in parts):
            totals[name] = float(sum(parts))
    return totals


def changed(values: Mapping[str, Any]) -> set[str]:
    """The settings whose values are not the defaults."""
    own, usual = flattened(values), _defaults()
    return {field.name for field in FIELDS.values() if any(own.get(name) != usual.get(name) for name in field.inputs)}


@cache
def _defaults() -> dict[str, str]:
    return flattened(Config())
