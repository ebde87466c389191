"""What a draft will make, while it is being answered: rows, bytes and time, what speaks against them, and what they mean."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generation.spec.config import Config
from generation.spec.estimate import Estimate
from generation.spec.meaning import Meaning, charts_for
from generation.spec.memory import fitting_unit, machine_memory
from generation.spec.problems import InvalidConfig, validated
from generation.spec.rates import ROWS_PER_SECOND
from webapp.filters import duration, number, size
from webapp.forecast import forecast_here
from webapp.services import Services
from webapp.steps import Step
from webapp.store.models import WizardSession
from webapp.wizard.answers import Answers

LONG_SECONDS = 600.0
TIGHT = 0.5
"""A dataset that takes more of the free disk is worth a warning."""

FEW_CONVERSIONS = 100


@dataclass(frozen=True)
class Caution:
    """Something to think about before generating, and the questions to turn."""

    title: str
    text: str
    step: Step


@dataclass(frozen=True)
class Outlook:
    """`is_current` says that what was typed is in it; otherwise it is about the draft as it was saved. `memory` is that of
    this machine that is needed; None where another one generates.
    """

    estimate: Estimate
    memory: int | None
    cautions: tuple[Caution, ...]
    charts: tuple[Meaning, ...]
    is_current: bool


def outlook(services: Services, session: WizardSession, answers: Answers) -> Outlook | None:
    """The outlook of a draft, as far as it can be told; None for a draft that was saved with mistakes."""
    config = answers.config or _saved(session)
    if config is None:
        return None
    made = forecast_here(services, config)
    charts = () if answers.step is Step.REVIEW else charts_for(answers.step.section, config)
    here = services.backend.name != "databricks"
    cautious = tuple(cautions(services, config, made))
    return Outlook(made, made.memory if here else None, cautious, charts, answers.config is not None)


def _saved(session: WizardSession) -> Config | None:
    try:
        return validated(session.config)
    except InvalidConfig:
        return None


def cautions(services: Services, config: Config, made: Estimate) -> list[Caution]:
    """What speaks against a configuration, the worst first."""
    found = [
        _room(services, config, made),
        _memory(services, config, made),
        _patience(config, made),
        _conversions(config, made),
    ]
    return [caution for caution in found if caution is not None]


def _room(services: Services, config: Config, made: Estimate) -> Caution | None:
    if services.backend.name == "databricks":
        return None
    free = free_bytes(services.settings.datasets_dir)
    if made.bytes <= TIGHT * free:
        return None
    fitting = int(config.households.count * 0.9 * free / made.bytes)
    title = "There is not enough room" if made.bytes > free else "The disk gets tight"
    text = f"The dataset takes about {size(made.bytes)}, and {size(free)} are free."
    knob = knob_of({name: table.bytes for name, table in made.tables.items()}, made)
    return Caution(title, f"{text} {knob.text} Or lower Households: about {number(fitting)} fit.", knob.step)


def _memory(services: Services, config: Config, made: Estimate) -> Caution | None:
    there = machine_memory()
    if services.backend.name == "databricks" or there is None or made.memory <= there:
        return None
    text = f"A run takes about {size(made.memory)} of memory, and this machine has {size(there)}."
    fitting = fitting_unit(there)
    advice = (
        f"Lower Households per unit of work: {number(fitting)} fit." if fitting else "Generate on a larger machine."
    )
    return Caution("There is not enough memory", f"{text} {advice}", Step.REVIEW)


def _patience(config: Config, made: Estimate) -> Caution | None:
    if made.seconds < LONG_SECONDS:
        return None
    quick = int(config.households.count * LONG_SECONDS / made.seconds)
    knob = knob_of({name: table.rows / ROWS_PER_SECOND[name] for name, table in made.tables.items()}, made)
    text = f"It takes about {duration(made.seconds)}. {knob.text} Or lower Households: {number(quick)} take about "
    return Caution("This takes a while", text + f"{duration(LONG_SECONDS)}.", knob.step)


def _conversions(config: Config, made: Estimate) -> Caution | None:
    rows = made.tables["conversions"].rows
    if not config.campaigns.count or rows >= FEW_CONVERSIONS:
        return None
    text = (
        f"About {number(rows)} conversions in all are too few to measure a lift. More households, a higher conversion "
        "rate or more eligible adults give more."
    )
    return Caution("Few conversions", text, Step.CAMPAIGNS)


@dataclass(frozen=True)
class Knob:
    """Which questions make a dataset smaller, and where they are asked."""

    text: str
    step: Step


LARGE: Final = {
    "content_engagements": ("lower Events per person or the History window", Step.ENGAGEMENT),
    "campaign_exposures": ("lower Mean frequency or the number of Campaigns", Step.CAMPAIGNS),
    "campaign_assignments": ("lower Eligible adults or the number of Campaigns", Step.CAMPAIGNS),
    "identity_mappings": ("lower Known identifiers, or lengthen the Cookie lifetime", Step.DEMOGRAPHICS),
}
"""By table: the questions that decide how many rows it has a household."""


def knob_of(costs: Mapping[str, float], made: Estimate) -> Knob:
    """The questions to turn for the table that costs most."""
    name = max(LARGE, key=lambda table: costs[table])
    says, step = LARGE[name]
    return Knob(f"Most of it is {name} ({number(made.tables[name].rows)} rows): {says}.", step)


def free_bytes(folder: Path) -> int:
    """Free bytes where a folder is, or will be."""
    existing = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    return shutil.disk_usage(existing).free
