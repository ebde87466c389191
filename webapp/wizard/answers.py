"""A draft as a step sees it: its values with what was just typed over them, and everything that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from generation.spec.config import Config
from generation.spec.diagnosis import every_problem
from generation.spec.files import merged
from generation.spec.form import values_from_form
from generation.spec.nested import value_at, with_value
from generation.spec.problems import Problem, validated
from webapp import runner
from webapp.services import Services
from webapp.steps import Step
from webapp.store.models import WizardSession
from webapp.wizard.complaints import FIELDS, Complaint, complaints

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Answers:
    """`typed` has the texts of the inputs that were posted; what they mean is in `values` already."""

    step: Step
    values: dict[str, Any]
    typed: Mapping[str, list[str]] = field(default_factory=dict)
    here: tuple[Problem, ...] = ()
    """Why a valid configuration cannot run here; only the last step asks for it."""

    @cached_property
    def problems(self) -> list[Problem]:
        """Everything that is wrong with the draft."""
        return every_problem(self.values) or list(self.here)

    @cached_property
    def config(self) -> Config | None:
        """The configuration; None as long as anything is wrong with it."""
        return None if every_problem(self.values) else validated(self.values)

    @cached_property
    def complaints(self) -> list[Complaint]:
        """All problems in the page's words."""
        return complaints(self.problems, self.values)

    @property
    def blocking(self) -> list[Complaint]:
        """The complaints that keep the step from being left: its own. What two steps disagree on is the later one's to
        mend, so that both can be changed; the last step answers for everything.
        """
        return [one for one in self.complaints if self.step is Step.REVIEW or _home(one) is self.step]

    @property
    def ahead(self) -> list[Complaint]:
        """Complaints that another step will have to mend."""
        return [one for one in self.complaints if _home(one) is not self.step]

    def error_of(self, name: str) -> str:
        """What is wrong with a setting as a whole."""
        return "; ".join(dict.fromkeys(one.text for one in self.complaints if name in one.names and not one.part))

    def error_of_part(self, name: str, part: str) -> str:
        """What is wrong with one of a setting's inputs."""
        return "; ".join(one.text for one in self.complaints if one.names == (name,) and one.part == part)


def _home(complaint: Complaint) -> Step | None:
    """The last step whose settings a complaint concerns."""
    sections = {name.split(".")[0] for name in complaint.names}
    concerned = [step for step in Step if step.section in sections]
    return concerned[-1] if concerned else Step.REVIEW


def stored(session: WizardSession, step: Step) -> Answers:
    """The draft as it was saved."""
    return Answers(step, session.config)


def posted(session: WizardSession, step: Step, pairs: Pairs) -> Answers:
    """The draft with a step's form over it. Saved with JSON's types, so that equal drafts are equal values."""
    pairs = [(name, _storable(text)) for name, text in pairs]
    typed: dict[str, list[str]] = {}
    for name, text in pairs:
        if name.startswith(f"{step.section}."):
            typed.setdefault(name, []).append(text)
    values = merged(session.config, values_from_form(pairs, step.section))
    values = _in_saved_order(json.loads(json.dumps(values)), session.config)
    return Answers(step, _tidy(values), typed)


def _in_saved_order(values: dict[str, Any], saved: Mapping[str, Any]) -> dict[str, Any]:
    """Sets of names in the order they were saved in, new ones last: ticking boxes says nothing about an order."""
    for name, known_field in FIELDS.items():
        path = tuple(name.split("."))
        now, before = value_at(values, path), value_at(saved, path)
        if known_field.kind == "choices" and isinstance(now, list) and isinstance(before, list) and now != before:
            known = [*before, *sorted(option.value for option in known_field.options)]
            values = with_value(values, path, sorted(now, key=lambda one: known.index(one) if one in known else 0))
    return values


def _tidy(values: dict[str, Any]) -> dict[str, Any]:
    """The values as their configuration writes them; as they are while something is wrong with them."""
    return values if every_problem(values) else validated(values).model_dump(mode="json")


def _storable(text: str) -> str:
    """Text that every database keeps; browsers end lines with two characters."""
    return text.replace("\0", "\ufffd").replace("\r\n", "\n")


def with_target(services: Services, answers: Answers) -> Answers:
    """The answers, with what speaks against running them here."""
    config = answers.config
    here = tuple(runner.problems_here(services, config)) if config else ()
    return Answers(answers.step, answers.values, answers.typed, here)
