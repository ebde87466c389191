"""Problems in the words of the page: the label of the question, per cent where the page shows per cent, and a remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from generation.spec.diagnosis import settings_of
from generation.spec.form import FormField, fields
from generation.spec.labels import label_of
from generation.spec.nested import ABSENT, value_at
from generation.spec.places import parts
from generation.spec.problems import Problem
from generation.spec.settings import leaf_at
from webapp.steps import Step

FIELDS: Final = {field.name: field for step in Step for field in fields(step.section)}
"""Every setting that a page may ask for."""


@dataclass(frozen=True)
class Complaint:
    """What a page says about a problem: the settings it concerns, the first of them with the input to mend, and a sentence."""

    names: tuple[str, ...]
    part: str
    text: str

    @property
    def control(self) -> str:
        """The id of the input to mend; empty when no question can mend it."""
        if not self.names:
            return ""
        return "f-" + ".".join([self.names[0], *([self.part] if self.part else [])]).replace(".", "-")

    @property
    def step(self) -> Step | None:
        """Where the input to mend is."""
        section = self.names[0].split(".")[0] if self.names else ""
        return next((step for step in Step if step.section == section), None)


def complaints(problems: Iterable[Problem], values: Mapping[str, Any]) -> list[Complaint]:
    """What pages say about the problems of a draft's values."""
    return [_complaint(problem, values) for problem in problems]


def _complaint(problem: Problem, values: Mapping[str, Any]) -> Complaint:
    if problem.code == "contradiction":
        names = concerned(problem)
        if len(names) == 1 and FIELDS[names[0]].kind == "date":
            return Complaint(names, "", f"{FIELDS[names[0]].label} must be {_ASKED['date']}")
        return Complaint(names, "", _rule(problem, names, values))
    path = parts(problem.pointer)
    leaf = leaf_at(path)
    if leaf is None or leaf.name not in FIELDS:
        return Complaint((), "", _plain(problem))
    field = FIELDS[leaf.name]
    part = ".".join(path[len(leaf.name.split(".")) :])
    if part not in {option.value for option in field.options} or field.kind == "choices":
        part = ""
    return Complaint((leaf.name,), part, _sentence(problem, field, part, value_at(values, tuple(path))))


def concerned(problem: Problem) -> tuple[str, ...]:
    """The settings of a problem, in the order that pages ask for them."""
    names = {".".join(parts(pointer)) for pointer in settings_of(problem)}
    found = tuple(name for name in FIELDS if name in names)
    return found or tuple(name for name in FIELDS if any(name.startswith(f"{other}.") for other in names))[:1]


# One setting


def _sentence(problem: Problem, field: FormField, part: str, value: Any) -> str:
    label = label_of(f"{field.name}.{part}") if part else field.label
    if problem.code in _RANGE:
        return f"{label} must be {_range(field)}; you gave {_number(value, field)}"
    if problem.code.startswith(("int", "float", "date", "finite")) and (field.kind in _ASKED or part):
        asked = "a percentage, like 12.5" if field.in_percent else _ASKED[field.kind]
        return f"{label}: enter {asked}" if value in ("", None, ABSENT) else f"{label} must be {asked}"
    if problem.code == "too_short":
        return f"{label}: choose at least one"
    if problem.code == "target":
        return _on_the_page(problem.message)
    return _relabelled(problem.message.removeprefix(field.name), label)


_RANGE: Final = ("greater_than_equal", "greater_than", "less_than_equal", "less_than")
_ASKED: Final = {
    "whole": "a whole number, like 10,000",
    "real": "a number, like 2.5",
    "share": "a percentage, like 12.5",
    "date": "a date, like 2026-01-01",
}


def _range(field: FormField) -> str:
    low, high = _number(field.minimum, field), _number(field.maximum, field)
    over = field.bounds.startswith(">")
    if field.minimum is None or field.maximum is None:
        return f"at least {low}" if field.maximum is None else f"at most {high}"
    return f"over {low} and at most {high}" if over else f"from {low} to {high}"


def _number(value: Any, field: FormField) -> str:
    if field.in_percent and isinstance(value, (int, float)):
        return f"{value * 100:,.10g}%"
    return f"{value:,.12g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _relabelled(message: str, label: str) -> str:
    """The sentence with the setting called as the page calls it."""
    said = message.lstrip(":. ") if message[:1] in ":." else message.strip()
    joined = f"{label} {said}" if not message.startswith(":") else f"{label}: {said}"
    return joined.replace(", got ''", "")


def _on_the_page(message: str) -> str:
    """What speaks against a target: options of the command line become answers of the page."""
    said = re.sub(r"^output\.[a-z]+: ", "", message)
    said = re.sub(r"use --mode (\w+)", lambda found: f"choose “{label_of(f'output.mode.{found[1]}')}”", said)
    said = said.replace("another --output", "another name").replace("another folder", "another name")
    said = said.replace("an empty or new folder", "another name")
    for name, field in FIELDS.items():
        said = said.replace(name, f"“{field.label}”")
    return said[:1].upper() + said[1:]


def _plain(problem: Problem) -> str:
    return problem.message[:1].upper() + problem.message[1:]


# Rules between settings


def _rule(problem: Problem, names: tuple[str, ...], values: Mapping[str, Any]) -> str:
    said = RULES.get(names)
    if said is not None:
        found = [value_at(values, tuple(name.split("."))) for name in names]
        try:
            return said(*found)
        except (TypeError, ValueError, AttributeError):
            pass
    return _labelled(problem.message, names)


def _labelled(message: str, names: tuple[str, ...]) -> str:
    """The rule's own sentence, with settings called by their labels."""
    said = re.sub(r"^[a-z_.]+: ", "", message)
    for name in sorted(names, key=len, reverse=True):
        for word in (name, name.rpartition(".")[2]):
            said = re.sub(rf"(?<![\w“.]){re.escape(word)}(?![\w”])", f"“{FIELDS[name].label}”", said)
    said = said.replace(" * ", " × ")
    return said[:1].upper() + said[1:]


def _adds_up(label: str) -> Callable[[Any], str]:
    def said(shares: Any) -> str:
        total = 100 * sum(shares.values() if isinstance(shares, Mapping) else shares)
        off = total - 100
        remedy = f"take away {off:.6g}%" if off > 0 else f"add {-off:.6g}%"
        return f"{label} must add up to 100%, and make {total:.6g}%: {remedy}"

    return said


def _surnames(takes: float, hyphenates: float) -> str:
    return (
        f"“{label_of('demographics.wife_takes_surname')}” and “{label_of('demographics.wife_hyphenates')}” make "
        f"{100 * (takes + hyphenates):.6g}% together, over 100%; lower one of them"
    )


def _top_rate(rate: float, lift: float) -> str:
    return (
        f"With this lift the conversion rate rises from {100 * rate:.6g}% to {100 * rate * (1 + lift):.6g}%; "
        "the most is 50%, so lower the conversion rate or the lift"
    )


ADDING_UP: Final = ("households.type_shares", "demographics.identity.emails_per_adult")
"""Shares that make a whole together."""

RULES: Final[dict[tuple[str, ...], Callable[..., str]]] = {
    **{(name,): _adds_up(label_of(name)) for name in ADDING_UP},
    ("demographics.wife_takes_surname", "demographics.wife_hyphenates"): _surnames,
    ("campaigns.measurement.conversion_rate", "campaigns.measurement.lift"): _top_rate,
}
"""Sentences for rules whose own sentence would mix fractions with the page's per cent. Any other rule speaks for itself."""
